"""``lrdsl check``: every error of every file."""

from __future__ import annotations

import sys
from typing import Any

import click

from lrdsl.cli import output
from lrdsl.cli.run_options import context, run_options, texts
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import Program, run_for


@click.command()
@run_options
def command(
    files: tuple[str, ...], expressions: tuple[str, ...], params: dict[str, str], **run: Any
) -> None:
    """Find every error in schedules.

    Silent where all is well. Prints each error with its place and a way out otherwise.

    Boundaries and values depend on the run. Describe it with --total, --steps-per-epoch and --unit
    and the schedule is laid out and looked at step by step. Where nothing is said about the run, a
    schedule that needs it is checked as far as that goes, and a note says so.

    Exit status: 0 clean, 1 errors found, 2 misuse or an unreadable file.

    \b
    lrdsl check resnet50.lrs --steps-per-epoch 1251 --total 90ep
    lrdsl check -e 'warmup(5) >> cosine(20, 0.3, 0.01) >> const'
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    programs, unreadable = texts(files, expressions)
    output.print_unreadable(unreadable)
    given = context(params=params, **run)
    errors: list[Diagnostic] = []
    broken = 0
    for text in programs:
        found = _errors(text.text, text.name, given)
        output.print_diagnostics(found)
        errors += found
        broken += bool(found)
    if errors:
        click.echo(f"{_count(len(errors), 'error')} in {_count(broken, 'file')}")
    if unreadable:
        sys.exit(output.MISUSE)
    sys.exit(output.FINDINGS if errors else 0)


def _errors(text: str, name: str, given: dict[str, Any]) -> list[Diagnostic]:
    described = given.keys() - {"params"}
    try:
        program = Program(text, name)
    except LrsError as error:
        return list(error.diagnostics)
    try:
        program.resolve_all(**given)
    except LrsError as error:
        if described:
            return list(error.diagnostics)
        return _without_run(program, given, error)
    return []


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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
