"""What comparing the readings of a rate with its schedule has found, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.auditing.offsets import agreeing
from lrdsl.auditing.readings import tolerances
from lrdsl.record import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.offsets import Search
    from lrdsl.auditing.subject import Subject
    from lrdsl.logs.precision import Precision

# Ranges that are kept; a log that leaves its schedule more often has noise of its own.
_RANGES = 1000


@record
class Departure:
    """A reading that is not the rate of its schedule.

    Attributes:
        step: the step as logged.
        logged: the logged rate.
        expected: the rate of the schedule.
    """

    step: int
    logged: float
    expected: float

    @property
    def gap(self) -> float:
        """The difference, without its sign; NaN if one of the two is no number."""
        return abs(self.logged - self.expected)


class Tally:
    """The readings of a rate beside its schedule, in constant memory.

    Args:
        subject: the schedule.
        search: how steps become updates.
        offset: the number to add to a logged step.
        precision: how exactly the log holds the rates.
        peak: the largest rate.

    Attributes:
        readings: how many there were; equal steps with equal rates count once.
        agreeing: how many of them agree.
        first: the first that does not; None if all agree.
        worst: the one that is farthest from its schedule; None if all agree.
        ranges: the first and the last step of readings in a row that agree.
        steps: the lowest and the highest step.
        resumed: the steps from which a resumed run went on.
    """

    def __init__(
        self, subject: Subject, search: Search, offset: int, precision: Precision, peak: float
    ) -> None:
        self._subject, self._search, self._offset = subject, search, offset
        self._precision, self._peak = precision, peak
        self._last: tuple[int, float] | None = None
        self._is_inside = False
        self.readings = self.agreeing = 0
        self.first: Departure | None = None
        self.worst: Departure | None = None
        self.ranges: list[tuple[int, int]] = []
        self.steps: tuple[int, int] | None = None
        self.resumed: list[int] = []

    def add(self, steps: NDArray[np.int64], rates: NDArray[np.float64]) -> None:
        """Compares readings that follow the present ones.

        Args:
            steps: the steps as logged.
            rates: the rates.
        """
        import numpy as np

        fresh = np.ones(len(steps), bool)
        fresh[1:] = (steps[1:] != steps[:-1]) | (rates[1:] != rates[:-1])
        if len(steps) and self._last is not None:
            fresh[0] = self._last != (int(steps[0]), float(rates[0]))
        steps, rates = steps[fresh], rates[fresh]
        if not len(steps):
            return
        self._note_steps(steps)
        updates = self._search.updates(steps, self._offset)
        expected = self._subject.rates(updates)
        agrees = agreeing(rates, expected, tolerances(self._precision, rates, self._peak))
        if not self.readings:
            agrees[0] |= int(steps[0]) + self._offset == -1
        self.readings += len(steps)
        self.agreeing += int(agrees.sum())
        self._note_ranges(steps, agrees)
        if not agrees.all():
            self._note_departures(steps, rates, expected, agrees)
        self._last = int(steps[-1]), float(rates[-1])

    def _note_steps(self, steps: NDArray[np.int64]) -> None:
        before = steps[0] if self._last is None else self._last[0]
        falls = steps < [before, *steps[:-1]]
        self.resumed += [int(step) for step in steps[falls]][: _RANGES - len(self.resumed)]
        low, high = int(steps.min()), int(steps.max())
        if self.steps is not None:
            low, high = min(low, self.steps[0]), max(high, self.steps[1])
        self.steps = low, high

    def _note_ranges(self, steps: NDArray[np.int64], agrees: NDArray[np.bool_]) -> None:
        import numpy as np

        turns = np.flatnonzero(agrees[1:] != agrees[:-1]) + 1
        for start, end in zip([0, *turns], [*turns, len(steps)], strict=True):
            if not agrees[start]:
                self._is_inside = False
                continue
            last = int(steps[end - 1])
            if start == 0 and self._is_inside and len(self.ranges) <= _RANGES:
                self.ranges[-1] = self.ranges[-1][0], last
            elif len(self.ranges) < _RANGES:
                self.ranges.append((int(steps[start]), last))
            self._is_inside = True

    def _note_departures(
        self,
        steps: NDArray[np.int64],
        rates: NDArray[np.float64],
        expected: NDArray[np.float64],
        agrees: NDArray[np.bool_],
    ) -> None:
        import numpy as np

        def departure(place: int) -> Departure:
            return Departure(int(steps[place]), float(rates[place]), float(expected[place]))

        if self.first is None:
            self.first = departure(int(agrees.argmin()))
        gaps = np.where(agrees, -1.0, np.nan_to_num(np.abs(rates - expected), nan=np.inf))
        found = departure(int(gaps.argmax()))
        if self.worst is None or not found.gap <= self.worst.gap:
            self.worst = found
