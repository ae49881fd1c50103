"""The curve as a picture, drawn by matplotlib on a figure of its own."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from lrdsl.preview.axis import Ruler, place_names, rate_scale, step_ticks, visible_edges
from lrdsl.preview.curve import Curve, boundaries, quantities, shared_parts, trace
from lrdsl.preview.labels import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

SIZE = (9.0, 4.5)
DPI = 150
POINTS = 4000

_INK, _SOFT, _EDGE, _FAINT = "#24292f", "#6e7781", "#a8b1bb", "#d0d7de"
# Okabe and Ito's colours, which stay apart for colour-blind readers and in grey.
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("-", "--", "-.", ":")
# Width of the plot in characters of the small type, to share the layout of the terminal chart.
_CELLS = 118
_SMALL = 8.5
_LINE = 0.2

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "xtick.color": _FAINT,
    "ytick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "xtick.labelsize": _SMALL,
    "ytick.labelsize": _SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "lrdsl",
}


def save(stream: BinaryIO, curves: Sequence[Curve], n: int, kind: Literal["png", "svg"]) -> None:
    """Draws the first n steps and writes the picture.

    The user's own matplotlib settings are left out, so a picture is the same everywhere.

    Args:
        stream: Where the bytes go.
        curves: One or more curves; several get a legend.
        n: Number of steps.
        kind: The format.
    """
    import matplotlib.style

    with matplotlib.style.context(["default", _STYLE]), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to disturb anyone.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        figure = draw(curves, n)
        # Both name the program and its version, and SVG the date, if not told otherwise.
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(stream, format=kind, dpi=DPI, metadata=metadata)


def draw(curves: Sequence[Curve], n: int) -> Figure:
    """Draws the first n steps of the curves on a new figure.

    Args:
        curves: One or more curves.
        n: Number of steps.

    Returns:
        The figure; it belongs to no window and to no global state.
    """
    from matplotlib.figure import Figure

    sorted_curves = quantities(curves)
    if len(sorted_curves) > 1:
        return _draw_apart(sorted_curves, n)
    labels = [one_line(curve.label, _CELLS - 8) for curve in curves]
    columns = max(1, _CELLS // (max(map(len, labels)) + 8))
    width, height = SIZE
    # A long legend makes the figure taller, not the plot smaller.
    extra = max(0, math.ceil(len(labels) / columns) - 2) * _LINE
    figure = Figure(figsize=(width, height + extra), layout="constrained")
    axes = figure.subplots()
    _plot(axes, curves, n)
    if len(curves) > 1:
        _add_legend(figure, axes, labels, columns)
    return figure


def _draw_apart(sorted_curves: Mapping[str, Sequence[Curve]], n: int) -> Figure:
    """Draws every quantity on axes of its own, one below the other."""
    from matplotlib.figure import Figure

    width, height = SIZE
    share = height * (1 + len(sorted_curves)) / 2
    figure = Figure(figsize=(width, share), layout="constrained")
    rows = figure.subplots(len(sorted_curves), 1, sharex=True)
    for axes, curves in zip(rows, sorted_curves.values(), strict=True):
        _plot(axes, curves, n)
        axes.set_xlabel("step" if axes is rows[-1] else "")
        if len(curves) > 1:
            legend = axes.legend(axes.lines[: len(curves)], ["?"] * len(curves), fontsize=_SMALL)
            _set_labels(legend, [one_line(curve.label, _CELLS // 2) for curve in curves])
    return figure


def _plot(axes: Axes, curves: Sequence[Curve], n: int) -> None:
    traces = [trace(curve, n, POINTS) for curve in curves]
    for k, (xs, ys) in enumerate(traces):
        color, dash = _COLORS[k % len(_COLORS)], _DASHES[k // len(_COLORS) % len(_DASHES)]
        axes.plot(xs, ys, color=color, linestyle=dash, linewidth=1.8, zorder=3, clip_on=False)
    _set_axes(axes, curves, n, [y for _, ys in traces for y in ys])


def _set_axes(axes: Axes, curves: Sequence[Curve], n: int, values: Sequence[float]) -> None:
    """Limits, ticks, boundaries and the names of the parts."""
    ruler = Ruler(max(n - 1, 1), _CELLS)
    edges = visible_edges(boundaries(curves, n), ruler, apart=2)
    scale = rate_scale(values)
    axes.set_xlim(0, ruler.last)
    axes.set_ylim(scale.low, scale.high)
    axes.set_yticks(scale.ticks, scale.labels)
    ticks = step_ticks(edges, ruler)
    axes.set_xticks([step for step, _ in ticks], [text for _, text in ticks])
    axes.set_xlabel("step")
    axes.set_ylabel(one_line(curves[0].noun))
    axes.grid(axis="y", color=_FAINT, linewidth=0.6, alpha=0.6)
    for edge in edges:
        axes.axvline(edge, color=_EDGE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=2)
    parts = shared_parts(curves, n)
    for start, name in place_names(parts, ruler) if len(parts) > 1 else []:
        x = (start + len(name) / 2) / ruler.cells
        axes.text(
            x,
            1.02,
            name,
            transform=axes.transAxes,
            ha="center",
            va="bottom",
            fontsize=_SMALL,
            color=_SOFT,
            parse_math=False,
        )


def _add_legend(figure: Figure, axes: Axes, labels: Sequence[str], columns: int) -> None:
    """Names the curves below the plot, where no curve can be covered."""
    legend = figure.legend(
        axes.lines[: len(labels)],
        ["?"] * len(labels),
        loc="outside lower center",
        ncols=columns,
        frameon=False,
        fontsize=_SMALL,
    )
    _set_labels(legend, labels)


def _set_labels(legend: Legend, labels: Sequence[str]) -> None:
    # Set afterwards: as arguments, labels with a leading underscore would be left out.
    for text, label in zip(legend.get_texts(), labels, strict=True):
        text.set_parse_math(False)
        text.set_text(label)
