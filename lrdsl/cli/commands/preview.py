"""``lrdsl preview``: the curve, before any GPU has started."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sized
from typing import TYPE_CHECKING, TextIO

import click

from lrdsl import files as disk
from lrdsl import limits
from lrdsl.cli import output
from lrdsl.cli.resolving import check_bases, lay_out
from lrdsl.cli.run_options import Text, base_option, run_options, texts
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.preview.curve import Curve
    from lrdsl.resolve.run_arguments import RunArguments

_MODULES = {
    "": ("numpy", "plotext"),
    "png": ("numpy", "matplotlib"),
    "svg": ("numpy", "matplotlib"),
}


@click.command()
@run_options
@base_option
@click.option(
    "--steps", type=click.IntRange(1, limits.STEPS), metavar="N", help="How many steps to show."
)
@click.option(
    "--metric",
    "trace",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="What a plateau is driven by: CSV with the updates made and the metric.  [default: it"
    " never improves]",
)
@click.option(
    "-o", "--output", "path", metavar="FILE", help="Write this instead: png, svg, csv or json."
)
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    bases: dict[str, float],
    steps: int | None,
    trace: TextIO | None,
    path: str | None,
    run: RunArguments,
) -> None:
    """Draw schedules in the terminal, with a table of their parts.

    Several schedules are drawn over each other, and each target of a program, such as momentum, in
    a chart of its own. What a metric drives is drawn as if the metric never improved, or for one
    that was recorded. With -o the charts, or the values, are written to a file instead, by its
    suffix.

    Exit status: 0 drawn, 1 errors found, 2 misuse or an unreadable file.

    \b
    lrdsl preview examples/d2l_cosine.lrs --base 0.1
    lrdsl preview resnet50.lrs --steps-per-epoch 1251 -o curve.png
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    suffix = path.rpartition(".")[2].lower() if path else ""
    output.need("preview", *_MODULES.get(suffix, ("numpy",)))
    programs, unreadable = texts(files, expressions)
    output.print_unreadable(unreadable)
    if unreadable:
        sys.exit(output.MISUSE)
    curves = _driven(_curves(programs, run, bases), run, trace)
    if path:
        _write(path, curves, steps)
    else:
        _draw(curves, steps, run)


def _curves(programs: list[Text], run: RunArguments, bases: dict[str, float]) -> list[list[Curve]]:
    """The curves of every program; ends the command where one has errors."""
    from lrdsl.preview.curve import Curve

    by_program: list[list[Curve]] = []
    broken = False
    for text in programs:
        try:
            schedules = lay_out(text, run, bases)
            by_program.append(
                [
                    Curve(
                        _called(text, label, programs, schedules),
                        driven.schedule,
                        base,
                        target=driven.target,
                    )
                    for label, (driven, base) in schedules.items()
                ]
            )
        except LrsError as error:
            output.print_diagnostics(error.diagnostics)
            broken = True
    if broken:
        sys.exit(output.FINDINGS)
    check_bases(bases, (curve.target for curves in by_program for curve in curves if curve.target))
    return by_program


def _driven(by_program: list[list[Curve]], run: RunArguments, trace: TextIO | None) -> list[Curve]:
    """The curves as a metric makes them, where one drives them; says what was assumed of it."""
    curves = [curve for same in by_program for curve in same]
    if not any(curve.schedule.meters for curve in curves):
        if trace is not None:
            raise click.BadParameter("nothing here is driven by a metric", param_hint="--metric")
        return curves
    from lrdsl.preview import metric

    try:
        recorded = None if trace is None else metric.read(trace)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--metric") from None
    every = max(1, round(run.get("steps_per_epoch") or 1))
    driven: list[Curve] = []
    for same in by_program:
        is_driven = any(curve.schedule.meters for curve in same)
        readings = metric.never_improving(same, every) if recorded is None else recorded
        driven += metric.driven(same, readings) if is_driven else same
    if recorded is None:
        when = "after every step" if every == 1 else f"every {every:,} steps"
        click.echo(f"note: drawn for a metric that never improves, measured {when}", err=True)
    return driven


def _write(path: str, curves: list[Curve], steps: int | None) -> None:
    from lrdsl.preview.curve import window
    from lrdsl.preview.export import write

    longest = max(curve.schedule.length for curve in curves)
    if steps is None and longest < math.inf and path.endswith((".csv", ".json")):
        steps = max(1, int(longest))  # one row for every update, and none for what is held
    try:
        write(path, curves, window(curves, steps))
    except (OSError, ValueError) as error:
        reason = disk.reason(error) if isinstance(error, OSError) else error
        click.echo(f"lrdsl: cannot write {path}: {reason}", err=True)
        sys.exit(output.MISUSE)


def _called(text: Text, label: str, programs: list[Text], schedules: Sized) -> str:
    """What to call a curve: its program, its target, or both where there are several of both."""
    if len(schedules) == 1:
        return text.label
    return label if len(programs) == 1 else f"{text.label} {label}"


def _draw(curves: list[Curve], steps: int | None, run: RunArguments) -> None:
    from lrdsl.preview.chart import MIN_WIDTH, chart
    from lrdsl.preview.curve import quantities, window
    from lrdsl.preview.table import Unit, table

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    n = window(curves, steps)
    sorted_curves = quantities(curves)
    for name, same in sorted_curves.items():
        if len(sorted_curves) > 1:
            click.echo(f"{name}:")
        click.echo(chart(same, n, width=width, color=output.color()))
    per_epoch = run.get("steps_per_epoch")
    unit = Unit("ep", per_epoch) if per_epoch else None
    for curve in curves:
        label = curve.label if len(curves) > 1 else None
        shown = None if curve.schedule.is_absolute else curve.base
        click.echo()
        click.echo(table(label, curve.parts, shown, unit))
