"""`lrdsl fmt`: what it writes, what it only says, and what it leaves alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write

LOOSE = "let a=.5   # half\nwarmup(5)>>cosine( 20,a ,)"
TIGHT = "let a = .5  # half\nwarmup(5) >> cosine(20, a)\n"


def test_a_file_is_rewritten_without_a_word(run: Run, write: Write) -> None:
    name = write("a.lrs", LOOSE)
    done = run("fmt", name)
    assert (done.output, done.exit_code) == ("", 0)
    assert Path(name).read_bytes() == TIGHT.encode()


def test_a_file_that_is_laid_out_is_not_written(run: Run, write: Write) -> None:
    name = write("a.lrs", TIGHT)
    Path(name).chmod(0o444)
    before = Path(name).stat()
    assert run("fmt", name).exit_code == 0
    after = Path(name).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(("text", "code"), [(LOOSE, 1), (TIGHT, 0)])
def test_check_writes_nothing(run: Run, write: Write, text: str, code: int) -> None:
    name = write("a.lrs", text)
    done = run("fmt", "--check", name)
    assert (done.output, done.exit_code) == (
        ("would be laid out anew: a.lrs\n", 1) if code else ("", 0)
    )
    assert Path(name).read_text("utf-8") == text


@pytest.mark.parametrize("text", [LOOSE, TIGHT, LOOSE + "\n", "const\r\n", "const\x0c\n"])
def test_a_diff_is_one_that_git_applies(run: Run, write: Write, text: str) -> None:
    name = write("a.lrs", text)
    done = run("fmt", "--diff", name)
    assert Path(name).read_bytes() == text.encode()
    assert done.exit_code == (text != TIGHT)
    if done.exit_code:
        command = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
        subprocess.run(command, input=done.stdout_bytes, check=True)
    laid_out = Path(name).read_bytes()
    run("fmt", name)
    assert Path(name).read_bytes() == laid_out


def test_a_diff_and_what_is_said_beside_it(run: Run, write: Write) -> None:
    done = run("fmt", "--check", "--diff", write("a.lrs", "const( 5 )\n"))
    assert done.stdout == "--- a.lrs\n+++ a.lrs\n@@ -1 +1 @@\n-const( 5 )\n+const(5)\n"
    assert done.stderr == "would be laid out anew: a.lrs\n"


def test_standard_input_is_written_to_standard_output(run: Run) -> None:
    done = run("fmt", "-", input=LOOSE)
    assert (done.stdout, done.stderr, done.exit_code) == (TIGHT, "", 0)
    done = run("fmt", "--check", "-", input=LOOSE)
    assert (done.stdout, done.exit_code) == ("would be laid out anew: <stdin>\n", 1)
    assert run("fmt", "--diff", "-", input=LOOSE).stdout.startswith("--- <stdin>\n")


def test_a_text_that_is_broken_is_left_alone(run: Run, write: Write) -> None:
    name = write("a.lrs", "const(5\n")
    done = run("fmt", name)
    assert done.stdout.startswith("error[LRS102 unexpected-end]: ")
    assert (Path(name).read_text("utf-8"), done.exit_code) == ("const(5\n", 1)
    done = run("fmt", "-", input="const(5\n")
    assert (done.stdout, done.exit_code) == ("", 1)
    assert done.stderr.startswith("error[LRS102 unexpected-end]: ")


@pytest.mark.parametrize("text", ["warmup(5)  // up\n>> const", "/* up */ warmup(5) >> const"])
def test_a_comment_of_another_language_is_named_as_by_check(
    run: Run, write: Write, text: str
) -> None:
    name = write("a.lrs", text)
    done = run("fmt", name)
    assert (done.stdout.count("error["), done.exit_code) == (1, 1)
    assert "help: a comment starts with `#`\n" in done.stdout
    assert done.stdout in run("check", name).stdout
    assert Path(name).read_text("utf-8") == text


def test_a_call_that_does_not_touch_its_parenthesis_is_not_torn_apart(run: Run) -> None:
    done = run("fmt", "-", input="const (5)\n")
    assert (done.stdout, done.exit_code) == ("", 1)
    assert "LRS107" in done.stderr


def test_names_that_nobody_defined_do_not_matter(run: Run) -> None:
    assert run("fmt", "-", input="cosin( 5 )").stdout == "cosin(5)\n"


def test_a_folder_is_walked_in_order(run: Run, write: Write) -> None:
    for folder in ("d/b", "d/a", "d/.hidden"):
        Path(write("x", "")).parent.joinpath(folder).mkdir(parents=True)
    for name in ("d/b/2.lrs", "d/b/1.lrs", "d/a/3.lrs", "d/c.lrs", "d/.hidden/4.lrs", "d/n.txt"):
        write(name, "const( 5 )\n")
    done = run("fmt", "--check", "d")
    names = [line.removeprefix("would be laid out anew: ") for line in done.stdout.splitlines()]
    assert names == ["d/a/3.lrs", "d/b/1.lrs", "d/b/2.lrs", "d/c.lrs"]


def test_what_cannot_be_read_is_misuse_and_the_rest_is_done(run: Run, write: Write) -> None:
    bad, good = write("bad.lrs", b"const # \xff\n"), write("good.lrs", "const( 5 )\n")
    done = run("fmt", "none.lrs", bad, good)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert done.stderr.splitlines() == [
        "lrdsl: cannot read none.lrs: No such file or directory",
        "lrdsl: cannot read bad.lrs: it is not UTF-8",
    ]
    assert Path(good).read_text("utf-8") == "const(5)\n"
    assert Path(bad).read_bytes() == b"const # \xff\n"


def test_a_byte_order_mark_goes(run: Run, write: Write) -> None:
    name = write("a.lrs", b"\xef\xbb\xbfconst\n")
    assert run("fmt", "--check", name).exit_code == 1
    run("fmt", name)
    assert Path(name).read_bytes() == b"const\n"


def test_nothing_to_do_is_misuse(run: Run) -> None:
    done = run("fmt")
    assert (done.stdout, done.exit_code) == ("", 2)
    assert "Give a file, a folder, or `-`" in done.stderr


CONFIG = "schedule: const( 5 )\n"


@pytest.mark.parametrize("name", ["a.yaml", "a.YML", "a.json", "a.toml"])
@pytest.mark.parametrize("words", ["fmt {}", "fmt --check {}", "fmt - --stdin-filename {}"])
def test_a_config_is_never_taken_for_a_schedule(
    run: Run, write: Write, name: str, words: str
) -> None:
    write(name, CONFIG)  # which is a program of the language as well
    done = run(*words.format(name, name).split(), input=CONFIG)
    assert done.stderr.startswith(f"lrdsl: cannot read {name}: it is a config, which is left ")
    assert (done.stdout, done.exit_code) == ("", 2)
    assert Path(name).read_text("utf-8") == CONFIG


@pytest.mark.parametrize("command", ["fmt", "check"])
def test_a_folder_without_schedules(run: Run, write: Write, command: str) -> None:
    write("a.txt", "const( 5 )\n")
    if command == "fmt":
        write("a.yaml", CONFIG)
    done = run(command, ".")
    assert (done.stdout, done.exit_code) == ("", 0)
    assert done.stderr.startswith("note: no ")
    assert " found" in done.stderr
