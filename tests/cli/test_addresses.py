"""`config.yaml:optimizer.schedule` names one schedule of a config, for every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrdsl import files
from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads

TWO = (
    "trainer: {epochs: 30}\n"
    "optimizer:\n  schedule: warmup(5ep) >> cosine(25ep, 0.4)\n"
    "finetune:\n  schedule: linear(9ep, 1e-3)\n"
)
RUN = ("--steps-per-epoch", "10")
KEY = ("--key", "**.schedule")


def test_explain(run: Run, write: Write) -> None:
    write("a.yaml", TWO)
    write("a.lrs", "linear(9ep, 1e-3)\n")
    done = run("explain", "a.yaml:finetune.schedule", *RUN)
    assert (done.output, done.exit_code) == (run("explain", "a.lrs", *RUN).output, 0)
    # The run is the one of the config, as `check` finds it.
    done = run("explain", "a.yaml:optimizer.schedule", *RUN, "--total-from", "trainer.epochs=ep")
    assert done.stdout.startswith("lr: warms up from 0 to 0.4 over 50 steps")


def test_explain_tells_of_every_schedule_of_a_config(run: Run, write: Write) -> None:
    done = run("explain", write("a.yaml", TWO), *KEY, *RUN)
    heads = [line for line in done.stdout.splitlines() if line.startswith("a.yaml")]
    assert (heads, done.exit_code) == (["a.yaml:3:13:", "a.yaml:5:13:"], 0)


def test_explain_points_into_the_config(run: Run, write: Write) -> None:
    done = run("explain", write("a.yaml", "x: 1\nschedule: cosin(5)\n"), *KEY)
    assert heads(done.stdout) == ["LRS201 a.yaml:2:11"]
    assert done.exit_code == 1


def test_preview(run: Run, write: Write, tmp_path: Path) -> None:
    write("a.yaml", TWO)
    done = run("preview", "a.yaml:finetune.schedule", *RUN, "-o", "curve.csv")
    assert (done.output, done.exit_code) == ("", 0)
    rows = (tmp_path / "curve.csv").read_text("utf-8").splitlines()
    assert float(rows[1].rsplit(",", 1)[1]) == 1e-3


def test_check_reports_this_schedule_alone(run: Run, write: Write) -> None:
    write("a.yaml", TWO.replace("cosine", "cosin").replace("linear", "liner"))
    assert heads(run("check", "a.yaml", *KEY).stdout) == [
        "LRS201 a.yaml:3:28",
        "LRS201 a.yaml:5:13",
    ]
    assert heads(run("check", "a.yaml:finetune.schedule", *KEY).stdout) == ["LRS201 a.yaml:5:13"]
    # A schedule that is named needs no --key, nor does the table around it, with one that has.
    assert heads(run("check", "a.yaml:finetune.schedule").stdout) == ["LRS201 a.yaml:5:13"]
    assert heads(run("check", "a.yaml:finetune", *KEY).stdout) == ["LRS201 a.yaml:5:13"]


def test_the_call_around_a_schedule(run: Run, write: Write) -> None:
    call = "scheduler:\n  _target_: lrdsl.compile\n  source: cosine(20, 0.4, 0.1)\n  total: 30\n"
    write("a.yaml", f"{call}  totl: 5\nother: {{_target_: lrdsl.compile, totl: 5}}\n")
    for named in ("scheduler", "scheduler.source"):
        done = run("check", f"a.yaml:{named}")
        assert heads(done.stdout) == ["LRS705 a.yaml:5:3"]
        assert " --> a.yaml:3:11\n" in done.stdout


def test_diff_of_two_schedules_of_a_config(run: Run, write: Write) -> None:
    write("a.yaml", TWO)
    write("a.lrs", "linear(9ep, 1e-3)\n")
    done = run("diff", "a.yaml:finetune.schedule", "a.lrs", *RUN)
    assert (done.stdout.splitlines(), done.exit_code) == (
        ["--- a.yaml:finetune.schedule", "+++ a.lrs", "lr: the same at every step"], 0,
    )  # fmt: skip
    options = (*RUN, "--format", "json")
    done = run("diff", "a.yaml:finetune.schedule", "a.yaml:optimizer.schedule", *options)
    assert (json.loads(done.stdout)["same"], done.exit_code) == (False, 1)


def test_diff_takes_the_only_schedule_of_a_config(run: Run, write: Write) -> None:
    write("old.yaml", "schedule: cosine(20)\n")
    write("new.json", '{"schedule": "cosine(20) >> const"}')
    done = run("diff", "old.yaml", "new.json", *KEY)
    assert done.stdout.startswith("--- old.yaml\n+++ new.json\nlr: the same at every step")
    assert done.exit_code == 0
    done = run("diff", "old.yaml", "-e", "cosin(5)", *KEY)
    assert (done.exit_code, "LRS201" in done.output) == (2, True)
    done = run("diff", write("bad.yaml", "schedule: cosin(5)\n"), "new.json", *KEY)
    assert (heads(done.stdout), done.exit_code) == (["LRS201 bad.yaml:1:11"], 2)


def test_diff_lists_what_there_is_to_choose_from(run: Run, write: Write) -> None:
    done = run("diff", write("a.yaml", TWO), "-e", "const", *KEY)
    assert done.stderr.endswith(
        "Error: a.yaml has 2 schedules; name one:\n"
        "  a.yaml:optimizer.schedule\n  a.yaml:finetune.schedule\n"
    )
    assert (done.stdout, done.exit_code) == ("", 2)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("optimizer.schedul", "it has no key `optimizer.schedul`; did you mean `optimizer.sched"),
        (
            "x",
            "it has no key `x`; it has schedules at `optimizer.schedule` and `finetune.schedule`",
        ),
        ("trainer", "there is no schedule at `trainer`; it has schedules at `optimizer.schedule`"),
    ],
)
@pytest.mark.parametrize("command", ["check", "preview", "explain", "diff -e const"])
def test_keys_without_a_schedule(
    run: Run, write: Write, command: str, keys: str, said: str
) -> None:
    write("a.yaml", TWO)
    done = run(*command.split(), f"a.yaml:{keys}", *KEY)
    assert f"lrdsl: cannot read a.yaml:{keys}: {said}" in done.stderr
    assert (done.stdout, done.exit_code) == ("", 2)


def test_without_any_schedule_a_near_key_is_named(run: Run, write: Write) -> None:
    done = run("check", f"{write('a.yaml', TWO)}:optimizer.schedul")
    assert "did you mean `optimizer.schedule`?" in done.stderr


def test_letters_of_patterns_stand_for_themselves(run: Run, write: Write) -> None:
    write("a.yaml", "'a*': cosin(5)\nab: cosin(5)\n'**': cosin(5)\n")
    assert heads(run("check", "a.yaml:a*").stdout) == ["LRS201 a.yaml:1:7"]
    assert heads(run("check", "a.yaml:**").stdout) == ["LRS201 a.yaml:3:7"]
    assert run("check", "a.yaml:*").exit_code == 2


def test_a_file_with_a_colon_in_its_name(run: Run, write: Write) -> None:
    write("a.yaml", "x: cosin(5)\n")
    write("a.yaml:x", "cosine(5)\n")
    assert run("check", "a.yaml:x").output == ""
    write("a.yaml:b.yaml", "x: cosine(5)\n")
    assert run("check", "a.yaml:b.yaml:x").output == ""
    assert files.addressed("a.yaml:b.yaml:x") == ("a.yaml:b.yaml", "x")


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        (r"C:\runs\train.yaml", (r"C:\runs\train.yaml", "")),
        (r"C:\runs\train.yaml:a.b", (r"C:\runs\train.yaml", "a.b")),
        ("C:/train.TOML:a", ("C:/train.TOML", "a")),
        ("train.yml:", ("train.yml:", "")),
        ("train.lrs:a", ("train.lrs:a", "")),
        ("a.json:b.yaml:c", ("a.json:b.yaml", "c")),
        ("-", ("-", "")),
    ],
)
def test_where_an_address_is_divided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, wanted: tuple[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert files.addressed(word) == wanted


def test_an_address_inside_a_list_and_behind_a_merge(run: Run, write: Write) -> None:
    write("a.yaml", "- {s: cosin(5)}\n- &b {s: cosin(6)}\n- {<<: *b}\n")
    assert heads(run("check", "a.yaml:0.s").stdout) == ["LRS201 a.yaml:1:7"]
    assert heads(run("check", "a.yaml:2.s").stdout) == ["LRS201 a.yaml:2:10"]


@pytest.mark.parametrize("key", ["d.k", "a.b.c"])
def test_a_key_with_a_dot_is_named_as_it_is_listed(run: Run, write: Write, key: str) -> None:
    write("dk.yaml", f'"{key}": !lrs linear(3)\nx: {{"{key}": !lrs linear(4)}}\n')
    listing = run("diff", "dk.yaml", "dk.yaml").stderr
    for address, steps in ((f"dk.yaml:{key}", 3), (f"dk.yaml:x.{key}", 4)):
        assert f"  {address}\n" in listing
        done = run("explain", address)
        assert (done.exit_code, f"over {steps} steps" in done.stdout) == (0, True), done.output
    # A path of keys goes before a key that is spelled like it.
    write("both.yaml", "d: {k: !lrs linear(5)}\nd.k: !lrs linear(6)\n")
    assert "over 5 steps" in run("explain", "both.yaml:d.k").stdout
    assert f"`{key}`" in run("explain", "dk.yaml:d.j").output
