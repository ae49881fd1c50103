"""The rates of a schedule as a linear function of the optimizer's own rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.auditing.reasons.factors import factor
from lrdsl.auditing.reasons.search import few
from lrdsl.fitting.rounding import shortest
from lrdsl.record import replace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.subject import Subject


def by_base(
    subject: Subject, updates: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the rates of some updates are without the optimizer's own rate, and for each of it."""
    once = subject.rates(updates)
    twice = replace(subject, base=2 * subject.base).rates(updates)
    slope = (twice - once) / subject.base
    return once - slope * subject.base, slope


def base_for(case: Case, subject: Subject) -> float | None:
    """The optimizer's own rate for which a few readings follow a schedule that has it in it."""
    places = few(case)
    fixed, slope = by_base(subject, case.updates[places])
    found = factor(case.rates[places] - fixed, case.tolerance[places], slope)
    return None if found is None or found[0] <= 0 else shortest(*found)
