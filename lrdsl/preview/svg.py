"""Curves as SVG: small, readable on a light and on a dark page, made by no library."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from lrdsl.preview.curve import Curve, View, quantities
from lrdsl.preview.labels import columns, one_line
from lrdsl.preview.panel import COLORS, Panel, panel, rate_axis
from lrdsl.preview.trace import Point, simplified
from lrdsl.wording import number

WIDTH, HEIGHT = 640, 190
"""The width of a picture, and the height of a plot, in pixels."""

TOLERANCE = 0.3
"""How far a drawn line may be from the curve, in pixels; corners are rounded to 0.1."""

INK = "#747a80"
"""The color of text: as far from white as from the dark of GitHub, whatever the page is."""

_POINTS = 4000
# The width of a letter, for what has to be known before anybody has drawn it.
_LETTER = 6.4
_ROW = 15
_GAP, _ROOM = 9, 8
_MARGIN = 14
_DASHES = ("", "7 4", "2 4")


def svg(curves: Sequence[Curve], view: View, width: int = WIDTH) -> str:
    """Draws curves.

    Args:
        curves: One or more curves; several get a legend, and each quantity a plot of its own.
        view: What of them is shown.
        width: The width in pixels.

    Returns:
        The picture, which depends on nothing else. Its background is transparent.
    """
    body: list[str] = []
    top = 0.0
    for same in quantities(curves).values():
        scale, traces = rate_axis(same, view, _POINTS)
        words = (*scale.labels, one_line(same[0].noun), "step")
        left = 1.25 * max(map(_width, words)) + _GAP  # with air for a wider font
        right = width - _MARGIN
        cells = int((right - left) / _LETTER)
        plot = _Plot(panel(same, view, scale, traces, cells, apart=2), left, right, top)
        legend, top = plot.legend(samples=len(curves) > 1)
        body += (*plot.markup(), *plot.inset(same), *legend)
    title = escape(one_line("; ".join(dict.fromkeys(curve.label for curve in curves)), 200))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_short(top)}"'
        f' viewBox="0 0 {width} {_short(top)}" role="img" fill="none"'
        ' font-family="system-ui,sans-serif" font-size="11">',
        f"<title>{title}</title>",
        *filter(None, body),
        "</svg>\n",
    ])  # fmt: skip


class _Plot:
    """One plot of a picture: where its axes are, and what is drawn on them."""

    def __init__(self, shown: Panel, left: float, right: float, top: float) -> None:
        self.shown, self.left, self.right = shown, left, right
        self.high = top + 2 * _ROW + 3
        self.low = self.high + HEIGHT
        self.letter = (right - left) / shown.ruler.cells

    def _x(self, step: int) -> float:
        return self._across(self.shown.ruler.position(step))

    def _across(self, position: float) -> float:
        return self.left + position * (self.right - self.left)

    def _y(self, height: float) -> float:
        return self.low - height * (HEIGHT - _ROOM)

    def markup(self) -> Iterator[str]:
        """The elements, from back to front."""
        yield self._grid()
        yield from self._edges()
        for k, line in enumerate(self.shown.lines):
            if line:
                yield self._line(k, line)
        yield f'<g fill="{INK}"><g text-anchor="end">'
        yield from self._rates()
        yield '</g><g text-anchor="middle">'
        yield from self._steps()
        yield "</g></g>"

    def inset(self, curves: Sequence[Curve]) -> Iterator[str]:
        """What follows an event, in a dashed frame: nobody knows where it comes."""
        if len(curves) != 1 or not curves[0].schedule.events:
            return
        from lrdsl.preview.inset import inset

        shown = inset(curves[0])
        if shown is None:
            return
        frame = shown.frame(self.shown.lines)
        (left, right), (low, high) = map(self._across, frame[::2]), map(self._y, frame[1::2])
        corners = [(self._across(x), self._y(y)) for x, y in shown.placed(frame)]
        path = " ".join(f"{_short(x)} {_short(y)}" for x, y in simplified(corners, TOLERANCE))
        box = f"M{_short(left)} {_short(low)}H{_short(right)}V{_short(high)}H{_short(left)}Z"
        text = one_line(shown.label, int((right - left) / _LETTER))
        yield f'<path stroke="{INK}" stroke-dasharray="4 3" d="{box}"/>'
        yield f'<path stroke="{_color(0)}" stroke-width="1.5" stroke-dasharray="5 3" d="M{path}"/>'
        yield f'<g fill="{INK}" text-anchor="middle">'
        yield _text((left + right) / 2, high + _ROW, text)
        yield "</g>"

    def _grid(self) -> str:
        """A line for every tick, and the mark where the scale of the steps changes."""
        levels = (self._y(self.shown.scale.height(tick)) for tick in self.shown.scale.ticks)
        path = "".join(f"M{_short(self.left)} {_short(y)}H{_short(self.right)}" for y in levels)
        grid = f'<path stroke="{INK}" stroke-opacity=".25" d="{path}"/>'
        knee = self.shown.ruler.knee
        if knee is None:
            return grid
        start = f"{_short(self._x(knee) - 4)} {_short(self.low + 4)}"
        return f'{grid}\n<path stroke="{INK}" d="M{start}l4-8m1 8l4-8"/>'

    def _edges(self) -> Iterator[str]:
        """The boundaries, by whose they are."""
        for owner in dict.fromkeys(edge.curve for edge in self.shown.edges):
            places = (self._x(edge.step) for edge in self.shown.edges if edge.curve == owner)
            path = "".join(f"M{_short(x)} {_short(self.high)}V{_short(self.low)}" for x in places)
            color = INK if owner is None else _color(owner)
            yield f'<path stroke="{color}" stroke-dasharray="3 3" stroke-opacity=".7" d="{path}"/>'

    def _line(self, k: int, line: Sequence[Point]) -> str:
        corners = simplified([(self._across(x), self._y(y)) for x, y in line], TOLERANCE)
        path = " ".join(f"{_short(x)} {_short(y)}" for x, y in corners)
        return f'<path {_stroke(k)} stroke-linejoin="round" d="M{path}"/>'

    def _rates(self) -> Iterator[str]:
        """The labels to the left of the plot."""
        shown, x = self.shown, self.left - _GAP
        yield _text(x, self.high - _GAP - (_ROW - 3 if shown.names else 0), shown.noun)
        for tick, label in zip(shown.scale.ticks, shown.scale.labels, strict=True):
            yield _text(x, self._y(shown.scale.height(tick)) + 4, label)
        yield _text(x, self._row(len(shown.ticks[0].rows)), shown.step_noun)

    def _row(self, k: int) -> float:
        """The base line of a row of labels below the plot; the first is 1."""
        return self.low + 2 + k * _ROW

    def _steps(self) -> Iterator[str]:
        """The names of the parts above the plot, and the steps below it."""
        for start, name in self.shown.names:
            yield _text(self.left + (start + len(name) / 2) * self.letter, self.high - _GAP, name)
        for tick in self.shown.ticks:
            half = max(map(len, tick.rows)) * self.letter / 2 - _GAP
            x = min(max(self._x(tick.step), self.left + half), self.right - half)
            for k, text in enumerate(tick.rows, 1):
                yield _text(x, self._row(k), text)

    def legend(self, *, samples: bool) -> tuple[list[str], float]:
        """The legend of the curves, one below the other if it is long.

        Args:
            samples: True if each comes with a sample of its line, as there are several.

        Returns:
            The elements, and where the plot ends.
        """
        x, y = self.left, self._row(len(self.shown.ticks[0].rows))
        captions = self.shown.captions if samples else self.shown.notes
        elements = [f'<g fill="{INK}">'] if captions else []
        indent = 22 if samples else 0
        for k, caption in enumerate(captions):
            text = one_line(caption, int((self.right - self.left - indent) / _LETTER))
            width = indent + _width(text)
            if not k or x + width > self.right:
                x, y = self.left, y + _ROW + (0 if k else _GAP)
            if samples and self.shown.lines[k]:
                elements.append(f'<path {_stroke(k)} d="M{_short(x)} {_short(y - 4)}h16"/>')
            elements.append(_text(x + indent, y, text))
            x += width + 2 * _GAP
        return [*elements, *(["</g>"] if captions else [])], y + _GAP


def _stroke(k: int) -> str:
    dash = _DASHES[k // len(COLORS) % len(_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{_color(k)}" stroke-width="2"{dashes}'


def _text(x: float, y: float, text: str) -> str:
    if not text:
        return ""
    return f'<text x="{_short(x)}" y="{_short(y)}">{escape(text, quote=False)}</text>'


def _width(text: str) -> float:
    return columns(text) * _LETTER


def _color(k: int) -> str:
    return COLORS[k % len(COLORS)]


def _short(value: float) -> str:
    return number(math.floor(value * 10 + 0.5) / 10)
