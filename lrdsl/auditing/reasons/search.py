"""Finds the numbers of a mistake: a few readings exclude most of them, all prove the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.wording import count, listed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Updates = NDArray[np.int64]
    Rates = NDArray[np.float64]
    # The rates of some updates under each of some numbers; one of the two is a single number.
    Predict = Callable[[Updates, Updates], Rates]

# Readings that are looked at before all of them are.
FEW = 48
# Numbers that are tried, where a log leaves more of them possible: it may have a gap of any length.
TRIED = 1 << 20
# Numbers that are proven with all readings. If more are left, those between are taken as proven.
PROVEN = 8
# The share by which consecutive fractions of the golden ratio are spread over a log.
_GOLDEN = 0.6180339887498949


def few(case: Case) -> Updates:
    """The places of a few readings, those that exclude most numbers first.

    They are the first departures, the last reading, the starts of legs, and others that are spread
    over the log.
    """
    import numpy as np

    size = len(case.rates)
    near = [case.first, size - 1, case.first + 1, case.first + 2, case.first - 1]
    starts = [leg.start for leg in case.legs[:8]]
    spread = [int(size * (i * _GOLDEN % 1)) for i in range(FEW)]
    places = dict.fromkeys(place for place in (*near, *starts, *spread) if 0 <= place < size)
    return np.array(list(places)[:FEW], np.int64)


def fits(case: Case, places: Updates | slice | int, predicted: Rates) -> NDArray[np.bool_]:
    """Where some rates are the logged ones, or there is nothing to compare."""
    import numpy as np

    return ~(np.abs(case.rates[places] - predicted) > case.tolerance[places])


def follows(case: Case, predict: Callable[[Updates], Rates]) -> bool:
    """True if what is predicted for each update agrees with every reading."""
    places = few(case)
    if not fits(case, places, predict(case.updates[places])).all():
        return False
    return case.agrees(predict(case.updates))


def between(first: int, last: int) -> Updates:
    """The whole numbers from one to another, or as many of them as are tried, spread evenly."""
    import numpy as np

    if last - first < TRIED:
        return np.arange(first, last + 1, dtype=np.int64)
    step = (last - first) // TRIED + 1
    return np.append(np.arange(first, last, step, dtype=np.int64), np.int64(last))


def sift(case: Case, numbers: Updates, predict: Predict, places: Sequence[int]) -> Updates:
    """Those of some numbers that agree with the readings at some places."""
    for place in places:
        if not len(numbers):
            break
        numbers = numbers[fits(case, int(place), predict(case.updates[place], numbers))]
    return numbers


def proven(case: Case, numbers: Updates, predict: Predict) -> list[int]:
    """Some of the numbers that agree with every reading, the first and the last among them."""
    import numpy as np

    left = sift(case, numbers, predict, [int(place) for place in few(case)])
    return [
        number for number in spread(left) if case.agrees(predict(case.updates, np.full(1, number)))
    ]


def spread(numbers: Updates) -> list[int]:
    """Some numbers, or a few of them that are spread over all: the first and the last are kept."""
    import numpy as np

    places = np.unique(np.linspace(0, len(numbers) - 1, PROVEN).astype(int))
    return [int(number) for number in (numbers if len(numbers) <= PROVEN else numbers[places])]


def one_of(numbers: Sequence[int]) -> str:
    """Says which number it is, or between which it lies.

    >>> one_of([4]), one_of([4, 6]), one_of([4, 5, 6, 7])
    ('4', '4 or 6', '4 to 7')
    """
    if len(numbers) > 2:
        return f"{count(min(numbers))} to {count(max(numbers))}"
    return listed([count(number) for number in sorted(numbers)], "or")


def common(low: Rates, high: Rates) -> tuple[float, float] | None:
    """What some ranges have in common; None if that is nothing, or there are none."""
    if not len(low):
        return None
    bottom, top = float(low.max()), float(high.min())
    return (bottom, top) if bottom <= top else None
