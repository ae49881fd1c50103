from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import lrdsl
from lrdsl.cli import help, main
from tests.cli.conftest import Run

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
COMMANDS = [
    "audit", "check", "diff", "explain", "export", "fit", "fmt", "import", "lsp", "preview",
    "serve", "shapes",
]  # fmt: skip


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
    sections = run("--help").stdout.split("\n\n")
    groups = [(heading, rows) for heading, _, rows in (one.partition(":\n") for one in sections)]
    listed = {
        heading: rows.splitlines() for heading, rows in groups if heading in help.COMMAND_GROUPS
    }
    other = listed.pop("Other")
    assert [line.split()[0] for line in other] == ["-V,", "-h,"]
    assert [*listed] == [*help.COMMAND_GROUPS[:-1]]
    assert sorted(line.split()[0] for rows in listed.values() for line in rows) == COMMANDS
    assert {p.name for p in GOLDENS.iterdir()} == {f"help_{c}.txt" for c in ["lrdsl", *COMMANDS]}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_short_option_is_the_same(run: Run, command: str) -> None:
    assert run(command, "-h").stdout == run(command, "--help").stdout


def test_the_exit_statuses_are_told(run: Run) -> None:
    for command in sorted({*COMMANDS} - {"lsp", "shapes"}):
        told = run(command, "--help").stdout.partition("Exit status:\n")[2]
        assert re.fullmatch(r"  0  .+\.\n  1  .+\.\n  2  .+\.\n", told)


def found(command: str) -> click.Command:
    if command == "lrdsl":
        return main
    found = main.get_command(click.Context(main), command)
    assert found is not None
    return found


@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("command", ["lrdsl", *COMMANDS])
def test_it_fits_the_terminal_with_an_example_before_all_else(command: str, columns: int) -> None:
    words = [] if command == "lrdsl" else [command]
    # What click allows for a terminal of so many columns.
    done = CliRunner().invoke(
        main, [*words, "--help"], prog_name="lrdsl", terminal_width=columns - 2
    )
    lines = done.stdout.splitlines()
    assert [line for line in lines if len(line) > columns - 2] == []
    assert [line for line in lines if line != line.rstrip()] == []
    usage, empty, first, also_empty, heading, example = lines[:6]
    assert usage.startswith("Usage: lrdsl ")
    assert (empty, also_empty) == ("", "")
    assert 10 < len(first) <= 60 and first.endswith(".")
    assert heading in ("Example:", "Examples:")
    assert example.startswith("  lrdsl ")
    # An option, and what shows code, are read and copied whole.
    hyphenated = [line for line in lines if re.search(r"\w-$|^[^`]*`[^`]*$", line)]
    assert hyphenated == []


@pytest.mark.parametrize("command", ["lrdsl", *COMMANDS])
def test_every_option_has_a_group_and_a_line(command: str) -> None:
    for param in found(command).params:
        group = getattr(param, "group", None)
        assert group in help.GROUPS or param.name == "version"
        record = param.get_help_record(click.Context(found(command)))
        assert record is not None
        assert len(record[1].partition(" [")[0]) <= 52, record
        assert re.fullmatch(r"[A-Z].*\.(  \[[^]]+\])?", record[1])


def test_an_option_without_a_group_comes_last() -> None:
    @click.command(cls=help.Command)
    @click.option("--plain", help="Of no group.")
    @help.option(help.OUTPUT, "--grouped", help="Of a group.")
    def command() -> None:
        """Do nothing."""

    told = CliRunner().invoke(command, ["--help"]).stdout
    assert told.partition("Do nothing.\n\n")[2] == (
        "Output:\n  --grouped TEXT  Of a group.\n\n"
        "Other:\n  --plain TEXT    Of no group.\n  --help          Show this message and exit.\n"
    )


def examples(command: str) -> list[str]:
    told = found(command)
    assert isinstance(told, help.Told)
    return list(told.examples)


# Those of `serve` end when somebody ends them: tests/serve runs them.
ENDING = [name for name in ["lrdsl", *COMMANDS] if name != "serve"]


@pytest.mark.parametrize("example", [x for name in ENDING for x in examples(name)])
def test_the_examples_work(
    run: Run, example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(lrdsl.__file__).parents[1] / "examples"
    shutil.copytree(folder / "configs", tmp_path / "configs")
    shutil.copytree(folder, tmp_path / "examples")
    for name in ("before.lrs", "resnet50.lrs"):
        shutil.copy(folder / "resnet50.lrs", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(example)
    done = run(*arguments)
    assert (program, done.exit_code, done.exception) == ("lrdsl", 0, None), done.output


def test_a_long_example_is_broken_where_the_shell_reads_on() -> None:
    done = CliRunner().invoke(main, ["check", "--help"], prog_name="lrdsl", terminal_width=58)
    shown = done.stdout.partition("Examples:\n")[2].partition("\n\n")[0]
    assert " \\\n" in shown
    commands = re.sub(r" \\\n +", " ", shown).splitlines()
    assert [line.strip() for line in commands] == examples("check")
