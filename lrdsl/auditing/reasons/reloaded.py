"""The schedule went on from the rate of a resume: it was taken for the optimizer's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.linear import by_base
from lrdsl.auditing.reasons.search import between, fits, one_of, spread
from lrdsl.auditing.reasons.stretches import LEAST, is_resumed, leg_at
from lrdsl.wording import number

if TYPE_CHECKING:
    pass

NAME = "reloaded"
# How many updates before the first departure the run may have been resumed.
FARTHEST = 1 << 17


def _explain(case: Case) -> Iterator[Explanation]:
    if len(case.rates) - case.first < LEAST or case.subject.schedule.is_absolute:
        return
    for starts_over in (False, True):
        found = [
            update for update in _resumes(case, starts_over) if _explains(case, update, starts_over)
        ]
        if found:
            base = number(_base(case, found[0]))
            place = ", where the run was resumed" if is_resumed(case, case.first) else ""
            again = ", and started over" if starts_over else ""
            yield Explanation(
                NAME,
                f"from update {one_of(found)} on{place}, the schedule took the rate of then,"
                f" {base}, for the optimizer's own{again}",
                "see whether the scheduler is built after the optimizer's state is loaded, from"
                " groups without `initial_lr`",
            )
            return


def _base(case: Case, update: int) -> float:
    import numpy as np

    return float(case.subject.rates(np.array([update]))[0])


def _resumes(case: Case, starts_over: bool) -> list[int]:
    """Updates at which the run may have been resumed, the earliest first."""
    first, leg = case.first, leg_at(case, case.first)
    here = int(case.updates[first])
    earliest = max(here - FARTHEST, 0)
    if leg.start < first:
        earliest = int(case.updates[first - 1])
    resumes = between(earliest, here)
    bases = case.subject.rates(resumes)
    size = len(case.rates)
    for place in (first, size - 1, first + 1, first + 2, (first + size) // 2):
        own = case.updates[place] - (resumes if starts_over else 0 * resumes)
        fixed, slope = by_base(case.subject, own)
        kept = fits(case, place, fixed + slope * bases)
        resumes, bases = resumes[kept], bases[kept]
    return spread(resumes)


def _explains(case: Case, update: int, starts_over: bool) -> bool:
    """True if all readings agree with a resume at an update."""
    import numpy as np

    after = np.arange(len(case.rates)) >= case.first
    fixed, slope = by_base(case.subject, case.updates - (update if starts_over else 0))
    predicted = fixed + slope * _base(case, update)
    return case.agrees(np.where(after, predicted, case.expected))


REASON = Reason(NAME, _explain)
