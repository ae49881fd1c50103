"""The schedule lags: updates that were skipped did not step the scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import between, fits, spread
from lrdsl.auditing.reasons.stretches import LEAST, first_misfit, leg_at, until
from lrdsl.wording import count, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "behind"
# How often it may fall behind: the share of readings, and at most so often.
SHARE, MOST = 1 / 8, 128
# The share of all updates that may have been skipped: more is another mistake.
SKIPPED = 1 / 4
# How far it may fall behind at once.
FARTHEST = 4096


def _explain(case: Case) -> Iterator[Explanation]:

    falls = _Falls(case)
    if not falls.found() or not case.agrees(case.subject.rates(case.updates - falls.lags)):
        return
    yield Explanation(
        NAME,
        _sentence(case, falls),
        "count the updates that were skipped: a GradScaler and DeepSpeed skip those whose gradients"
        " overflow, and the scheduler waits; see the scale or the overflows in their logs",
    )


def _sentence(case: Case, falls: _Falls) -> str:
    """Says how far the schedule lags, and since when."""
    import numpy as np

    lags, updates = falls.lags, case.updates
    most = int(lags.max())
    last = int(np.flatnonzero(lags == most)[0])
    behind = f"{plural(most, 'update')} behind since update {count(int(updates[last]))}"
    first = int(np.flatnonzero(lags)[0])
    if len(falls.places) > 1:
        fell = f"it fell behind {count(len(falls.places))} times, first"
        return f"the schedule is {behind}: {fell} at update {count(int(updates[first]))}"
    if first < last:
        return f"the schedule is {behind}: it waited from update {count(int(updates[first]))} on"
    return f"the schedule is {behind}"


class _Falls:
    """Follows the readings, and the lag of the schedule at each.

    Attributes:
        lags: by how many updates it lags, at each reading.
        places: where the lag grew.
    """

    def __init__(self, case: Case) -> None:
        import numpy as np

        self._case = case
        self._most = min(MOST, int(len(case.rates) * SHARE) + 1)
        self.lags: NDArray[np.int64] = np.zeros(len(case.rates), np.int64)
        self.places: list[int] = []

    def found(self) -> bool:
        """True if all readings can be followed with few falls, and few updates were skipped."""
        case, size = self._case, len(self._case.rates)
        place = until(case, 0, 0)
        while place < size:
            if len(self.places) == self._most:
                return False
            end = self._held(place)
            if end - place < 2:
                end = self._fallen(place)
            if end == place:
                return False
            self.places.append(place)
            place = end
        most = int(self.lags.max())
        return most <= SKIPPED * (int(case.updates.max()) + 1)

    def _before(self, place: int) -> tuple[int, int]:
        """The update of the reading before, and the lag there; that of a checkpoint at a resume."""
        import numpy as np

        if place == 0:
            return -1, 0
        if leg_at(self._case, place).start < place:
            return int(self._case.updates[place - 1]), int(self.lags[place - 1])
        passed = np.flatnonzero(self._case.updates[:place] <= self._case.updates[place])
        last = int(passed[-1]) if len(passed) else 0
        return int(self._case.updates[last]), int(self.lags[last])

    def _fallen(self, place: int) -> int:
        """Takes the lag that the most readings from a place on follow, and returns their end.

        It grows by one for each update that was skipped. A scheduler that was saved earlier than
        the rest lags at once.
        """
        update, lag = self._before(place)
        here = int(self._case.updates[place])
        end = self._best(place, lag, lag + here - update)
        if end == place and len(self._case.rates) - place >= LEAST:
            end = self._best(place, lag, lag + min(here, FARTHEST))
            end = end if end - place >= LEAST else place
        return end

    def _best(self, place: int, least: int, most: int) -> int:
        """Takes the best lag in a range, and returns the end of its readings."""
        import numpy as np

        case = self._case
        here = int(case.updates[place])
        lags = between(least, most)
        rates = case.subject.rates(here - lags)
        near = spread(lags[fits(case, place, rates) & ~np.isnan(rates)])
        ends = [until(case, place, one) for one in near]
        if not ends:
            return place
        end = max(ends)
        self.lags[place:] = near[ends.index(end)]
        return end

    def _held(self, place: int) -> int:
        """Lets the schedule stand still from a place on, and returns the end of that."""
        case = self._case
        update, lag = self._before(place)
        rate = case.subject.rates(case.updates[place : place + 1] * 0 + update - lag)
        end = first_misfit(case, place, lambda part: rate)
        end = min(end, int(leg_at(case, place).stop))
        self.lags[place:end] = case.updates[place:end] - (update - lag)
        self.lags[end:] = self.lags[end - 1] if end > place else lag
        if end < len(case.rates):
            # It goes on from there, perhaps after further updates that were skipped.
            return until(case, end, int(self.lags[end]))
        return end


REASON = Reason(NAME, _explain)
