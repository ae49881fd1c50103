"""Finds the number of updates for which each rate of a schedule was held."""

from __future__ import annotations

from functools import lru_cache

from lrdsl.auditing.case import Case
from lrdsl.auditing.reasons.search import proven
from lrdsl.auditing.subject import Subject

# Updates of an epoch, more of which are not looked for.
MOST = 1 << 17


@lru_cache(1)  # two mistakes ask it of each case, one after the other
def held(case: Case) -> list[int]:
    """For how many updates each rate may have been held; empty if that explains nothing.

    A number above that of all updates is none of them: that is a constant rate.
    """
    import numpy as np

    most = min(MOST, int(case.updates.max()))
    numbers = np.arange(2, most + 1)
    return proven(case, numbers, lambda updates, times: case.subject.rates(updates // times))


def epoch_length(subject: Subject) -> int | None:
    """The updates of an epoch, if the run says so and their number is whole."""
    length = subject.program.run_of(subject.run).units.get("ep")
    return int(length) if length is not None and length == int(length) else None
