"""``lrdsl check``: every error of every file."""

from __future__ import annotations

import sys
from typing import Any

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.run_options import Text, context, run_options, texts
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.program import Program, run_for


@click.command()
@run_options
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="KEYS",
    help="Where configs have schedules, such as optimizer.schedule or **.lr.",
)
@click.option(
    "--total-from",
    metavar="KEYS=UNIT",
    help="Where configs have the length of the run, such as trainer.max_epochs=ep.",
)
@click.option(
    "--steps-per-epoch-from",
    "steps_from",
    metavar="KEYS",
    help="Where configs have the updates in one epoch.",
)
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    params: dict[str, str],
    keys: tuple[str, ...],
    total_from: str | None,
    steps_from: str | None,
    **run: Any,
) -> None:
    """Find every error in schedules.

    FILE is a schedule, a config in YAML, TOML or JSON, or a folder of both. In configs the values
    of the keys that --key or [tool.lrdsl] of pyproject.toml names are schedules, and so are paths
    that end in .lrs, and values with the tag !lrs.

    Silent where all is well. Prints each error with its place and a way out otherwise.

    Boundaries and values depend on the run. Describe it with --total, --steps-per-epoch and --unit
    and the schedule is laid out and looked at step by step. Where nothing is said about the run, a
    schedule that needs it is checked as far as that goes, and a note says so.

    Exit status: 0 clean, 1 errors found, 2 misuse or an unreadable file.

    \b
    lrdsl check resnet50.lrs --steps-per-epoch 1251 --total 90ep
    lrdsl check -e 'warmup(5) >> cosine(20, 0.3, 0.01) >> const'
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    if any(map(disk.may_hold_schedules, files)):
        from lrdsl.cli.hosts import gather

        programs, unreadable = gather(files, expressions, keys, total_from, steps_from)
    else:
        programs, unreadable = texts(files, expressions)
    output.print_unreadable(unreadable)
    given = context(params=params, **run)
    errors: list[Diagnostic] = []
    broken: set[object] = set()
    for text in programs:
        found = _hosted_errors(text, given) if text.hosted else _errors(text, given)
        output.print_diagnostics(found)
        errors += found
        if found:
            broken.add(text.name if text.hosted else id(text))
    if errors:
        click.echo(f"{_count(len(errors), 'error')} in {_count(len(broken), 'file')}")
    if unreadable:
        sys.exit(output.MISUSE)
    sys.exit(output.FINDINGS if errors else 0)


def _hosted_errors(text: Text, given: dict[str, Any]) -> list[Diagnostic]:
    """The errors of a schedule in a config, which may say something about the run too."""
    from lrdsl.cli.hosts import compare, print_note

    hosted = text.hosted
    assert hosted is not None
    print_note(hosted)
    if hosted.text is None:
        return list(hosted.errors)
    try:
        program = Program(hosted.text)
    except LrsError as error:
        return hosted.explained(list(error.diagnostics))
    known = {**hosted.run, **given}
    found = _laid_out(program, known, described=bool(given.keys() - {"params"}))
    if not found:
        compare(program, hosted, known)
    return found


def _errors(text: Text, given: dict[str, Any]) -> list[Diagnostic]:
    try:
        program = Program(text.text, text.name)
    except LrsError as error:
        return list(error.diagnostics)
    return _laid_out(program, given, described=bool(given.keys() - {"params"}))


def _laid_out(program: Program, given: dict[str, Any], *, described: bool) -> list[Diagnostic]:
    """What is wrong in a run; one that is described has to be enough."""
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
