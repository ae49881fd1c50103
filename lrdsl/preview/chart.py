"""The curve in the terminal, drawn by plotext."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from lrdsl.preview.axis import (
    Ruler,
    Scale,
    place_names,
    rate_scale,
    step_ticks,
    visible_edges,
)
from lrdsl.preview.curve import Curve, boundaries, shared_parts, trace
from lrdsl.preview.labels import columns, one_line

MIN_WIDTH = 20
MIN_HEIGHT = 8
LEVEL_ROWS = 7
POINTS = 2000

# Markers tell curves apart where colours may not; the finest is first, as most charts hold one.
_MARKERS = ("braille", "hd", "×", "+", "o", "*")
_SAMPLES = {"braille": "⠒⠒", "hd": "▀▀"}
_COLORS = ("blue+", "orange", "magenta+", "green+", "red+", "cyan+")
_EDGE, _EDGE_COLOR = "┊", "gray"


def chart(
    curves: Sequence[Curve], n: int, width: int = 80, height: int = 20, *, color: bool = False
) -> str:
    """Draws curves as text.

    Args:
        curves: One or more curves; several share both axes and get a legend.
        n: Number of steps shown, from step 0 on.
        width: Columns; the axis of the steps fills them exactly. At least 20.
        height: The most lines, legend included. A few may stay unused, so that ticks are evenly
            spaced. At least 8.
        color: Whether to use escape codes. NO_COLOR in the environment overrules it.

    Returns:
        Lines joined by newlines, without one at the end; none is wider than `width`.

    Raises:
        ValueError: If there is nothing to draw, or no room to draw it.
    """
    if not curves or n < 1:
        raise ValueError("a chart needs at least one curve and one step")
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        raise ValueError(f"a chart needs {MIN_WIDTH} columns and {MIN_HEIGHT} lines at least")
    color = color and not os.environ.get("NO_COLOR")
    traces = [trace(curve, n, max(POINTS, 8 * width)) for curve in curves]
    scale = rate_scale([y for _, ys in traces for y in ys])
    left = max(map(len, scale.labels)) + 1
    ruler = Ruler(max(n - 1, 1), width - left)
    edges = visible_edges(boundaries(curves, n), ruler)
    markers = [_MARKERS[0 if color else k % len(_MARKERS)] for k in range(len(curves))]
    head = _legend([curve.label for curve in curves], markers, width, color)
    head += _names(shared_parts(curves, n), ruler, left)
    rows = _rows(height - len(head) - 2, scale)
    body = _plot(traces, markers, scale, ruler, edges, (width, rows), color)
    return "\n".join(line.rstrip() for line in (*head, *body.splitlines()))


def _rows(room: int, scale: Scale) -> int:
    """Rows of the canvas: as many as fit while ticks stay evenly spaced; few for a level line."""
    if scale.intervals == 1:
        return min(room, LEVEL_ROWS)
    each = max(1, (room - 1) // scale.intervals)
    return min(room, each * scale.intervals + 1)


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


def _names(parts: Sequence[tuple[str, int, int]], ruler: Ruler, left: int) -> list[str]:
    """The row above the canvas that names the parts, if there is more than one."""
    placed = place_names(parts, ruler) if len(parts) > 1 else []
    row = ""
    for start, name in placed:
        row = row.ljust(left + start) + name
    return [row] if row else []


def _color(k: int) -> str:
    return _COLORS[k % len(_COLORS)]


def _plot(
    traces: Sequence[tuple[list[float], list[float]]],
    markers: Sequence[str],
    scale: Scale,
    ruler: Ruler,
    edges: Sequence[int],
    size: tuple[int, int],
    color: bool,
) -> str:
    """Draws canvas and axes, leaving no trace in plotext's one shared figure."""
    import plotext

    width, rows = size
    figure = plotext.figure
    figure.clear()
    # The terminal that runs this may be narrower than the chart asked for, or none at all.
    plotext.terminal.limit(False, False)
    try:
        figure.theme("colorless")
        figure.plot_size(width, rows + 2)
        figure.axes(False, axis="x", side="upper")
        figure.axes(False, axis="y", side="right")
        _set_rulers(figure, scale, ruler, edges)
        # Boundaries are signals, not plotext's own lines: those always bring a background colour.
        for edge in edges:
            levels = [scale.low + (scale.high - scale.low) * k / (rows - 1) for k in range(rows)]
            mark = plotext.marker(_EDGE, plotext.pixel(_EDGE_COLOR))
            figure.draw(figure.signal([edge] * rows, levels, marker=mark))
        for k, ((xs, ys), name) in enumerate(zip(traces, markers, strict=True)):
            mark = plotext.marker(name, plotext.pixel(_color(k)))
            if xs:
                figure.draw(figure.signal(xs, ys, marker=mark).lines(True))
        return str(figure.build().string(colorless=not color))
    finally:
        plotext.terminal.limit()
        figure.clear()


def _set_rulers(figure: Any, scale: Scale, ruler: Ruler, edges: Sequence[int]) -> None:
    """Limits and ticks of both axes."""
    ticks = step_ticks(edges, ruler)
    x = figure.ruler("x", "lower")
    x.lim(0, ruler.last)
    x.ticks([step for step, _ in ticks], [text for _, text in ticks])
    y = figure.ruler("y", "left")
    y.lim(scale.low, scale.high)
    y.ticks(list(scale.ticks), list(scale.labels))
