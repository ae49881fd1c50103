"""Names of files that a terminal would obey are shown as escapes, wherever they are printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write

# Red letters, a new line, a title of the window by one character of C1, a letter turned round.
STEM = "a\x1b[31m\n\x9b1m\u202e"
SHOWN = r"a\x1b[31m\n\x9b1m\u202e"


def lines(text: str) -> list[str]:
    assert all(line.isprintable() for line in text.split("\n")), text
    return [line for line in text.split("\n") if SHOWN in line]


@pytest.mark.parametrize(
    ("words", "text", "status"),
    [
        ("check {}.lrs", "cosin(5)\n", 1),
        ("check {}.lrs", "cosine\n", 0),
        ("check --fix {}.lrs", "cosine(10K)\n", 0),
        ("check none{}.lrs", "const\n", 2),
        ("check {}.yaml --key s", "s: cosin(5)\n", 1),
        ("check {}.yaml --key s", "s: cosine(${n})\n", 0),
        ("check {}.yaml --key s", "s: cosine\n", 0),
        ("check {}.yaml --key s --total-from x", "s: cosine(9)\nx: -5\n", 1),
        ("check {}.yaml", "s: none{}.lrs\n", 1),
        ("check {}.yaml", "s: [\n", 1),
        ("preview {}.yaml --key s -e linear(9)", "s: cosine(9)\n", 0),
        ("preview {}.lrs -e linear(9)", "cosine(9)\n", 0),
        ("preview {}.lrs -e linear(9)", "cosin(9)\n", 1),
        ("preview {}.lrs -o no/{}.svg", "cosine(9)\n", 2),
        ("explain {}.lrs -e linear(9)", "cosine(9)\n", 0),
        ("explain none{}.lrs", "cosine(9)\n", 2),
        ("explain none{}", "cosine(9)\n", 2),
        ("diff {}.lrs {}.lrs", "cosine(9)\n", 0),
        ("diff {}.lrs none{}.lrs", "cosine(9)\n", 2),
        ("fmt {}.lrs", "cosin(9\n", 1),
        ("fmt --check {}.lrs", "cosine( 9 )\n", 1),
        ("fmt none{}.lrs", "cosine\n", 2),
        ("fmt {}.yaml", "s: const\n", 2),
        ("fmt --check - --stdin-filename {}.lrs", "const( 5 )\n", 1),
    ],
)
def test_a_name(run: Run, write: Write, words: str, text: str, status: int) -> None:
    name = next(word for word in words.split() if "{}" in word).format(STEM)
    if not name.startswith("none"):
        # In YAML a name is quoted, as in JSON.
        write(name, text.replace("none{}.lrs", '"none\\x1b[31m.lrs"'))
    arguments = [word.format(*[STEM] * 2) for word in words.split()]
    done = run(*arguments, input=text)
    assert done.exit_code == status
    assert lines(done.output)


def test_a_reference(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", 's: "none\\x1b[31m.lrs"\n'))
    assert "no schedule to read at `none\\x1b[31m.lrs`" in done.stdout
    lines(done.stdout)


def test_a_file_that_cannot_be_opened_is_named_by_what_it_is(run: Run, write: Write) -> None:
    write(f"{STEM}.lrs", "cosin(5)\n")
    done = run("check", f"{STEM}.lrs", "--format", "json")
    assert '"name": "a\\u001b[31m\\n\\u009b1m\\u202e.lrs"' in done.stdout


def test_a_patch_is_one_that_git_applies(run: Run, write: Write) -> None:
    name = write(f"{STEM}.lrs", "const( 5 )\n")
    done = run("fmt", "--diff", name)
    lines(done.stdout.replace("\\", "\\"))
    command = ["git", "apply", "-p0", "-"]
    subprocess.run(command, input=done.stdout_bytes, check=True)
    assert Path(name).read_text("utf-8") == "const(5)\n"
