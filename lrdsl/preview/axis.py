"""Where ticks and names go, for the terminal chart and for the figure alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lrdsl.preview.labels import step_label
from lrdsl.wording import number

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_INTERVALS = range(3, 7)
_FLAT = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of the rates.

    Attributes:
        low: The value at the bottom.
        high: The value at the top.
        ticks: The values marked, ascending.
        labels: The text of each tick, all in one form.
        intervals: Number of equal spaces between ticks; 1 where the spaces are not equal.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    intervals: int


def rate_scale(values: Sequence[float]) -> Scale:
    """Chooses the axis for these rates.

    Zero is shown unless the rates stay far away from it. Rates that differ by rounding only are
    one level: it is marked by its own value, not by round numbers near it.

    Args:
        values: All rates shown; those that are not finite are passed over.

    Returns:
        The axis.
    """
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    if high - low <= _FLAT * max(abs(low), abs(high)):
        return _level(high)
    if 0 < low <= high / 2:
        low = 0.0
    elif low / 2 <= high < 0:
        high = 0.0
    step, first, last = min(_candidates(low, high), key=lambda c: _badness(c, low, high))
    ticks = tuple(k * step for k in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, _labels(ticks, step), last - first)


def _level(value: float) -> Scale:
    """The axis of a constant: zero, the value, and air beyond it."""
    if value == 0:
        return Scale(0.0, 1.0, (0.0,), ("0",), 1)
    ticks = (0.0, value) if value > 0 else (value, 0.0)
    return Scale(min(0.0, 1.5 * value), max(0.0, 1.5 * value), ticks, tuple(map(number, ticks)), 1)


def _candidates(low: float, high: float) -> list[tuple[float, int, int]]:
    """Round steps with the multiples that enclose the range."""
    scales = []
    for intervals in _INTERVALS:
        rough = (high - low) / intervals
        power = 10.0 ** math.floor(math.log10(rough))
        for nice in _NICE:
            step = nice * power
            # A hair of tolerance, or 0.3 / 0.1 would ask for a fourth interval.
            first = math.floor(low / step + _FLAT)
            last = math.ceil(high / step - _FLAT)
            if last - first in _INTERVALS:
                scales.append((step, first, last))
    return scales


def _badness(candidate: tuple[float, int, int], low: float, high: float) -> float:
    """Empty space first, then the number of intervals, then how round the step is."""
    step, first, last = candidate
    empty = 1 - (high - low) / ((last - first) * step)
    quarters = f"{step:.1e}".startswith("2.5")
    return empty + 0.03 * abs(last - first - 4) + 0.05 * quarters


def _labels(ticks: Sequence[float], step: float) -> tuple[str, ...]:
    """Every label with the same decimals, or in powers of ten where zeros would hide the digits."""
    largest = max(abs(tick) for tick in ticks)
    if largest < 1e-3 or largest >= 1e6:
        return tuple(number(tick) for tick in ticks)
    decimals = next((d for d in range(12) if math.isclose(round(step, d), step)), 12)
    return tuple(f"{tick:.{decimals}f}" if tick else "0" for tick in ticks)


@dataclass(frozen=True, slots=True)
class Ruler:
    """The axis of the steps, in character cells.

    Attributes:
        last: The step at the right end; the left end is step 0.
        cells: Number of character cells from end to end.
    """

    last: int
    cells: int

    def cell(self, step: int) -> int:
        """The cell that a step falls into."""
        return round(step * (self.cells - 1) / self.last)

    def span(self, step: int, text: str) -> tuple[int, int]:
        """The cells of a label centred on a step, pushed inwards at the ends."""
        start = min(max(self.cell(step) - len(text) // 2, 0), max(self.cells - len(text), 0))
        return start, start + len(text)


def visible_edges(edges: Sequence[int], ruler: Ruler, apart: int = 3) -> list[int]:
    """Drops boundaries that would touch each other.

    Args:
        edges: Boundary steps, ascending.
        ruler: The axis of the steps.
        apart: The least distance in cells.

    Returns:
        The boundaries to mark. The end of the axis needs no mark. None at all are kept where many
        would have to go, since the rest would tell of a rhythm that the schedule does not have.
    """
    edges = [edge for edge in edges if edge < ruler.last]
    kept: list[int] = []
    for edge in edges:
        if not kept or ruler.cell(edge) - ruler.cell(kept[-1]) >= apart:
            kept.append(edge)
    return kept if 4 * len(kept) >= 3 * len(edges) else []


def step_ticks(edges: Sequence[int], ruler: Ruler) -> list[tuple[int, str]]:
    """Chooses the steps to label.

    Boundaries come first, then both ends, then round steps where there is room left.

    Args:
        edges: Boundary steps, ascending.
        ruler: The axis of the steps.

    Returns:
        Steps and labels, ascending; no two labels touch.
    """
    taken: list[tuple[int, int]] = []
    ticks: list[tuple[int, str]] = []

    def offer(step: int, gap: int) -> None:
        text = step_label(step)
        start, end = ruler.span(step, text)
        if all(end + gap <= left or right + gap <= start for left, right in taken):
            taken.append((start, end))
            ticks.append((step, text))

    for step in (*edges, ruler.last, 0):
        offer(step, 2)
    for step in range(0, ruler.last, _round_step(ruler)):
        offer(step, 4)
    return sorted(ticks)


def _round_step(ruler: Ruler) -> int:
    """The least round number of steps that is about a dozen cells wide."""
    rough = max(1.0, 12 * ruler.last / ruler.cells)
    power = 10 ** math.floor(math.log10(rough))
    return next(int(k * power) for k in (1, 2, 5, 10) if k * power >= rough)


def place_names(parts: Sequence[tuple[str, int, int]], ruler: Ruler) -> list[tuple[int, str]]:
    """Puts part names in one row, each over its part.

    A name wider than its part may reach over the edges, as far as the row is free.

    Args:
        parts: Name, first step and end of each part.
        ruler: The axis of the steps.

    Returns:
        The cell at which each name that found room starts, and the name, left to right. None
        where many found no room, as the few would look like all.
    """
    placed: list[tuple[int, str]] = []

    def room(name: str, first: int, end: int) -> int:
        return ruler.cell(min(end, ruler.last)) - ruler.cell(first) - len(name)

    # Roomy parts choose first, so a name that has to reach out never displaces one that fits.
    for name, first, end in sorted(parts, key=lambda part: room(*part), reverse=True):
        middle = (ruler.cell(first) + ruler.cell(min(end, ruler.last)) + 1) // 2
        start = min(max(middle - len(name) // 2, 0), ruler.cells - len(name))
        free = all(
            start + len(name) + 2 <= other or other + len(text) + 2 <= start
            for other, text in placed
        )
        if free and start >= 0:
            placed.append((start, name))
    return sorted(placed) if 3 * len(placed) >= 2 * len(parts) else []
