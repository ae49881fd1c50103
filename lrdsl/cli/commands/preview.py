"""``lrdsl preview``: the curve, before any GPU has started."""

from __future__ import annotations

import math
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from lrdsl.cli import output
from lrdsl.cli.run_options import context, run_options, texts
from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.preview.curve import Curve

_MODULES = {
    "": ("numpy", "plotext"),
    "png": ("numpy", "matplotlib"),
    "svg": ("numpy", "matplotlib"),
}


@click.command()
@run_options
@click.option("--base", type=float, metavar="RATE", help="The optimizer's own rate.  [default: 1]")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="How many steps to show.")
@click.option(
    "-o", "--output", "path", metavar="FILE", help="Write this instead: png, svg, csv or json."
)
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    base: float | None,
    steps: int | None,
    path: str | None,
    **run: Any,
) -> None:
    """Draw schedules in the terminal, with a table of their parts.

    Several schedules are drawn over each other. With -o the chart, or the values, are written to a
    file instead, by its suffix.

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
    curves = _curves(programs, context(**run), base)
    if path:
        _write(path, curves, steps)
    else:
        _draw(curves, steps, base, context(**run))


def _curves(programs: list[Any], given: dict[str, Any], base: float | None) -> list[Curve]:
    """The curve of every program; ends the command where one has errors."""
    from lrdsl.preview.curve import Curve
    from lrdsl.program import Program

    found: list[Curve] = []
    broken = False
    rate = 1.0 if base is None else base
    for text in programs:
        try:
            schedule = Program(text.text, text.name).resolve(**given)
            if errors := schedule.faults(rate):
                raise LrsError(errors)
            found.append(Curve(text.label, schedule, rate))
        except LrsError as error:
            output.print_diagnostics(error.diagnostics)
            broken = True
    if broken:
        sys.exit(output.FINDINGS)
    return found


def _write(path: str, curves: list[Curve], steps: int | None) -> None:
    from lrdsl.preview.curve import window
    from lrdsl.preview.files import write

    longest = max(curve.schedule.length for curve in curves)
    if steps is None and longest < math.inf and path.endswith((".csv", ".json")):
        steps = max(1, int(longest))  # one row for every update, and none for what is held
    try:
        write(path, curves, window(curves, steps))
    except (OSError, ValueError) as error:
        click.echo(f"lrdsl: cannot write {path}: {error}", err=True)
        sys.exit(output.MISUSE)


def _draw(
    curves: list[Curve], steps: int | None, base: float | None, given: dict[str, Any]
) -> None:
    from lrdsl.preview.chart import MIN_WIDTH, chart
    from lrdsl.preview.curve import window
    from lrdsl.preview.table import Unit, table

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    n = window(curves, steps)
    click.echo(chart(curves, n, width=width, color=output.color()))
    per_epoch = given.get("steps_per_epoch")
    unit = Unit("ep", per_epoch) if per_epoch else None
    for curve in curves:
        label = curve.label if len(curves) > 1 else None
        shown = None if curve.schedule.is_absolute else curve.base
        click.echo()
        click.echo(table(label, curve.segments, shown, unit))
