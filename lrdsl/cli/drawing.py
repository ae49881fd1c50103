"""Programs of the command line as curves: which of them, for which run, and in which unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from lrdsl.analysis.picture import laid_out
from lrdsl.cli import output
from lrdsl.cli.resolving import parsed
from lrdsl.cli.run_options import EXPRESSION, Text
from lrdsl.cli.stated_runs import known_run
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.assumed import assumed
from lrdsl.preview.curve import Curve
from lrdsl.preview.units import Unit, spoken
from lrdsl.program import Program
from lrdsl.record import record
from lrdsl.text import numbers

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments


@record
class Sketch:
    """A program that is to be drawn.

    Attributes:
        text: where it comes from.
        program: the program.
        run: the known arguments of its run.
    """

    text: Text
    program: Program
    run: RunArguments


def sketches(texts: Sequence[Text], run: RunArguments, groups: Sequence[str] = ()) -> list[Sketch]:
    """Parses programs; prints the errors of those that have some, and leaves them out.

    Args:
        texts: the programs.
        run: what the command line says of the run, which goes before what a config says.
        groups: the names of the groups, if any are given.
    """
    found = []
    for text in texts:
        try:
            program = parsed(text, groups)
            found.append(Sketch(text, program, known_run(text, program, run)))
        except LrsError as error:
            output.print_diagnostics(error.diagnostics)
    return found


def with_assumed(found: Sequence[Sketch]) -> tuple[list[Sketch], Unit | None]:
    """The programs, their runs with what `assumed` assumes of a unit, and that unit."""
    runs, unit = assumed([(sketch.program, sketch.run) for sketch in found])
    pairs = zip(found, runs, strict=True)
    return [Sketch(sketch.text, sketch.program, run) for sketch, run in pairs], unit


def unit_of(found: Sequence[Sketch]) -> Unit | None:
    """The unit that programs are drawn in; None if that is steps, or not one for all of them.

    Args:
        found: the programs.
    """
    units = {spoken([sketch.program for sketch in found], sketch.run) for sketch in found}
    return units.pop() if len(units) == 1 else None


def curves_of(
    sketch: Sketch, run: RunArguments, bases: Mapping[str, float], *, alone: bool
) -> list[Curve]:
    """The curves of a program; none, and its errors printed, where it has errors in its run.

    Args:
        sketch: the program.
        run: what the command line says of the run, which no config is to be blamed for.
        bases: the optimizer's own values of what is driven, by key.
        alone: True if it is the only program, so that its curves need not be told from others.
    """
    try:
        schedules = laid_out(sketch.program, sketch.run, bases)
    except LrsError as error:
        output.print_diagnostics(sketch.text.explained(error.diagnostics, run))
        return []
    name = sketch.text.label if sketch.text.name == EXPRESSION else sketch.text.place
    curves = []
    for label, (driven, base) in schedules.items():
        called = f"{name} {label}"
        if len(schedules) == 1 and driven.target.selector is None:
            called = name
        elif alone:
            called = label
        curves.append(Curve(called, driven.schedule, base, target=driven.target))
    return curves


def step_of(word: str | None, sketch: Sketch, unit: Unit | None, option: str) -> int | None:
    """The step that an option names: a number of steps, or of a unit.

    Args:
        word: what was given.
        sketch: a program whose run says how long the units are.
        unit: the unit that is drawn in.
        option: the option.

    Raises:
        BadParameter: it names none.
    """
    if word is None:
        return None
    try:
        quantity = numbers.read(word.strip())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None
    if unit is not None and unit.is_assumed and not quantity.unit and quantity.exact:
        message = f"how many steps one `{unit.name}` takes is not known; write {word}{unit.name}"
        raise click.BadParameter(message, param_hint=option)
    step = sketch.program.run_of(sketch.run).steps(quantity.exact, quantity.unit or "st")
    if step is None:
        message = f"how many steps one `{quantity.unit}` takes is not known"
        raise click.BadParameter(message, param_hint=option)
    return round(step)
