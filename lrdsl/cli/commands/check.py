"""``lrdsl check``: every error of every file."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.lint_options import Choice, lint_options
from lrdsl.cli.run_options import context, run_options, stdin_filename, texts
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import Program, run_for
from lrdsl.record import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lrdsl.schedule.schedule import Schedule


@click.command()
@run_options
@lint_options
@click.option(
    "--format",
    "form",
    type=click.Choice(disk.stems(disk.of_package("cli", "formats"), ".py")),
    default="text",
    help="Who is to read it: people, a workflow of GitHub, or a program.  [default: text]",
)
@stdin_filename
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    params: dict[str, str],
    select: frozenset[str],
    ignore: frozenset[str],
    strict: bool,
    form: str,
    stdin_filename: str | None,
    **run: Any,
) -> None:
    """Find every error in schedules, and what is probably not meant.

    Silent where all is well. Prints each error, and each warning, with its place and a way out
    otherwise. A line that means what a warning is about says so: # lrs: ignore[jump]

    Boundaries and values depend on the run. Describe it with --total, --steps-per-epoch and --unit
    and the schedule is laid out and looked at step by step. Where nothing is said about the run, a
    schedule that needs it is checked as far as that goes, and a note says so.

    Exit status: 0 clean or warnings only, 1 errors found, 2 misuse or an unreadable file.

    \b
    lrdsl check resnet50.lrs --steps-per-epoch 1251 --total 90ep
    lrdsl check -e 'warmup(5) >> cosine(20, 0.3, 0.01) >> const'
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    programs, unreadable = texts(files, expressions, stdin_filename)
    output.print_unreadable(unreadable)
    given = context(params=params, **run)
    choice = Choice(select, ignore, strict)
    found: list[Diagnostic] = []
    for text in programs:
        found += _findings(text.text, text.name, given, choice)
    written: str = import_module(f"lrdsl.cli.formats.{form}").written(found)
    click.echo(written, nl=False)
    if unreadable:
        sys.exit(output.MISUSE)
    sys.exit(output.FINDINGS if any(d.severity == "error" for d in found) else 0)


def _findings(text: str, name: str, given: dict[str, Any], choice: Choice) -> list[Diagnostic]:
    """The errors of one program; where it has none, its warnings."""
    try:
        program = Program(text, name)
    except LrsError as error:
        return list(error.diagnostics)
    schedules = None
    try:
        schedules = program.resolve_all(**given)
    except LrsError as error:
        if given.keys() - {"params"}:
            return list(error.diagnostics)
        if errors := _without_run(program, given, error):
            return errors
    return _warnings(program, given, schedules, choice)


def _without_run(program: Program, given: dict[str, Any], error: LrsError) -> list[Diagnostic]:
    """What is wrong for every run; a note says what the run would have to tell."""
    needs = dict.fromkeys(d.needs for d in error.diagnostics if d.needs)
    found = dict.fromkeys(d for d in error.diagnostics if not d.needs)
    if needs:
        from lrdsl.resolve.assume import certain

        wanted = " and ".join(needs)
        note = f"note: {program.name} was checked without a run; it needs {wanted} to be laid out"
        click.echo(note, err=True)
        found |= dict.fromkeys(certain(program, program.expanded(run_for(given).params)))
    return list(found)


def _warnings(
    program: Program,
    given: dict[str, Any],
    schedules: Mapping[str, Schedule] | None,
    choice: Choice,
) -> list[Diagnostic]:
    from lrdsl.lints.engine import lint

    found = lint(program, run_for(given), schedules, choice)
    return [replace(d, severity="error") for d in found] if choice.strict else found
