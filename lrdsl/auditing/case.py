"""A log that leaves its schedule, as the reasons see it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl.record import entity, record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.subject import Subject


@entity
class Case:
    """The readings of one rate that leaves its schedule.

    The arrays have an entry for each reading, in the order of the log.

    Attributes:
        subject: the schedule that it should have followed.
        updates: the update that each reading is of: its step with the offset of the log.
        rates: the logged rates.
        expected: the rates of the schedule.
        tolerance: the largest difference that counts as none.
        legs: the readings of each leg of a run that was resumed.
        first: the first reading that departs.
        others: the schedules of the other groups of the program.
        earlier: earlier revisions of the program by name, the latest first.
    """

    subject: Subject
    updates: NDArray[np.int64]
    rates: NDArray[np.float64]
    expected: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    legs: tuple[slice, ...]
    first: int
    others: Sequence[Subject] = ()
    earlier: Mapping[str, Subject] = {}

    def agrees(self, predicted: NDArray[np.float64]) -> bool:
        """True if some rates are the logged ones, at every reading.

        Args:
            predicted: a rate for each reading; NaN where nothing is to be compared, which is so
                for less than half of them.
        """
        import numpy as np

        known = ~np.isnan(predicted)
        gaps = np.abs(self.rates - predicted)[known]
        return 2 * int(known.sum()) > known.size and bool(np.all(gaps <= self.tolerance[known]))


@record
class Explanation:
    """A mistake that explains every reading of a log.

    Attributes:
        reason: its name: ``faster``.
        sentence: what happened, with its numbers: "the scheduler was stepped 4 times an update".
        decide: what would tell it from others that explain the same readings: where to look in the
            program, or which further readings it takes.
    """

    reason: str
    sentence: str
    decide: str


@entity
class Reason:
    """A mistake that is known.

    Attributes:
        name: its name.
        explain: finds the ways in which this mistake explains a case, likeliest first. Every one
            agrees with all readings.
    """

    name: str
    explain: Callable[[Case], Iterator[Explanation]]
