"""Values of lrdsl in a notebook: a chart and a table in HTML, and a line on matplotlib's axes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lrdsl.analysis.picture import picture
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.curve import Curve, window
from lrdsl.preview.svg import svg
from lrdsl.preview.table import rows
from lrdsl.preview.trace import trace
from lrdsl.program import Program
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.schedule import Schedule
from lrdsl.wording import installing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lrdsl.preview.units import Unit

_POINTS = 4000
_CELL = "padding:1px 10px;text-align:{}"


def html(value: Program | Resolved | Schedule) -> str:
    """Draws a program or its schedules, for a base rate of 1.

    Args:
        value: the program, what it was resolved to, or one schedule.

    Returns:
        A chart and a table. A program that needs to know its run is drawn in its own unit where it
        has one; else there is the text instead, and what it needs. For schedules that have no curve
        there is the reason.
    """
    if isinstance(value, Program):
        return _text(value.source) + _of_program(value)
    try:
        return _shown(_curves(value) if isinstance(value, Resolved) else [_curve(value)])
    except LrsError as error:
        return _text(str(error))
    except ValueError as error:  # updates that have no position on their clock
        return _text(f"{value!r}\n{error}")


def _of_program(program: Program) -> str:
    shown = picture(program, {})
    if shown is not None:
        return _shown(shown.curves, shown.unit)
    try:
        return _shown(_curves(program.resolve_all()))
    except LrsError as error:
        return _text(str(error))
    except ValueError as error:
        return _text(f"{program!r}\n{error}")


def plot(
    schedule: Schedule,
    axes: Axes | None = None,
    *,
    base: float = 1.0,
    first: int = 0,
    last: int | None = None,
    **line: Any,
) -> Axes:
    """Draws a schedule as one line.

    Args:
        schedule: the schedule.
        axes: where; None for the current axes of pyplot.
        base: the optimizer's own rate.
        first: the first step.
        last: the last step; by default all of the schedule is drawn.
        **line: arguments of `Axes.plot`, such as the color.

    Returns:
        The axes. Their labels are set unless they have some.
    """
    if axes is None:
        try:
            from matplotlib import pyplot
        except ModuleNotFoundError as error:
            message = f"axes of its own need matplotlib: {installing('preview')}"
            raise ModuleNotFoundError(message, name=error.name) from None
        axes = pyplot.gca()
    curve = _curve(schedule, base)
    points = trace(curve, window([curve], first, last).steps, _POINTS)
    axes.plot([x for x, _ in points], [y for _, y in points], **line)
    if not axes.get_xlabel():
        axes.set_xlabel("step")
    if not axes.get_ylabel():
        axes.set_ylabel(curve.noun)
    return axes


def _curve(schedule: Schedule, base: float = 1.0) -> Curve:
    """The curve of a schedule, under the name that it has where it was resolved."""
    origin = schedule.origin
    if origin is None or not isinstance(origin.resolved, Resolved):
        return Curve("schedule", schedule, base)
    driven = next(one for one in origin.resolved.driven if one.target.label == origin.target)
    return Curve(driven.target.label, schedule, base, target=driven.target)


def _curves(resolved: Resolved) -> list[Curve]:
    return [Curve(one.target.label, one.schedule, target=one.target) for one in resolved.driven]


def _shown(curves: Sequence[Curve], unit: Unit | None = None) -> str:
    tables = [_table(curve, unit, alone=len(curves) == 1) for curve in curves]
    return "\n".join([svg(curves, window(curves, unit=unit)), *tables])


def _table(curve: Curve, unit: Unit | None, *, alone: bool) -> str:
    head, *body = rows(curve.parts, unit)
    lines = [_row("th", head), *(_row("td", cells) for cells in body)]
    caption = "" if alone else f"<caption>{escape(curve.label)}</caption>"
    return f"<table>{caption}\n" + "\n".join(lines) + "\n</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    """A row: the name to the left, numbers to the right."""
    sides = ["left", *["right"] * (len(cells) - 1)]
    marked = [
        f'<{tag} style="{_CELL.format(side)}">{escape(cell)}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    ]
    return f"<tr>{''.join(marked)}</tr>"


def _text(text: str) -> str:
    return f"<pre>{escape(text.strip())}</pre>\n" if text else ""
