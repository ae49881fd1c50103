"""How two schedules compare, update by update and group by group, in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import sub

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
        steps: how many updates were compared, from ``start_step`` on.
        groups: how many parameter groups.
        peak: the largest finite value of either, without its sign.
        largest: the largest difference, as a share of ``peak``.
        worst: the update at which it is.
        differing: the groups that differ somewhere.
        first: where they first differ by more than the tolerance; None where they are equal.
        start_step: the first update that was compared.
    """

    steps: int
    groups: int
    peak: float
    largest: float
    worst: int
    differing: tuple[int, ...]
    first: Departure | None
    start_step: int = 0

    def __bool__(self) -> bool:
        return self.first is None

    def __str__(self) -> str:
        if (first := self.first) is None:
            of = f" in {plural(self.groups, 'group')}" if self.groups > 1 else ""
            on = f" from step {count(self.start_step)} on" if self.start_step else ""
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
    return compare_groups(by_group(left), by_group(right), tolerance, start)


def compare_groups(
    lefts: Sequence[Sequence[float]],
    rights: Sequence[Sequence[float]],
    tolerance: float = CLOSE,
    start: int = 0,
) -> Comparison:
    """Compares two schedules, given group by group.

    Args:
        lefts: the values of the first, a sequence for each group and in it a value for each update.
        rights: those of the second, as many.
        tolerance: as `compare` has it.
        start: the first update.

    Returns:
        How they compare.

    Raises:
        ValueError: one schedule has more values.
    """
    if [*map(len, lefts)] != [*map(len, rights)]:
        raise ValueError("the two schedules have other updates or groups")
    values = map(abs, chain.from_iterable((*lefts, *rights)))
    peak = max(filter(math.isfinite, values), default=0.0)
    gaps = [_gaps(a, b) for a, b in zip(lefts, rights, strict=True)]
    heights = [max(column, default=0.0) for column in gaps]
    largest = max(heights, default=0.0)
    limit = tolerance * (peak or 1.0)
    differing = tuple(group for group, height in enumerate(heights) if not height <= limit)
    first = None
    if differing:
        firsts = [next(t for t, gap in enumerate(gaps[g]) if not gap <= limit) for g in differing]
        step, group = min(zip(firsts, differing, strict=True))
        first = Departure(start + step, group, lefts[group][step], rights[group][step])
    worst = min((column.index(largest) for column in gaps if largest in column), default=0)
    return Comparison(
        steps=max(map(len, lefts), default=0),
        groups=len(lefts),
        peak=peak,
        largest=largest / (peak or 1.0),
        worst=start + worst,
        differing=differing,
        first=first,
        start_step=start,
    )


def by_group(rows: Iterable[Row]) -> list[tuple[float, ...]]:
    """The values group by group.

    Args:
        rows: the values update by update, in each row a value for each group.
    """
    return [*zip(*rows, strict=True)]


def _gaps(left: Sequence[float], right: Sequence[float]) -> list[float]:
    """How far two sequences are apart at each place."""
    gaps = [*map(abs, map(sub, left, right))]
    # One of them is NaN, or infinite, only if their sum is.
    return gaps if math.isfinite(sum(gaps)) else [*map(_gap, left, right)]


def _gap(a: float, b: float) -> float:
    """How far two values are apart: 0 where they are the same, NaN and infinities included."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    gap = abs(a - b)
    return math.inf if math.isnan(gap) else gap
