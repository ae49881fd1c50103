"""``lrdsl preview``: the curve, before any GPU has started."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.completion import schedules_and_configs
from lrdsl.cli.config_options import ConfigOptions, config_options, gathered
from lrdsl.cli.help import LOOK, OUTPUT, RUN, Command, option
from lrdsl.cli.resolving import check_bases
from lrdsl.cli.run_options import base_option, group_option, output_option, pairs, run_options
from lrdsl.record import record, replace
from lrdsl.wording import listed, unknown_event

if TYPE_CHECKING:
    from lrdsl.cli.drawing import Sketch
    from lrdsl.preview.curve import Curve, View
    from lrdsl.preview.units import Unit
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.text.numbers import Rational

_MODULES = {"": ("numpy", "plotext"), "png": ("numpy", "matplotlib")}
# More programs than can be told apart over each other.
_TOGETHER = 6


@click.command(
    cls=Command,
    group=LOOK,
    examples=(
        "lrdsl preview resnet50.lrs --steps-per-epoch 1251 --last 10ep",
        "lrdsl preview -e 'warmup(5) >> cosine(20)' --base 0.1 -o curve.png",
    ),
    statuses=("Drawn.", "Errors.", "Wrong use, or a file that cannot be read."),
)
@run_options("A schedule, config or folder; - for standard input.", schedules_and_configs)
@config_options
@base_option
@group_option
@option(OUTPUT, "--first", metavar="LENGTH", help="The first step to show, or such as 5ep.")
@option(OUTPUT, "--last", metavar="LENGTH", help="The last step to show, likewise.")
@option(OUTPUT, "--log/--linear", default=None,
        help="The axis of the rates; by default it fits them.")  # fmt: skip
@option(
    RUN,
    "--metric",
    "trace",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="CSV of steps and a metric, to drive a plateau.",
)
@option(
    RUN,
    "--event",
    "events",
    multiple=True,
    callback=pairs,
    metavar="NAME=STEP",
    help="An event, and the step it happens at.",
)
@output_option("Write to a .png, .svg, .csv or .json file.")
def command(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    run: RunArguments,
    configs: ConfigOptions,
    bases: dict[str, float],
    groups: tuple[str, ...],
    first: str | None,
    last: str | None,
    log: bool | None,
    trace: TextIO | None,
    events: dict[str, str],
    path: str | None,
) -> None:
    """Draw schedules in the terminal.

    Up to six schedules are drawn over each other, more in a chart each. Each target of a program,
    such as momentum, has a chart of its own. A plateau is drawn for a metric that never improves,
    unless --metric names a recorded one. An event has not happened unless --event says when. With
    -o the charts, or the values, go to a file instead.

    The axis speaks the unit of the schedules. Where they speak of epochs alone, they are drawn
    without --steps-per-epoch, where they speak of tokens alone, without --per-step, and where they
    speak of shares of the run alone, without --total. A short
    warm-up is drawn wider than it is, and the axis says so. The axis of the rates is logarithmic
    where they span more than three decades.

    A schedule with errors does not keep others from being drawn, but no file is written.
    """
    suffix = path.rpartition(".")[2].lower() if path else ""
    output.need("preview", *_MODULES.get(suffix, ("numpy",)))
    programs, unreadable = gathered(files, expressions, None, configs, run)
    output.print_unreadable(unreadable)
    from lrdsl.cli.drawing import curves_of, sketches, step_of, unit_of, with_assumed

    found = sketches(programs, run, groups)
    unit: Unit | None = None
    if suffix not in {"csv", "json"}:  # which say what each step has
        found, unit = with_assumed(found)
    laid_out = [(one, curves_of(one, run, bases, alone=len(programs) == 1)) for one in found]
    drawn = [(one, curves) for one, curves in laid_out if curves]
    status = output.FINDINGS if len(drawn) < len(programs) else 0
    status = output.MISUSE if unreadable else status
    if not drawn or (path and status):
        sys.exit(status)
    check_bases(bases, (c.target for _, curves in drawn for c in curves if c.target))
    unit = unit or unit_of([one for one, _ in drawn])
    stretch = Stretch(
        step_of(first, drawn[0][0], unit, "--first") or 0,
        step_of(last, drawn[0][0], unit, "--last"),
        unit,
        log,
    )
    happened = {name: step_of(at, drawn[0][0], unit, "--event") for name, at in events.items()}
    drawn = _after({name: step or 0 for name, step in happened.items()}, drawn)
    epoch = drawn[0][0].program.run_of(drawn[0][0].run).units.get("ep", 1)
    by_program = _driven([curves for _, curves in drawn], epoch, trace)
    try:
        if path:
            _write(path, [curve for curves in by_program for curve in curves], stretch)
        else:
            _draw_all(by_program, stretch)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    sys.exit(status)


def _after(
    events: dict[str, int], drawn: list[tuple[Sketch, list[Curve]]]
) -> list[tuple[Sketch, list[Curve]]]:
    """The curves once events have happened; says which have not."""
    waits = {event.key for _, curves in drawn for c in curves for event in c.schedule.events}
    for name in events:
        if name not in waits:
            raise click.BadParameter(unknown_event(name, sorted(waits)), param_hint="--event")
    if left := sorted(waits - set(events)):
        names = " ".join(f"--event {name}=STEP" for name in left)
        events_left = listed([f"`{name}`" for name in left])
        output.say(f"note: drawn as if {events_left} never came; {names} says when")
    if not events:
        return drawn
    found = []
    for sketch, curves in drawn:
        after: list[Curve] = []
        for curve in curves:
            keys = {event.key for event in curve.schedule.events}
            own = {name: step for name, step in events.items() if name in keys}
            after.append(replace(curve, schedule=curve.schedule.after(own)))
        found.append((sketch, after))
    return found


@record
class Stretch:
    """The options about the axes.

    Attributes:
        first: the first step.
        last: the last one; None if the curves say it.
        unit: the unit of the steps.
        log: True if the axis of the rates is logarithmic; None if the rates say it.
    """

    first: int
    last: int | None
    unit: Unit | None
    log: bool | None

    def view(self, curves: Sequence[Curve]) -> View:
        """The part of the curves that is shown."""
        from lrdsl.preview.curve import window

        return window(curves, self.first, self.last, unit=self.unit, log=self.log)


def _driven(
    by_program: list[list[Curve]], epoch: Rational, trace: TextIO | None
) -> list[list[Curve]]:
    """The curves as a metric makes them, where one drives them; says what was assumed of it."""
    if not any(curve.schedule.meters for curves in by_program for curve in curves):
        if trace is not None:
            raise click.BadParameter("nothing here is driven by a metric", param_hint="--metric")
        return by_program
    from lrdsl.preview import metric

    try:
        recorded = None if trace is None else metric.read(trace)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--metric") from None
    every = max(1, round(epoch))
    if recorded is None:
        when = "step" if every == 1 else "epoch"
        note = f"note: drawn for a metric that never improves, measured after every {when}"
        output.say(note)
        return [metric.sampled(curves, every) for curves in by_program]
    return [
        metric.driven(curves, recorded) if any(c.schedule.meters for c in curves) else curves
        for curves in by_program
    ]


def _write(path: str, curves: list[Curve], stretch: Stretch) -> None:
    from lrdsl.preview.export import write

    longest = max(curve.schedule.length for curve in curves)
    if stretch.last is None and longest < math.inf and path.endswith((".csv", ".json")):
        # One row for every update, and none for what is held.
        stretch = replace(stretch, last=max(0, stretch.first, int(longest) - 1))
    view = stretch.view(curves)
    try:
        write(path, curves, view)
    except (OSError, ValueError) as error:
        reason = disk.reason(error) if isinstance(error, OSError) else error
        output.say(f"lrdsl: cannot write {path}: {reason}")
        sys.exit(output.MISUSE)


def _draw_all(by_program: list[list[Curve]], stretch: Stretch) -> None:
    """Draws programs over each other, or one after the other where they are many."""
    together = [[curve for curves in by_program for curve in curves]]
    groups = by_program if len(by_program) > _TOGETHER else together
    for k, curves in enumerate(groups):
        if k:
            click.echo()
        _draw(curves, stretch.view(curves), several=len(by_program) > 1)


def _draw(curves: list[Curve], view: View, *, several: bool) -> None:
    from lrdsl.preview.chart import MIN_WIDTH, chart
    from lrdsl.preview.curve import quantities
    from lrdsl.preview.table import table

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns)
    sorted_curves = quantities(curves)
    for name, same in sorted_curves.items():
        if len(sorted_curves) > 1:
            click.echo(f"{name}:")
        elif several and len(curves) == 1:
            click.echo(f"{curves[0].label}:")
        click.echo(chart(same, view, width=width, color=output.color()))
        if len(same) == 1 and same[0].schedule.events:
            from lrdsl.preview.inset import inset

            follows = inset(same[0])
            for line in follows.text(width - 4) if follows else ():
                click.echo(f"    {line}")
    for curve in curves:
        label = curve.label if len(curves) > 1 or not curve.is_plain else None
        shown = None if curve.schedule.is_absolute else curve.base
        click.echo()
        click.echo(table(label, curve.parts, shown, view.unit))
