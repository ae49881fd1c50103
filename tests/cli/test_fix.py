"""`lrdsl check --fix` and `--diff`: what is mended, what is said, and what is left alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write

# Safe slips, beside a name that could be meant in two ways.
TEXT = "# ours\nlet n = 5 ep\nwarmup (n) |> cosin(20) > const\n"
FIXED = "# ours\nlet n = 5ep\nwarmup(n) >> cosin(20) >> const\n"


def test_safe_fixes_are_made_and_the_rest_is_reported(run: Run, write: Write) -> None:
    name = write("a.lrs", TEXT)
    done = run("check", "--fix", name)
    assert Path(name).read_text() == FIXED
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "fixed: a.lrs:3:12: LRS103 write `>>`",
        "fixed: a.lrs:2:11: LRS101 write `5ep`",
        "fixed: a.lrs:3:1: LRS107 remove the space",
        "fixed: a.lrs:3:24: LRS108 write `>>`",
        "note: 1 finding is left for you: 1 has a fix that may change what the schedule does",
    ]
    assert done.stdout.count("error[") == 1
    assert "did you mean `cosine`?" in done.stdout


def test_slips_of_one_statement_are_fixed_each_by_itself(run: Run, write: Write) -> None:
    name = write("a.lrs", "warmup(5 ep) -> cosine(20 ep) ;\n")
    done = run("check", "--fix", name)
    assert Path(name).read_text() == "warmup(5ep) >> cosine(20ep) \n"
    assert done.stderr.splitlines()[:3] == [
        "fixed: a.lrs:1:10: LRS101 write `5ep`",
        "fixed: a.lrs:1:15: LRS101 write `>>`",
        "fixed: a.lrs:1:31: LRS103 delete it",
    ]


def test_a_certain_slip_is_fixed_beside_one_that_is_not_understood(run: Run, write: Write) -> None:
    name = write("a.lrs", "warmup(5 ep) -> cosine(20 @ 3)\n")
    done = run("check", "--fix", name)
    assert Path(name).read_text() == "warmup(5ep) >> cosine(20 @ 3)\n"
    assert done.stdout.count("error[") == 1
    assert done.stderr.endswith("note: 1 finding is left for you: 1 has no fix\n")


def test_what_is_left_is_counted_over_all_files(run: Run, write: Write) -> None:
    write("a.lrs", "cosin(20) >> warmup(9) >> const(0.1)\n")
    write("b.lrs", "warmup(5) >> linear(5, 0.1, 0.2) >> 1\n")
    for option in ("--fix", "--diff"):
        notes = [n for n in run("check", option, ".").stderr.splitlines() if "note:" in n]
        assert notes == [
            "note: 3 findings are left for you: 3 have fixes that may change what the schedule does"
        ]


def test_a_file_that_is_right_then_ends_with_status_0(run: Run, write: Write) -> None:
    name = write("a.lrs", "warmup(5 st) >> cosine(20)\n")
    done = run("check", "--fix", name)
    assert (done.exit_code, done.stdout) == (0, "")
    assert Path(name).read_text() == "warmup(5st) >> cosine(20)\n"
    again = run("check", "--fix", name)
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "text",
    [
        "cosin(20)\n",  # a guess
        "const(0.1)\n",  # two ways out
        "warmup(5), cosine(20)\n",
        "warmup(1,000)\n",
        "warmup(5ep) >> cosine(30)\n",  # epochs or steps: a lint
    ],
)
def test_what_could_be_meant_otherwise_is_left_alone(run: Run, write: Write, text: str) -> None:
    name = write("a.lrs", text)
    options = ["--steps-per-epoch", "10", "--select", "bare-steps"]
    done = run("check", "--fix", name, *options)
    assert Path(name).read_text() == text
    assert "fixed" not in done.stderr
    found = json.loads(run("check", "--format", "json", name, *options).stdout)
    (diagnostic,) = found["diagnostics"]
    assert diagnostic["fixes"]
    assert not any(fix["safe"] for fix in diagnostic["fixes"])


def test_bytes_that_no_fix_is_about_stay_as_they_are(run: Run, write: Write) -> None:
    data = "\ufeff# é学🚀\r\nwarmup (5)\r\n>> const".encode()
    name = write("a.lrs", data)
    assert run("check", "--fix", name).exit_code == 0
    assert Path(name).read_bytes() == data.replace(b" (5)", b"(5)")


def test_a_file_that_is_not_utf_8_is_not_written(run: Run, write: Write) -> None:
    data = b"# \xff\nwarmup (5)\n"
    name = write("a.lrs", data)
    done = run("check", "--fix", name)
    assert done.exit_code == 2
    assert done.stderr == "lrdsl: cannot read a.lrs: it is not UTF-8, or has changed meanwhile\n"
    assert Path(name).read_bytes() == data


def test_a_file_that_is_given_twice_is_fixed_once(run: Run, write: Write) -> None:
    name = write("a.lrs", "warmup (5)\n")
    done = run("check", "--fix", name, name)
    assert (done.exit_code, done.stderr) == (0, "fixed: a.lrs:1:1: LRS107 remove the space\n")


def test_a_folder(run: Run, write: Write) -> None:
    for name in ("a.lrs", "b.lrs"):
        write(name, "warmup (5)\n")
    assert run("check", "--fix", ".").exit_code == 0
    assert [Path(name).read_text() for name in ("a.lrs", "b.lrs")] == ["warmup(5)\n"] * 2


@pytest.mark.parametrize("given", [["-e", "warmup (5)"], ["-"]])
def test_what_is_no_file_cannot_be_fixed(run: Run, given: list[str]) -> None:
    done = run("check", "--fix", *given, input="warmup (5)\n")
    assert done.exit_code == 2
    assert "--fix changes files" in done.stderr


def test_a_schedule_in_a_config_is_left_alone_and_said_to_be(run: Run, write: Write) -> None:
    text = "schedule: warmup (5) >> const\n"
    name = write("run.yaml", text)
    done = run("check", "--fix", "--key", "schedule", name)
    assert done.exit_code == 1
    assert done.stderr == "note: run.yaml:1:11 is in a config, where nothing is fixed\n"
    assert "LRS107" in done.stdout
    assert Path(name).read_text() == text


def test_a_diff_writes_nothing_and_is_one_that_git_applies(run: Run, write: Write) -> None:
    name = write("a.lrs", TEXT)
    done = run("check", "--diff", name)
    assert done.exit_code == 1
    assert Path(name).read_text() == TEXT
    assert "did you mean `cosine`?" in done.stderr
    if shutil.which("git"):
        subprocess.run(["git", "apply", "-p0"], input=done.stdout.encode(), check=True)
        assert Path(name).read_text() == FIXED


def test_a_diff_of_a_right_text_is_empty(run: Run) -> None:
    done = run("check", "--diff", "-e", "warmup(5) >> const")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    shown = run("check", "--diff", "-", input="warmup (5)")
    assert shown.exit_code == 1
    assert "+warmup(5)\n" in shown.stdout


@pytest.mark.parametrize("command", ["check", "preview", "explain"])
def test_a_schedule_that_is_taken_for_a_file(run: Run, command: str) -> None:
    done = run(command, "warmup(5) >> cosine(20)")
    assert done.exit_code == 2
    assert done.stderr.endswith(f"write: lrdsl {command} -e 'warmup(5) >> cosine(20)'\n")


def test_a_schedule_that_is_taken_for_a_file_where_only_files_are(run: Run) -> None:
    done = run("fmt", "warmup(5)>>const")
    assert done.exit_code == 2
    assert done.stderr.endswith(
        "put the schedule in a file, or write: echo 'warmup(5)>>const' | lrdsl fmt -\n"
    )
    assert run("fmt", "-", input="warmup(5)>>const").stdout == "warmup(5) >> const\n"
    compared = run("diff", "warmup(5)", "cosine(5)")
    assert compared.exit_code == 2
    for line, text in zip(compared.stderr.splitlines(), ("warmup(5)", "cosine(5)"), strict=True):
        assert line.endswith(f"; to give a schedule here, write: lrdsl diff -e '{text}'")
    assert "no-such.lrs: No such file or directory\n" in run("fmt", "no-such.lrs").stderr


@pytest.mark.parametrize("word", ["resnet.lrs", "a (copy).lrs", "runs>2.lrs"])
def test_a_file_that_is_not_there_is_not_taken_for_a_schedule(run: Run, word: str) -> None:
    done = run("check", word)
    assert done.stderr == f"lrdsl: cannot read {word}: No such file or directory\n"


def test_a_quote_in_a_schedule_is_quoted_for_the_shell(run: Run) -> None:
    done = run("check", "lr['a']: const(5)")
    assert done.stderr.endswith("-e 'lr['\\''a'\\'']: const(5)'\n")
