"""The readings of a rate as arrays, and how far each may be from the schedule."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from lrdsl.record import entity
from lrdsl.schedule.difference import CLOSE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.logs.log import Series
    from lrdsl.logs.precision import Precision


@entity
class Readings:
    """The readings of one rate, in the order of the log.

    Attributes:
        steps: the steps as logged.
        rates: the rates.
        tolerance: the largest difference of each that counts as none.
        legs: the readings of each leg of a run that was resumed.
        peak: the largest finite rate, without its sign.
        precision: how exactly the log holds them.
    """

    steps: NDArray[np.int64]
    rates: NDArray[np.float64]
    tolerance: NDArray[np.float64]
    legs: tuple[slice, ...]
    peak: float
    precision: Precision

    def __len__(self) -> int:
        return len(self.steps)

    def at(self, places: NDArray[np.int64]) -> Readings:
        """Some of the readings.

        Args:
            places: their places, ascending.
        """
        import numpy as np

        ends = [np.searchsorted(places, leg.start) for leg in self.legs] + [len(places)]
        legs = tuple(slice(int(a), int(b)) for a, b in pairwise(ends) if b > a)
        own = self.steps[places], self.rates[places], self.tolerance[places]
        return Readings(*own, legs, self.peak, self.precision)


def readings_of(series: Series) -> Readings:
    """The readings of a series that are kept.

    Args:
        series: the rate.
    """
    import numpy as np

    steps = np.concatenate([np.frombuffer(leg.steps, np.int64) for leg in series.legs])
    rates = np.concatenate([np.frombuffer(leg.values, np.float64) for leg in series.legs])
    ends = [0, *accumulate(map(len, series.legs))]
    finite = np.abs(rates[np.isfinite(rates)])
    peak = float(finite.max()) if finite.size else 0.0
    legs = tuple(slice(a, b) for a, b in pairwise(ends))
    tolerance = tolerances(series.precision, rates, peak)
    return Readings(steps, rates, tolerance, legs, peak, series.precision)


def tolerances(
    precision: Precision, rates: NDArray[np.float64], peak: float
) -> NDArray[np.float64]:
    """The largest difference between a logged rate and its schedule that counts as none.

    It is half a unit of the log's precision, and what another order of operations makes of a rate.

    Args:
        precision: how exactly the log holds the rates.
        rates: the logged rates.
        peak: the largest of them.
    """
    return units(precision, rates) / 2 + CLOSE * peak


def units(precision: Precision, rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """What `Precision.unit` gives for each of many values.

    Args:
        precision: how exactly a log holds numbers.
        rates: the values. What is no finite number counts as 0.
    """
    import numpy as np

    sizes = np.where(np.isfinite(rates), np.abs(rates), 0.0)
    # A unit is the same for all numbers of an exponent: of two for a float, of ten for digits.
    with np.errstate(divide="ignore"):
        of_ten = np.floor(np.log10(sizes))
    exponents = np.frexp(sizes)[1] + 0.5 * (sizes > 0)  # which tells 0 from the numbers from .5 on
    keys = of_ten if precision.kind == "digits" else exponents
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    each = np.array([precision.unit(float(sizes[place])) for place in first])
    found: NDArray[np.float64] = each[inverse.reshape(-1)] if len(rates) else np.zeros(0)
    return found
