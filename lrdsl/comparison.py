"""How two schedules compare, update by update and group by group, in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lrdsl.record import record
from lrdsl.schedule.difference import CLOSE
from lrdsl.wording import apart, count, number, plural

# The rates of every group at an update.
Row = Sequence[float]


@record
class Departure:
    """Where two schedules part.

    Attributes:
        step: the first update at which they differ.
        group: the group that differs there, counted from 0.
        left: the value of the first schedule.
        right: the value of the second.
    """

    step: int
    group: int
    left: float
    right: float


@record
class Comparison:
    """Two schedules, compared at every update. It is true where they are equal.

    Attributes:
        steps: how many updates were compared, from ``start`` on.
        groups: how many parameter groups.
        peak: the largest finite value of either, without its sign.
        largest: the largest difference, as a share of ``peak``.
        worst: the update at which it is.
        differing: the groups that differ somewhere.
        first: where they first differ by more than the tolerance; None where they are equal.
        start: the first update that was compared.
    """

    steps: int
    groups: int
    peak: float
    largest: float
    worst: int
    differing: tuple[int, ...]
    first: Departure | None
    start: int = 0

    def __bool__(self) -> bool:
        return self.first is None

    def __str__(self) -> str:
        if (first := self.first) is None:
            of = f" in {plural(self.groups, 'group')}" if self.groups > 1 else ""
            on = f" from step {count(self.start)} on" if self.start else ""
            return (
                f"{plural(self.steps, 'step')}{on} equal{of},"
                f" largest difference {_share(self.largest)} of the peak"
            )
        left, right = apart(first.left, first.right)
        of = f" in {count(len(self.differing))} of {self.groups} groups" if self.groups > 1 else ""
        return (
            f"differ from step {count(first.step)} on{of}: {left} and {right};"
            f" largest difference {_share(self.largest)} of the peak, at step {count(self.worst)}"
        )


def _share(value: float) -> str:
    return number(value, 2) if value else "0"


def compare(
    left: Iterable[Row], right: Iterable[Row], tolerance: float = CLOSE, start: int = 0
) -> Comparison:
    """Compares two schedules.

    Args:
        left: the values of the first, a row for each update and in it a value for each group.
        right: those of the second, as many.
        tolerance: what counts as equal, as a share of the largest value of both.
        start: the update of the first row.

    Returns:
        How they compare.

    Raises:
        ValueError: a row is longer than the others, or one schedule has more rows.
    """
    pairs = [[*zip(a, b, strict=True)] for a, b in zip(left, right, strict=True)]
    values = (abs(value) for row in pairs for pair in row for value in pair)
    peak = max(filter(math.isfinite, values), default=0.0)
    unit = peak or 1.0
    gaps = [[_gap(a, b) / unit for a, b in row] for row in pairs]
    far = [
        (step, group)
        for step, row in enumerate(gaps)
        for group, gap in enumerate(row)
        if not gap <= tolerance
    ]
    first = None
    if far:
        step, group = far[0]
        first = Departure(start + step, group, *pairs[step][group])
    heights = [max(row, default=0.0) for row in gaps]
    worst = max(range(len(heights)), key=heights.__getitem__, default=0)
    return Comparison(
        steps=len(pairs),
        groups=max(map(len, pairs), default=0),
        peak=peak,
        largest=heights[worst] if heights else 0.0,
        worst=start + worst,
        differing=tuple(sorted({group for _, group in far})),
        first=first,
        start=start,
    )


def _gap(a: float, b: float) -> float:
    """How far two values are apart: 0 where they are the same, NaN and infinities included."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    gap = abs(a - b)
    return math.inf if math.isnan(gap) else gap
