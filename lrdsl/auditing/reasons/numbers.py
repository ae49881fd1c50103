"""Finds a whole number that a schedule was made with: its total, or the length of a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.auditing.reasons.search import few, fits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.subject import Subject

    Make = Callable[[int], Subject | None]

# Numbers are looked for up to about 1,170 times the right one, and down to as small a part of it.
_RATIO, _STEPS = 1.4, 21
# The share of readings that may speak against a range in which the right number lies: as the number
# rises, the rate at a step in the middle of the run may rise first, and then fall.
_DOUBT = 0.25


def search(case: Case, make: Make, near: int, guesses: Iterable[int] = ()) -> list[int]:
    """The numbers under which a schedule agrees with every reading: the lowest to the highest.

    If there are more than two, three stand for them.

    Args:
        case: the readings.
        make: the schedule under a number; None if there is none.
        near: the number that the schedule should have been made with.
        guesses: further numbers to try.
    """
    trial = _Trial(case, make)
    grid = sorted({max(1, round(near * _RATIO**i)) for i in range(-_STEPS, _STEPS + 1)})
    for guess in guesses:
        if trial.agrees(guess):
            return trial.around(guess)
    for low, high in pairwise(grid):
        if trial.may_be_between(low, high):
            found = trial.bisect(low, high)
            if found is not None:
                return trial.around(found)
    return []


class _Trial:
    """Schedules under different numbers, beside a few readings."""

    def __init__(self, case: Case, make: Make) -> None:
        self._case = case
        self._make = make
        self._places = few(case)
        self._signs: dict[int, NDArray[np.int8] | None] = {}

    def signs(self, number: int) -> NDArray[np.int8] | None:
        """For each of the readings: 1 if the schedule is above, -1 if below, 0 if it agrees."""
        import numpy as np

        if number not in self._signs:
            subject = self._make(number)
            if subject is None:
                self._signs[number] = None
            else:
                places = self._places
                gaps = subject.rates(self._case.updates[places]) - self._case.rates[places]
                off = np.abs(gaps) > self._case.tolerance[places]
                self._signs[number] = np.where(off, np.sign(gaps), 0).astype(np.int8)
        return self._signs[number]

    def agrees(self, number: int) -> bool:
        """True if the schedule under a number agrees with every reading.

        Readings that tell it apart, though the few did not, join the few.
        """
        import numpy as np

        signs = self.signs(number) if number >= 1 else None
        if signs is None or signs.any():
            return False
        subject = self._make(number)
        if subject is None:
            return False
        predicted = subject.rates(self._case.updates)
        if self._case.agrees(predicted):
            return True
        wrong = np.flatnonzero(~fits(self._case, slice(None), predicted))
        if len(wrong):
            self._places = np.append(self._places, wrong[[0, len(wrong) // 2, -1]])
            self._signs.clear()
        return False

    def may_be_between(self, low: int, high: int) -> bool:
        """True unless too many readings lie on one side of both schedules."""
        below, above = self.signs(low), self.signs(high)
        if below is None or above is None:
            return below is not above
        return float((below * above > 0).mean()) <= _DOUBT

    def bisect(self, low: int, high: int) -> int | None:
        """A number that agrees; None if there is none where the readings change sides."""
        low, high = self._fitting(low, high)
        while high - low > 1:
            middle = (low + high) // 2
            if self.agrees(middle):
                return middle
            signs, below, above = self.signs(middle), self.signs(low), self.signs(high)
            if signs is None or below is None or above is None:
                return None
            as_low = (signs * below > 0) & (signs * above <= 0)
            as_high = (signs * above > 0) & (signs * below <= 0)
            is_low = int(as_low.sum()) >= int(as_high.sum())
            low, high = (middle, high) if is_low else (low, middle)
        return next((number for number in (low, high) if self.agrees(number)), None)

    def _fitting(self, low: int, high: int) -> tuple[int, int]:
        """The part of a range in which the program fits: it does at one of the ends."""
        good, bad = (high, low) if self.signs(low) is None else (low, high)
        if self.signs(bad) is None:
            while abs(bad - good) > 1:
                middle = (bad + good) // 2
                good, bad = (middle, bad) if self.signs(middle) is not None else (good, middle)
            return (good, high) if good > bad else (low, good)
        return low, high

    def around(self, found: int) -> list[int]:
        """A number that agrees, and its neighbors that do."""
        low, high = self._last(found, -1), self._last(found, 1)
        return [low, *range(low + 1, high)[:1], *([high] if high > low else [])]

    def _last(self, found: int, direction: int) -> int:
        """The last number in a direction, up or down, that agrees."""
        step, last = 1, found
        while self.agrees(last + direction * step):
            last += direction * step
            step *= 2
        while step > 1:
            step //= 2
            if self.agrees(last + direction * step):
                last += direction * step
        return last
