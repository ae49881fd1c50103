"""What commands say of schedules of other systems, and such a schedule as one of their texts."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.run_options import Text
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import record
from lrdsl.resolve.run_arguments import UNITS, RunArguments
from lrdsl.wording import count, listed, number, option_of, plural, visible

if TYPE_CHECKING:
    from lrdsl.importers.imports import Outcome

# What can become of a schedule, in the order of the table.
PROVEN, NOT_PROVEN, DIFFERS = "proven", "not proven", "differs"
APPROXIMATED, REFUSED = "approximated", "refused"
VERDICTS = (PROVEN, NOT_PROVEN, DIFFERS, APPROXIMATED, REFUSED)
# What is read: the endings of `lrdsl.importers.documents.READERS`.
SOURCES = (".yaml", ".yml", ".toml", ".json", ".py", ".sh", ".bash", ".slurm")


def verdict(one: Outcome, *, trust_formula: bool = False) -> str:
    """What became of a schedule, in a word or two.

    Args:
        one: the schedule.
        trust_formula: True if a formula counts that was never compared.
    """
    if one.proof is None:
        return REFUSED if one.refused else APPROXIMATED
    if not one.proof.is_equal:
        return DIFFERS
    return PROVEN if one.proof.witness.counts or trust_formula else NOT_PROVEN


def reason(one: Outcome) -> str:
    """The numbers of a verdict, or what is in the way.

    Args:
        one: the schedule.
    """
    if (close := one.approximation) is not None:
        error = f"largest error {number(close.largest, 2)} of the peak, at step {count(close.step)}"
        return f"{plural(close.points, 'point')}, {error}"
    if not one.versions:
        return one.refused or str(one.proof)
    choice = listed((f"--as {one.system}=={version}" for version in one.versions), "or")
    return f"{one.refused}; pass {choice}"


def overruled(one: Outcome) -> str:
    """The options whose place a source takes, which has a value of its own; mostly empty.

    Args:
        one: the schedule.
    """
    if one.refused:
        return ""
    said = {"total": "{} updates", "steps_per_epoch": "{} updates in an epoch"}
    return "".join(
        f"; {option_of(name)} is not used, as the source has"
        f" {said[name].format(value if value.isdecimal() else f'`{value}`')}"
        for name, value in one.unused.items()
        if value
    )


def is_source(name: str) -> bool:
    """True if a file is one of another system by its name.

    Args:
        name: the file.
    """
    return name.lower().endswith(SOURCES)


@record
class Lengths:
    """What an importer can take of a run.

    Attributes:
        given: ``total`` and ``steps_per_epoch`` in updates, as far as they are known.
        is_in_epochs: True if ``total`` was measured by ``steps_per_epoch``.
    """

    given: Mapping[str, int]
    is_in_epochs: bool


def lengths_of(run: RunArguments) -> Lengths:
    """What an importer can take of a run; ends the command where it can take nothing.

    Args:
        run: what the command line says of it.
    """
    from lrdsl.resolve.measure import total_updates
    from lrdsl.resolve.run import make_run

    try:
        made = make_run(run)
    except LrsError as error:
        output.print_diagnostics(error.diagnostics, err=True)
        sys.exit(output.MISUSE)
    units = [] if made.total is None else [unit for unit, _ in made.total.amounts]
    try:
        given = {"total": total_updates(made)}
    except ValueError as error:
        hint = ", or add --steps-per-epoch" if any(unit in UNITS for unit in units) else ""
        raise click.UsageError(f"{error}{hint}") from None
    for unit, (argument, _) in UNITS.items():
        steps = made.units.get(unit)
        if steps is not None and steps.denominator != 1:
            message = f"an epoch of another system has whole updates, not {number(float(steps))}"
            raise click.BadParameter(message, param_hint=option_of(argument))
        given[argument] = None if steps is None else int(steps)
    known = {name: value for name, value in given.items() if value is not None}
    return Lengths(known, any(unit in UNITS for unit in units))


def found_in(source: str, run: RunArguments) -> list[Outcome]:
    """The schedules of a file of another system.

    Args:
        source: the file.
        run: what the command line says of the run.
    """
    output.need("configs", "yaml", "tree_sitter")
    from lrdsl.importers.imports import outcomes

    without_params: RunArguments = {**run, "params": None}
    lengths = lengths_of(without_params)
    return outcomes(source, Path(disk.root_of(source)), lengths.given)


def imported(source: str, name: str, found: Sequence[Outcome]) -> Text | None:
    """The only schedule of a file of another system, as a text.

    Args:
        source: the file.
        name: what to call it.
        found: its schedules.

    Returns:
        The text; None, with a word on why, where there is no schedule, or several, or one that is
        not proven.
    """
    look = f"see `lrdsl import {visible(source)}`"
    if not found:
        is_config = disk.may_hold_schedules(source)
        named = f", or name the key of one: {source}:optimizer.schedule" if is_config else ""
        output.say(f"lrdsl: {visible(name)} has no schedule that is read: {look}{named}")
        return None
    if len(found) > 1:
        kinds = listed(f"line {one.line} ({one.system}: {one.kind})" for one in found)
        output.say(
            f"lrdsl: {visible(name)} has {plural(len(found), 'schedule')}, on {kinds}: write them"
            f" with `lrdsl import {visible(source)} --write DIR`, and compare one of the files"
        )
        return None
    (one,) = found
    said = f"{one.origin}: {verdict(one)}: {reason(one)}"
    if not one:
        output.say(f"lrdsl: {said}; {look}")
        return None
    output.say(said)
    comments = [line for line in one.text.splitlines() if line.startswith("#")]
    for line in comments[1:]:  # what was assumed; the first says where it is from
        output.say(line)
    return Text(name, one.text)
