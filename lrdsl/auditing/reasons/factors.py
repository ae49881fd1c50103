"""By which factors the logged rates may differ from others, within their tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.auditing.reasons.search import common

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rates = NDArray[np.float64]


def factors(rates: Rates, tolerance: Rates, others: Rates) -> tuple[Rates, Rates]:
    """The lowest and the highest factor for each reading; without bounds if the other rate is 0."""
    import numpy as np

    known = others > 0
    safe = np.where(known, others, 1.0)
    low = np.where(known, (rates - tolerance) / safe, -np.inf)
    high = np.where(known, (rates + tolerance) / safe, np.inf)
    return low, high


def factor(rates: Rates, tolerance: Rates, others: Rates) -> tuple[float, float] | None:
    """The range of one factor for all readings; None if there is none."""
    low, high = factors(rates, tolerance, others)
    found = common(low, high)
    return found if found is not None and found[1] < float("inf") else None
