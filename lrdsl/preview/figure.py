"""The curve as a picture, drawn by matplotlib on a figure of its own."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from lrdsl.preview.curve import Curve, View, quantities
from lrdsl.preview.labels import one_line
from lrdsl.preview.panel import COLORS, Panel, panel, rate_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

SIZE = (9.0, 4.5)
DPI = 150
POINTS = 4000

_INK, _SOFT, _EDGE, _FAINT = "#24292f", "#6e7781", "#a8b1bb", "#d0d7de"
_DASHES = ("-", "--", "-.", ":")
# Width of the plot in characters of the small type, to share the layout of the terminal chart.
_CELLS = 118
_SMALL = 8.5
_LINE = 0.2
_ROOM = 0.04

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
}


def save(stream: BinaryIO, curves: Sequence[Curve], view: View) -> None:
    """Draws curves and writes the picture.

    The user's own matplotlib settings are left out, so a picture is the same everywhere.

    Args:
        stream: Where the bytes go.
        curves: One or more curves; several get a legend.
        view: What of them is shown.
    """
    import matplotlib.style

    with matplotlib.style.context(["default", _STYLE]), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to disturb anyone.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing")
        # It names the program and its version, if not told otherwise.
        draw(curves, view).savefig(stream, format="png", dpi=DPI, metadata={"Software": None})


def draw(curves: Sequence[Curve], view: View) -> Figure:
    """Draws curves on a new figure.

    Args:
        curves: One or more curves.
        view: What of them is shown.

    Returns:
        The figure; it belongs to no window and to no global state.
    """
    from matplotlib.figure import Figure

    sorted_curves = quantities(curves)
    if len(sorted_curves) > 1:
        return _draw_apart(sorted_curves, view)
    shown = _panel(curves, view)
    labels = [one_line(caption, _CELLS - 8) for caption in shown.captions]
    columns = max(1, _CELLS // (max(map(len, labels)) + 8))
    width, height = SIZE
    # A long legend makes the figure taller, not the plot smaller.
    extra = max(0, math.ceil(len(labels) / columns) - 2) * _LINE
    figure = Figure(figsize=(width, height + extra), layout="constrained")
    axes = figure.subplots()
    _plot(axes, shown)
    _add_inset(axes, shown, curves)
    if len(curves) > 1:
        _add_legend(figure, axes, labels, columns)
    return figure


def _draw_apart(sorted_curves: Mapping[str, Sequence[Curve]], view: View) -> Figure:
    """Draws every quantity on axes of its own, one below the other."""
    from matplotlib.figure import Figure

    width, height = SIZE
    share = height * (1 + len(sorted_curves)) / 2
    figure = Figure(figsize=(width, share), layout="constrained")
    rows = figure.subplots(len(sorted_curves), 1, sharex=True)
    for axes, curves in zip(rows, sorted_curves.values(), strict=True):
        shown = _panel(curves, view)
        _plot(axes, shown)
        _add_inset(axes, shown, curves)
        axes.set_xlabel(shown.step_noun if axes is rows[-1] else "")
        if len(curves) > 1:
            legend = axes.legend(axes.lines[: len(curves)], ["?"] * len(curves), fontsize=_SMALL)
            _set_labels(legend, [one_line(caption, _CELLS // 2) for caption in shown.captions])
    return figure


def _panel(curves: Sequence[Curve], view: View) -> Panel:
    scale, traces = rate_axis(curves, view, POINTS)
    return panel(curves, view, scale, traces, _CELLS, apart=2)


def _plot(axes: Axes, shown: Panel) -> None:
    for k, line in enumerate(shown.lines):
        color, dash = COLORS[k % len(COLORS)], _DASHES[k // len(COLORS) % len(_DASHES)]
        xs, ys = zip(*line, strict=True) if line else ((), ())
        axes.plot(xs, ys, color=color, linestyle=dash, linewidth=1.8, zorder=3, clip_on=False)
    _set_axes(axes, shown)


def _add_inset(axes: Axes, shown: Panel, curves: Sequence[Curve]) -> None:
    """Draws what follows an event in a dashed frame: nobody knows where it comes."""
    if len(curves) != 1 or not curves[0].schedule.events:
        return
    from lrdsl.preview.inset import inset

    if (follows := inset(curves[0])) is None:
        return
    frame = left, low, right, high = follows.frame(shown.lines)
    box = (left, right, right, left, left), (low, low, high, high, low)
    axes.fill(*box, facecolor="white", edgecolor=_SOFT, linestyle=(0, (4, 3)), zorder=4, lw=0.9)
    xs, ys = zip(*follows.placed(frame), strict=True)
    axes.plot(xs, ys, color=COLORS[0], linestyle=(0, (4, 2)), linewidth=1.4, zorder=5)
    middle, top = (left + right) / 2, high - 0.03
    label = one_line(follows.label, int((right - left) * _CELLS))
    axes.text(middle, top, label, ha="center", va="top", fontsize=_SMALL, color=_SOFT, zorder=5,
              parse_math=False)  # fmt: skip


def _set_axes(axes: Axes, shown: Panel) -> None:
    """Limits, ticks, boundaries and the names of the parts."""
    ruler, scale = shown.ruler, shown.scale
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1 + _ROOM)
    axes.set_yticks([scale.height(tick) for tick in scale.ticks], scale.labels)
    places = [ruler.position(tick.step) for tick in shown.ticks]
    axes.set_xticks(places, ["\n".join(tick.rows) for tick in shown.ticks])
    axes.set_xlabel(shown.step_noun)
    axes.set_ylabel(", ".join([shown.noun, *dict.fromkeys(shown.notes)]))
    axes.grid(axis="y", color=_FAINT, linewidth=0.6, alpha=0.6)
    if ruler.knee is not None:
        place = ruler.position(ruler.knee)
        axes.text(place, 0, "//", ha="center", va="center", color=_INK, zorder=4, clip_on=False)
    for edge in shown.edges:
        color = _EDGE if edge.curve is None else COLORS[edge.curve % len(COLORS)]
        place = ruler.position(edge.step)
        axes.axvline(place, color=color, linewidth=0.8, linestyle=(0, (4, 3)), zorder=2)
    for start, name in shown.names:
        axes.text(
            (start + len(name) / 2) / ruler.cells,
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
