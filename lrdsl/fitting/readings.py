"""What is to be explained: the rates of some updates, each with the precision it has."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.record import entity, replace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lrdsl.fitting.families import Floats

# Readings that a solution is sought with; the proof takes all of them.
_MOST = 240
# Tolerances that weigh more than this share of the peak would leave no room for a descent.
_FINEST = 1e-9
# Shapes that are computed for one log, at some 0.1 ms each.
_WORK = 40_000


class Spent(Exception):
    """A search that has taken more work than any curve of the library does."""


class Work:
    """What a search may still compute: so many shapes, each as often as a descent looks at it."""

    def __init__(self) -> None:
        self._left = _WORK

    def spend(self, shapes: int) -> None:
        """Takes the work of computing some shapes.

        Args:
            shapes: how many.

        Raises:
            Spent: there is not as much left.
        """
        self._left -= shapes
        if self._left < 0:
            raise Spent


@entity
class Readings:
    """The rates of some updates.

    Attributes:
        updates: the updates, ascending.
        rates: their rates.
        tolerance: for each the largest difference that its precision hides.
        peak: the largest rate of the log.
        work: what the search for their text may still compute.
    """

    updates: Floats
    rates: Floats
    tolerance: Floats
    peak: float
    work: Work

    def __len__(self) -> int:
        return len(self.updates)

    @property
    def span(self) -> float:
        """The updates from the first reading to the last."""
        return float(self.updates[-1] - self.updates[0]) if len(self) else 0.0

    @property
    def weighing(self) -> Floats:
        """The tolerances, none so small that a descent would see nothing else."""
        return np.maximum(self.tolerance, _FINEST * self.peak)

    @property
    def is_exact(self) -> bool:
        """True if these are floats as they were computed, and not rounded."""
        return bool(self.tolerance.max() < _FINEST * self.peak)

    def part(self, first: int, last: int) -> Readings:
        """The readings from one to before another one."""
        return self._at(slice(first, last))

    def without(self, places: Collection[int]) -> Readings:
        """The readings but for some of them.

        Args:
            places: their places.
        """
        return self._at(np.array([i for i in range(len(self)) if i not in places], dtype=int))

    def thinned(self, most: int = _MOST) -> Readings:
        """Some of the readings, evenly spread, those at both ends among them."""
        if len(self) <= most:
            return self
        return self._at(np.unique(np.linspace(0, len(self) - 1, most).round().astype(int)))

    def shifted(self, by: int) -> Readings:
        """The readings as those of other updates; none is below 0.

        Before the first update there is the rate that it will have.
        """
        updates = self.updates + by
        if len(updates) > 1 and updates[0] == -1 and updates[1] > 0:
            updates[0] = 0
        return replace(self, updates=updates)._at(updates >= 0)

    def _at(self, places: slice | NDArray[np.int64] | NDArray[np.bool_]) -> Readings:
        """The readings at some places."""
        return replace(
            self,
            updates=self.updates[places],
            rates=self.rates[places],
            tolerance=self.tolerance[places],
        )
