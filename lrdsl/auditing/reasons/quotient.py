"""What the logged rates are divided by the schedule's: the simple curves of a second scheduler."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.auditing.reasons.factors import factors
from lrdsl.auditing.reasons.search import common, one_of
from lrdsl.auditing.reasons.stretches import LEAST
from lrdsl.fitting.rounding import shortest
from lrdsl.wording import count, listed, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rates = NDArray[np.float64]
    Updates = NDArray[np.int64]

# Changes of a step decay with milestones.
MILESTONES = 12
# Lengths of a warm-up beside the one that two readings tell.
_BESIDE = 3


def simple(case: Case) -> Iterator[str]:
    """The simple curves that the quotient is."""
    for kind in (_exponential, _warmup, _steps, _milestones):
        yield from kind(_Quotient(case))


class _Quotient:
    """The quotient at each reading, as the range that its tolerance leaves.

    Attributes:
        case: the readings.
        updates: the updates of the readings whose quotient is known.
        low: the lowest quotient of each of them.
        high: the highest.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        low, high = factors(case.rates, case.tolerance, case.expected)
        known = (high < math.inf) & (high > 0) & (case.updates >= 0)
        self.updates, self.low, self.high = case.updates[known], low[known], high[known]
        self.middle = (self.low + self.high) / 2

    def agrees(self, quotient: Rates) -> bool:
        """True if the product with the schedule is what was logged."""
        import numpy as np

        expected = self.case.expected
        return self.case.agrees(np.where(expected == 0, 0.0, expected * quotient))


def _exponential(quotient: _Quotient) -> Iterator[str]:
    """A factor at each update, as of ExponentialLR."""
    if len({*quotient.updates.tolist()}) < LEAST:
        return
    for earlier, place in ((0, ""), (1, ", the first among them")):
        base = _root(quotient, quotient.updates + earlier)
        if base is not None and quotient.agrees(base ** (_own(quotient) + earlier).astype(float)):
            kind = "decay" if base < 1 else "rise"
            yield f"an exponential {kind} by {number(base, 10)} at each update{place}"
            return


def _warmup(quotient: _Quotient) -> Iterator[str]:
    """A line up to 1, as of LinearLR."""
    import numpy as np

    updates, middle = quotient.updates, quotient.middle
    rising = np.flatnonzero(quotient.high < 1)
    if len(rising) < LEAST or not 0 <= rising[-1] < len(updates) - 1:
        return
    first, last = rising[0], rising[-1]
    if updates[last] <= updates[first] or middle[last] <= middle[first]:
        return
    slope = (middle[last] - middle[first]) / (updates[last] - updates[first])
    length = round(float((1 - middle[first]) / slope + updates[first]))
    for steps in sorted(
        range(length - _BESIDE, length + _BESIDE + 1), key=lambda n: abs(n - length)
    ):
        if steps <= updates[last]:
            continue
        share = updates[rising] / steps
        found = common(
            (quotient.low[rising] - share) / (1 - share),
            (quotient.high[rising] - share) / (1 - share),
        )
        if found is None:
            continue
        start = 0.0 if found[0] <= 0 <= found[1] else shortest(*found)
        curve = start + (1 - start) * np.minimum(_own(quotient) / steps, 1.0)
        if quotient.agrees(curve):
            yield f"a warm-up of {count(steps)} updates from {number(start)}"
            return


def _steps(quotient: _Quotient) -> Iterator[str]:
    """A factor every so many updates, as of StepLR."""
    import numpy as np

    updates = quotient.updates
    if len(updates) < 2 * LEAST:
        return
    fallen = np.flatnonzero((quotient.high < 1) | (quotient.low > 1))
    if not len(fallen) or fallen[0] == 0:
        return
    place = int(fallen[0])
    if len(updates) - place < LEAST:
        return
    found = {}
    for every in range(max(2, int(updates[place - 1]) + 1), int(updates[place]) + 1):
        base = _root(quotient, updates // every)
        if base is None or base > 1:
            continue
        if quotient.agrees(base ** (_own(quotient) // every).astype(float)):
            found[every] = base
    if found:
        first = next(iter(found.values()))
        yield f"a decay by {number(first, 10)} every {one_of([*found])} updates"


def _milestones(quotient: _Quotient) -> Iterator[str]:
    """A factor at some updates, as of MultiStepLR."""
    import numpy as np

    updates = quotient.updates
    changes = (
        np.flatnonzero(
            (quotient.low[1:] > quotient.high[:-1]) | (quotient.high[1:] < quotient.low[:-1])
        )
        + 1
    )
    if not 0 < len(changes) <= min(MILESTONES, len(updates) // LEAST):
        return
    if not quotient.low[0] <= 1 <= quotient.high[0]:
        return
    levels = np.zeros(len(updates), np.int64)
    for place in changes:
        levels[place:] += 1
    base = _root(quotient, levels)
    if base is None or base > 1 or not _are_apart(changes, len(updates)):
        return
    edges = updates[changes]
    if quotient.agrees(base ** np.searchsorted(edges, _own(quotient), side="right").astype(float)):
        where = listed([count(int(edge)) for edge in edges])
        yield f"a decay by {number(base, 10)} at update {where}"


def _are_apart(changes: Updates, size: int) -> bool:
    """True if enough readings lie between changes to call them steps."""
    import numpy as np

    return int(np.diff([0, *changes, size]).min()) >= LEAST


def _own(quotient: _Quotient) -> Updates:
    """The updates of all readings, those without a quotient among them."""
    import numpy as np

    return np.maximum(quotient.case.updates, 0)


def _root(quotient: _Quotient, powers: Updates) -> float | None:
    """The number of which the quotients are these powers; None if there is none, or it is 1."""
    import numpy as np

    one = powers == 0
    if not np.all((quotient.low[one] <= 1) & (quotient.high[one] >= 1)):
        return None
    raised = powers[~one]
    low = np.maximum(quotient.low[~one], 0.0) ** (1 / raised)
    found = common(low, quotient.high[~one] ** (1 / raised))
    base = None if found is None else shortest(*found)
    return None if base is None or base == 1 else base
