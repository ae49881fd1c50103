from __future__ import annotations

import os
from pathlib import Path

import pytest

import lrdsl
from tests.cli.conftest import Run

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
COMMANDS = ["check", "diff", "explain", "fmt", "preview", "shapes"]


@pytest.mark.parametrize("command", ["lrdsl", *COMMANDS])
def test_help(run: Run, command: str) -> None:
    done = run(*([] if command == "lrdsl" else [command]), "--help")
    path = GOLDENS / f"help_{command}.txt"
    if UPDATE:
        path.write_text(done.stdout, encoding="utf-8")
    assert "\\b" not in done.stdout
    assert done.stdout == path.read_text(encoding="utf-8")
    assert (done.stderr, done.exit_code) == ("", 0)


@pytest.mark.skipif(UPDATE, reason="the files are being written")
def test_every_command_is_listed_and_has_a_golden(run: Run) -> None:
    folder = Path(lrdsl.__file__).parent / "cli" / "commands"
    assert sorted(p.stem for p in folder.glob("[a-z]*.py")) == COMMANDS
    listed = run("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert {p.name for p in GOLDENS.iterdir()} == {f"help_{c}.txt" for c in ["lrdsl", *COMMANDS]}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_option_is_the_same(run: Run, command: str) -> None:
    assert run(command, "-h").stdout == run(command, "--help").stdout


def test_the_exit_statuses_are_told(run: Run) -> None:
    for command in ("check", "diff", "fmt", "preview"):
        assert "Exit status: 0 " in run(command, "--help").stdout


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(run: Run, option: str) -> None:
    done = run(option)
    assert (done.output, done.exit_code) == (f"lrdsl, version {lrdsl.__version__}\n", 0)


@pytest.mark.parametrize("arguments", [["nosuch"], ["--nosuch"], ["__init__"]])
def test_an_unknown_command_is_misuse(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: lrdsl [OPTIONS] COMMAND [ARGS]...\n")
