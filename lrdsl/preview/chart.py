"""The curve in the terminal, drawn by plotext."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from lrdsl.preview.curve import Curve, View
from lrdsl.preview.labels import columns, one_line
from lrdsl.preview.panel import Panel, panel, rate_axis
from lrdsl.preview.rate_axis import Scale

MIN_WIDTH = 20
MIN_HEIGHT = 8
LEVEL_ROWS = 7
POINTS = 2000

# Markers tell curves apart where colors may not; the finest is first, as most charts hold one.
_MARKERS = ("braille", "hd", "×", "+", "o", "*")
_SAMPLES = {"braille": "⠒⠒", "hd": "▀▀"}
_COLORS = ("blue+", "orange", "magenta+", "green+", "red+", "cyan+")
_EDGE, _EDGE_COLOR = "┊", "gray"


def chart(
    curves: Sequence[Curve], view: View, width: int = 80, height: int = 23, *, color: bool = False
) -> str:
    """Draws curves as text.

    Args:
        curves: One or more curves; several share both axes and get a legend.
        view: What of them is shown.
        width: Columns; the axis of the steps fills them exactly. At least 20.
        height: The most lines, legend included. A few may stay unused, so that ticks are evenly
            spaced. At least 8.
        color: True to use escape codes. NO_COLOR in the environment overrules it.

    Returns:
        Lines joined by newlines, without one at the end; none is wider than `width`.

    Raises:
        ValueError: If there is nothing to draw, or no room to draw it.
    """
    if not curves:
        raise ValueError("a chart needs at least one curve")
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        raise ValueError(f"a chart needs {MIN_WIDTH} columns and {MIN_HEIGHT} lines at least")
    color = color and not os.environ.get("NO_COLOR")
    scale, traces = rate_axis(curves, view, max(POINTS, 8 * width))
    left = max(map(len, scale.labels)) + 1
    shown = panel(curves, view, scale, traces, width - left)
    markers = [_MARKERS[0 if color else k % len(_MARKERS)] for k in range(len(curves))]
    samples = [marker if line else " " for marker, line in zip(markers, shown.lines, strict=True)]
    head = _legend(shown.captions, samples, width, color)
    head += _names(shown, left)
    foot = _second_row(shown, left)
    rows, room = _rows(height - len(head) - len(foot) - 2, scale)
    body = _plot(shown, markers, (width, rows), room, color).splitlines()
    if shown.ruler.knee is not None:
        body[rows] = _with_knee(body[rows], left, shown.ruler.cell(shown.ruler.knee))
    return "\n".join(line.rstrip() for line in (*head, *body, *foot))


def _rows(most: int, scale: Scale) -> tuple[int, int]:
    """Rows of the canvas: as many as fit while ticks stay evenly spaced; few for a level line.

    Returns:
        How many there are, and how many of them are room above the highest tick.
    """
    if not scale.intervals:
        return min(most, LEVEL_ROWS), 0
    rows = max(1, (most - 2) // scale.intervals) * scale.intervals + 1
    return min(most, rows + 1), int(rows < most)


def _legend(labels: Sequence[str], markers: Sequence[str], width: int, color: bool) -> list[str]:
    """Lines that show each curve's marker and label; none for a single curve."""
    if len(labels) == 1:
        return []
    import plotext

    lines: list[str] = []
    used = width
    for k, (label, marker) in enumerate(zip(labels, markers, strict=True)):
        mark = _SAMPLES.get(marker, marker * 2)
        text = one_line(label, width - len(mark) - 1)
        size = len(mark) + 1 + columns(text)
        painted = plotext.colorize(mark, _color(k)).string() if color else mark
        if used + 3 + size > width:
            lines.append(f"{painted} {text}")
            used = size
        else:
            lines[-1] += f"   {painted} {text}"
            used += 3 + size
    return lines


def _names(shown: Panel, left: int) -> list[str]:
    """The row above the canvas that names the parts, if they have names."""
    row = ""
    for start, name in shown.names:
        row = row.ljust(left + start) + name
    return [row] if row else []


def _second_row(shown: Panel, left: int) -> list[str]:
    """The steps below the labels in another unit, if there is one."""
    row = ""
    for tick in shown.ticks:
        for text in tick.rows[1:]:
            start, end = shown.ruler.span(tick.step, max(map(len, tick.rows)))
            at = min(start + (end - start - len(text)) // 2, shown.ruler.cells - len(text))
            row = row.ljust(left + at) + text
    return [row] if row else []


def _with_knee(axis: str, left: int, knee: int) -> str:
    """The axis with the stretch dashed that is drawn wider than it is."""
    return axis[:left] + axis[left : left + knee].replace("─", "╌") + axis[left + knee :]


def _color(k: int) -> str:
    return _COLORS[k % len(_COLORS)]


def _plot(
    shown: Panel, markers: Sequence[str], size: tuple[int, int], room: int, color: bool
) -> str:
    """Draws canvas and axes, leaving no trace in plotext's one shared figure."""
    import plotext

    width, rows = size
    # Heights of 1 are at the highest tick, which has so many rows above it.
    top = (rows - 1) / (rows - 1 - room)
    figure = plotext.figure
    figure.clear()
    # The terminal that runs this may be narrower than the chart asked for, or none at all.
    plotext.terminal.limit(False, False)
    try:
        figure.theme("colorless")
        figure.plot_size(width, rows + 2)
        figure.axes(False, axis="x", side="upper")
        figure.axes(False, axis="y", side="right")
        _set_rulers(figure, shown, top)
        # Boundaries are signals, not plotext's own lines: those always bring a background color.
        for edge in shown.edges:
            tone = _EDGE_COLOR if edge.curve is None else _color(edge.curve)
            mark = plotext.marker(_EDGE, plotext.pixel(tone))
            levels = [top * k / (rows - 1) for k in range(rows)]
            place = shown.ruler.position(edge.step)
            figure.draw(figure.signal([place] * rows, levels, marker=mark))
        for k, (line, name) in enumerate(zip(shown.lines, markers, strict=True)):
            if line:
                mark = plotext.marker(name, plotext.pixel(_color(k)))
                xs, ys = zip(*line, strict=True)
                figure.draw(figure.signal(list(xs), list(ys), marker=mark).lines(True))
        return str(figure.build().string(colorless=not color))
    finally:
        plotext.terminal.limit()
        figure.clear()


def _set_rulers(figure: Any, shown: Panel, top: float) -> None:
    """Limits and ticks of both axes."""
    x = figure.ruler("x", "lower")
    x.lim(0, 1)
    places = [shown.ruler.position(tick.step) for tick in shown.ticks]
    x.ticks(places, [tick.rows[0] for tick in shown.ticks])
    y = figure.ruler("y", "left")
    y.lim(0, top)
    y.ticks([shown.scale.height(tick) for tick in shown.scale.ticks], list(shown.scale.labels))
