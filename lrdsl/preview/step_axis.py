"""The axis of the steps: its scale, its boundaries, its labels, and the names of the parts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrdsl.preview.units import Unit
from lrdsl.wording import short_count

# A lead of so few cells is widened to this share of the axis, unless what comes next is short too.
_SHORT, _WIDENED, _LONGER = 3, 0.12, 10


@dataclass(frozen=True, slots=True)
class Ruler:
    """The axis of the steps, in character cells.

    Attributes:
        first: The step at the left end.
        last: The step at the right end.
        cells: Number of character cells from end to end.
        knee: The step where the scale changes, as everything before it is drawn wider; None for one
            scale.
    """

    first: int
    last: int
    cells: int
    knee: int | None = None

    def position(self, step: float) -> float:
        """The place of a step, from 0 at the left end to 1 at the right."""
        if self.knee is None:
            return (step - self.first) / (self.last - self.first)
        if step <= self.knee:
            return _WIDENED * (step - self.first) / (self.knee - self.first)
        return 1 - (1 - _WIDENED) * (self.last - step) / (self.last - self.knee)

    def cell(self, step: float) -> int:
        """The cell that a step falls into."""
        return round(self.position(step) * (self.cells - 1))

    def span(self, step: int, width: int) -> tuple[int, int]:
        """The cells of a label centered on a step, pushed inwards at the ends."""
        start = min(max(self.cell(step) - width // 2, 0), max(self.cells - width, 0))
        return start, start + width


def ruler(first: int, last: int, cells: int, edges: Sequence[int]) -> Ruler:
    """Chooses the axis of the steps.

    A short lead, such as a warm-up of half a percent, would be an upright line: it is drawn wider
    than it is, as the knee of the axis tells.

    Args:
        first: The first step shown.
        last: The last one.
        cells: Number of character cells.
        edges: Boundary steps, ascending.
    """
    length = last - first
    for edge, after in zip(reversed(edges), (last, *reversed(edges)), strict=False):
        lead = edge - first
        is_short = lead > 1 and lead * cells <= _SHORT * length
        if is_short and after - edge >= _LONGER * lead:
            return Ruler(first, last, cells, edge)
    return Ruler(first, last, cells)


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
    edges = [edge for edge in edges if ruler.first < edge < ruler.last]
    kept: list[int] = []
    for edge in edges:
        if not kept or ruler.cell(edge) - ruler.cell(kept[-1]) >= apart:
            kept.append(edge)
    return kept if 4 * len(kept) >= 3 * len(edges) else []


@dataclass(frozen=True, slots=True)
class Tick:
    """A labeled step.

    Attributes:
        step: The step.
        rows: Its label: in the unit of the axis, in steps, or one below the other.
    """

    step: int
    rows: tuple[str, ...]


def step_ticks(edges: Sequence[int], ruler: Ruler, unit: Unit | None = None) -> list[Tick]:
    """Chooses the steps to label.

    The first step comes first, then the boundaries, then the last step, then round places where
    there is room left.

    Args:
        edges: Boundary steps, ascending.
        ruler: The axis of the steps.
        unit: The unit of the axis; None for steps.

    Returns:
        The ticks, ascending; no two labels touch.
    """
    taken: list[tuple[int, int]] = []
    ticks: list[Tick] = []

    def offer(step: int, gap: int) -> None:
        rows: tuple[str, ...] = (short_count(step),)
        if unit is not None:
            rows = (unit.label(step),) if unit.is_assumed else (unit.label(step), f"{step:,}")
        start, end = ruler.span(step, max(map(len, rows)))
        if all(end + gap <= left or right + gap <= start for left, right in taken):
            taken.append((start, end))
            ticks.append(Tick(step, rows))

    for step in (ruler.first, *edges, ruler.last):
        offer(step, 1)
    for step in _round_steps(ruler, float(unit.steps) if unit else 1.0):
        offer(step, 4)
    return sorted(ticks, key=lambda tick: tick.step)


def _round_steps(ruler: Ruler, size: float) -> Iterator[int]:
    """The steps at multiples of a round number of units, about a dozen cells apart."""
    rough = max(12 * (ruler.last - ruler.first) / ruler.cells, 1.0) / size
    power = 10 ** math.floor(math.log10(rough))
    each = next(k * power for k in (1, 2, 5, 10) if k * power >= rough * (1 - 1e-9)) * size
    k = math.ceil(ruler.first / each)
    while (step := round(k * each)) <= ruler.last:
        yield step
        k += 1


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
