"""The fractions of a step at which the cycles of repetitions in repetitions can start."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable

# Up to so many phases of a part are looked at one by one.
_FEW = 1 << 10


class Phases:
    """The phases that a part of a nest can have.

    Args:
        unit: the ticks of a step.
        found: all of them, or some from which the others are a multiple of ``step`` away.
        step: that number; the unit where they are all.
    """

    def __init__(self, unit: int, found: Iterable[int], step: int) -> None:
        self.unit, self.found, self.step = unit, frozenset(found), step

    @property
    def one(self) -> int:
        """One of them."""
        return min(self.found)

    def within(self, first: int, stop: int) -> Phases:
        """Those from one to before another, and where they are not all known perhaps more."""
        if self.step != self.unit:
            return self
        return Phases(self.unit, (p for p in self.found if first <= p < stop), self.unit)

    def after(self, distance: int) -> Phases:
        """Those of what starts at a distance from the part."""
        return Phases(self.unit, ((p + distance) % self.unit for p in self.found), self.step)

    def cycles(self, cycle: int, count: float) -> Phases:
        """Those of the cycles that start with the part."""
        step = math.gcd(cycle, self.unit)
        most = min(count, self.unit // step)
        if self.step == self.unit and most * len(self.found) <= _FEW:
            found = (p + k * cycle for p in self.found for k in range(int(most)))
            return Phases(self.unit, (p % self.unit for p in found), self.unit)
        # Perhaps some more than there are: those of endless cycles.
        first = min(self.found)
        step = math.gcd(self.step, step, *(p - first for p in self.found))
        return Phases(self.unit, [first], step)

    def of_layouts(self, thresholds: list[int]) -> dict[int, int]:
        """The number of thresholds that each layout has passed, and a phase of it."""
        if self.step == self.unit:
            phases = sorted(self.found)
        else:
            (first,) = self.found
            phases = [start + (first - start) % self.step for start in [0, *thresholds]]
        return {bisect_right(thresholds, p): p for p in phases if p < self.unit}
