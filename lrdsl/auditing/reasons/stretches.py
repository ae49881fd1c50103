"""Follows a log along its schedule: how long its rates are those of so many updates before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.auditing.reasons.search import PROVEN, fits, sift, spread
from lrdsl.record import entity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    # The shifts that may follow one, at the place of the first reading that departs from it.
    Options = Callable[[int, int], NDArray[np.int64]]

# Readings that a stretch has at least: fewer are explained by too many shifts.
LEAST = 3
# How many readings are looked at first; then four times as many, and so on.
_WINDOW = 64


@entity
class Stretch:
    """Readings that follow the schedule at a shift.

    Attributes:
        place: the first of them.
        shifts: the shifts that explain it, likeliest first: rates are those of the update that is
            so many before.
    """

    place: int
    shifts: tuple[int, ...]

    @property
    def shift(self) -> int:
        """The likeliest of the shifts."""
        return self.shifts[0]


def until(case: Case, place: int, shift: int) -> int:
    """The first reading from a place on that does not follow the schedule at a shift."""
    return first_misfit(case, place, lambda part: case.subject.rates(case.updates[part] - shift))


def first_misfit(case: Case, place: int, predict: Callable[[slice], NDArray[np.float64]]) -> int:
    """The first reading from a place on that is not as predicted; their number if all are.

    Args:
        case: the readings.
        place: where to begin.
        predict: the rates of some readings.
    """
    import numpy as np

    size, window = len(case.rates), _WINDOW
    while place < size:
        part = slice(place, min(place + window, size))
        wrong = np.flatnonzero(~fits(case, part, predict(part)))
        if len(wrong):
            return place + int(wrong[0])
        place, window = part.stop, 4 * window
    return size


def stretches(case: Case, options: Options, most: int) -> list[Stretch]:
    """The stretches after the first, which follows the schedule; empty if there are none.

    Args:
        case: the readings.
        options: the shifts that may come next.
        most: the maximum number of stretches.
    """
    size, shift, place = len(case.rates), 0, 0
    found: list[Stretch] = []
    while (place := until(case, place, shift)) < size:
        if len(found) == most or size - place < LEAST:
            return []
        near = _near(case, place, options(place, shift))
        ends = {number: until(case, place, number) for number in spread(near)}
        if not ends:
            return []
        best = tuple(number for number, end in ends.items() if end == max(ends.values()))
        found.append(Stretch(place, best))
        shift = best[0]
    return found


def _near(case: Case, place: int, shifts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of some shifts that a few readings from a place on agree with, or more if many do."""

    def rates(updates: NDArray[np.int64], shifts: NDArray[np.int64]) -> NDArray[np.float64]:
        return case.subject.rates(updates - shifts)

    shifts = sift(case, shifts, rates, range(place, place + LEAST))
    step = 2 * LEAST
    while len(shifts) > PROVEN and place + step < len(case.rates):
        # The next stretch may have begun there.
        fewer = sift(case, shifts, rates, [place + step])
        if not len(fewer):
            break
        shifts, step = fewer, 2 * step
    return shifts


def predicted(case: Case, found: list[Stretch]) -> NDArray[np.float64]:
    """The rates of all readings along some stretches."""
    import numpy as np

    shifts = np.zeros(len(case.rates), np.int64)
    for stretch in found:
        shifts[stretch.place :] = stretch.shift
    return case.subject.rates(case.updates - shifts)


def leg_at(case: Case, place: int) -> slice:
    """The leg that a reading belongs to."""
    return next(leg for leg in case.legs if leg.start <= place < leg.stop)


def is_resumed(case: Case, place: int) -> bool:
    """True if a reading is the first one after a resume."""
    return place > 0 and leg_at(case, place).start == place
