"""Curves laid out on axes, ready to be drawn: by characters, as SVG, or by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

from lrdsl.preview.curve import Curve, View, boundaries, shared_parts, shown_parts
from lrdsl.preview.labels import one_line
from lrdsl.preview.rate_axis import Scale, rate_scale, spans_decades
from lrdsl.preview.step_axis import Ruler, Tick, place_names, ruler, step_ticks, visible_edges
from lrdsl.preview.trace import Point, sample, trace
from lrdsl.wording import number, short_count

# Colors that stay apart for color-blind readers, and from white paper as from a dark screen.
COLORS = ("#2f7fd0", "#d55e00", "#0a8a62", "#bf62a5", "#9a7400", "#7a6fd0")

_PROBES = 400
_SAME = 1e-9
# Parts that are named in a caption.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Edge:
    """A boundary.

    Attributes:
        step: Where it is.
        curve: The number of the only curve that has it; None if it is everybody's.
    """

    step: int
    curve: int | None


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves of one quantity on their axes.

    Attributes:
        noun: What a value is called.
        step_noun: What the lowest labels of the steps count; empty if they say it themselves.
        scale: The axis of the rates.
        ruler: The axis of the steps.
        edges: The boundaries to mark.
        ticks: The steps to label.
        names: The names of the parts that all curves share, each with the cell where it starts.
        lines: The corners of every curve, from 0 to 1 in both directions; none of a curve that was
            drawn already.
        captions: What to say about every curve.
        notes: What to say even where there is one curve: the base it was drawn for.
    """

    noun: str
    step_noun: str
    scale: Scale
    ruler: Ruler
    edges: list[Edge]
    ticks: list[Tick]
    names: list[tuple[int, str]]
    lines: list[list[Point]]
    captions: list[str]
    notes: list[str]


def rate_axis(curves: Sequence[Curve], view: View, points: int) -> tuple[Scale, list[list[Point]]]:
    """Chooses the axis of the rates, and evaluates the curves.

    Args:
        curves: One or more curves of one quantity.
        view: What of them is shown.
        points: The most steps to evaluate of each.

    Returns:
        The axis, and the corners of every curve in steps and rates.
    """
    traces = [trace(curve, view.steps, points) for curve in curves]
    log = view.log
    if log is None:
        log = spans_decades(sample(curve, view.steps, _PROBES)[1] for curve in curves)
    return rate_scale([y for line in traces for _, y in line], log=log), traces


def panel(
    curves: Sequence[Curve],
    view: View,
    scale: Scale,
    traces: Sequence[Sequence[Point]],
    cells: int,
    apart: int = 3,
) -> Panel:
    """Lays curves out.

    Args:
        curves: One or more curves of one quantity.
        view: What of them is shown.
        scale: The axis of the rates.
        traces: The corners of every curve, in steps and rates.
        cells: The width of the plot, in characters of its labels.
        apart: The least distance of two boundaries, in cells.
    """
    edges = boundaries(curves, view.steps)
    axis = ruler(view.steps[0], view.last, cells, edges)
    visible = visible_edges(edges, axis, apart)
    parts = shared_parts(curves, view.steps)
    same = [
        next(k for k, other in enumerate(traces) if _alike(other, corners)) for corners in traces
    ]
    lines = [
        [(axis.position(x), scale.height(y)) for x, y in corners] if same[k] == k else []
        for k, corners in enumerate(traces)
    ]
    own = [set(boundaries([curve], view.steps)) for curve in curves]
    return Panel(
        one_line(curves[0].noun),
        "" if view.unit and view.unit.is_assumed else "step",
        scale,
        axis,
        [Edge(step, _owner(own, step)) for step in visible],
        step_ticks(visible, axis, view.unit),
        place_names(parts, axis) if len(parts) > 1 else [],
        lines,
        _captions(curves, same, view, named=bool(parts)),
        [
            f"for a base of {number(curve.base)}"
            for curve in curves
            if not curve.schedule.is_absolute
        ],
    )


def _alike(a: Sequence[Point], b: Sequence[Point]) -> bool:
    """True if two lines are one, apart from rounding."""
    return len(a) == len(b) and all(
        x == other and math.isclose(y, value, rel_tol=_SAME)
        for (x, y), (other, value) in zip(a, b, strict=True)
    )


def _owner(own: Sequence[Container[int]], step: int) -> int | None:
    owners = [k for k, edges in enumerate(own) if step in edges]
    return owners[0] if len(owners) == 1 < len(own) else None


def _captions(
    curves: Sequence[Curve], same: Sequence[int], view: View, *, named: bool
) -> list[str]:
    """The legend of every curve: its base, the first curve it equals, its parts."""
    captions = []
    for k, curve in enumerate(curves):
        caption = one_line(curve.label)
        if not curve.schedule.is_absolute:
            caption += f" (base {number(curve.base)})"
        parts = shown_parts(curve, view.steps)
        if same[k] < k:
            caption += f": the same curve as {one_line(curves[same[k]].label)}"
        elif not named and 1 < len(parts) <= _NAMED:
            caption += f": {_story(parts, view)}"
        captions.append(caption)
    return captions


def _story(parts: Sequence[tuple[str, int, int]], view: View) -> str:
    """The parts, each with where it starts: `warmup, cosine from 5`."""
    (first, _, _), *others = parts
    label = view.unit.label if view.unit else short_count
    return ", ".join([first, *(f"{name} from {label(start)}" for name, start, _ in others)])
