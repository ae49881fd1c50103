"""Standard streams that are closed, full, or cannot show a letter: no traceback, and a status."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.test_files import shell

BAD = "-e 'cosin(20)'"
LOOSE = "echo 'const( 5 )' |"
# What prints something, and ends with another status than 2 where it can.
PRINTING = (
    f"$LRDSL check {BAD}",
    f"$LRDSL check --format json {BAD}",
    "$LRDSL explain",
    "$LRDSL explain LRS201",
    "$LRDSL explain -e 'const'",
    "$LRDSL shapes",
    "$LRDSL preview -e 'linear(9)'",
    "$LRDSL --help",
    "$LRDSL --version",
    f"{LOOSE} $LRDSL fmt -",
    f"{LOOSE} $LRDSL fmt --diff -",
    "$LRDSL diff a.lrs b.lrs",
)


def outcome(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "a.lrs").write_text("linear(9)\n")
    (folder / "b.lrs").write_text("cosine(9)\n")
    return shell(script, folder)


@pytest.mark.parametrize("script", PRINTING)
def test_output_that_cannot_be_written(script: str, tmp_path: Path) -> None:
    done = outcome(f"{script} > /dev/full", tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last == "lrdsl: cannot write the output: No space left on device"
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("script", PRINTING)
def test_output_that_is_closed(script: str, tmp_path: Path) -> None:
    done = outcome(f"{script} >&-", tmp_path)
    assert done.stderr.splitlines()[-1] == "lrdsl: cannot write the output: Bad file descriptor"
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize("closed", [">&-", "> /dev/full", "2>&-", ">&- 2>&- <&-"])
def test_where_nothing_is_to_be_said(closed: str, tmp_path: Path) -> None:
    done = outcome(f"$LRDSL check a.lrs {closed}", tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    done = outcome(f"printf 'const( 5 )' > c.lrs; $LRDSL fmt c.lrs {closed}", tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert (tmp_path / "c.lrs").read_text() == "const(5)\n"


def test_both_cannot_be_written(tmp_path: Path) -> None:
    done = outcome(f"$LRDSL check {BAD} > /dev/full 2> /dev/full", tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 2)
    done = outcome("$LRDSL check nowhere.lrs 2> /dev/full", tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 2)


def test_errors_that_nobody_hears(tmp_path: Path) -> None:
    done = outcome("$LRDSL check nowhere.lrs 2>&-", tmp_path)
    assert (done.stdout, done.returncode) == ("", 2)
    done = outcome(f"$LRDSL check {BAD} 2>&-", tmp_path)
    assert done.stdout.startswith("error[LRS201 unknown-name]")
    assert done.returncode == 1


@pytest.mark.parametrize("command", ["check", "fmt", "explain"])
def test_input_that_is_closed(command: str, tmp_path: Path) -> None:
    done = outcome(f"$LRDSL {command} - <&-", tmp_path)
    message = "lrdsl: cannot read -: Bad file descriptor\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", message, 2)


def test_letters_that_the_output_lacks(tmp_path: Path) -> None:
    script = "PYTHONIOENCODING=latin-1 PYTHONUTF8=0 $LRDSL check -e 'warmup(5) → const'"
    done = outcome(script, tmp_path)
    assert "1 | warmup(5) \\u2192 const\n" in done.stdout
    assert (done.stderr, done.returncode) == ("", 1)


def test_names_of_files_that_are_no_text(tmp_path: Path) -> None:
    script = r"name=$(printf 'a\xff.lrs'); echo 'cosin(5)' > $name; $LRDSL check $name"
    for locale in ("LC_ALL=C.UTF-8", "LC_ALL=C", "PYTHONIOENCODING=latin-1", "PYTHONUTF8=1"):
        done = outcome(script.replace("$LRDSL", f"{locale} $LRDSL"), tmp_path)
        assert done.stdout.startswith("error[LRS201 unknown-name]: there is no `cosin`\n --> a")
        assert (done.stderr, done.returncode) == ("", 1)


def test_a_patch_is_the_same_for_every_terminal(tmp_path: Path) -> None:
    script = "printf 'const( 5 )  # →\\n' | PYTHONIOENCODING=ascii $LRDSL fmt --diff -"
    assert "+const(5)  # →\n" in outcome(script, tmp_path).stdout
