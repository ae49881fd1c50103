"""A second scheduler acts on the same optimizer: the rate is a product of both curves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons import quotient
from lrdsl.auditing.reasons.search import follows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.subject import Subject

NAME = "product"
_DECIDE = (
    "count the schedulers that are built with this optimizer, and see whether the trainer makes one"
    " of its own"
)


def _explain(case: Case) -> Iterator[Explanation]:
    for second in (*_itself(case), *quotient.simple(case)):
        yield Explanation(NAME, f"a second scheduler acts on the same optimizer: {second}", _DECIDE)
        return


def _itself(case: Case) -> Iterator[str]:
    """The schedule by its own form: each of two steps the factor."""
    import numpy as np

    peaks = [case.subject.base] if case.subject.schedule.is_proportional else []
    for peak in (*peaks, float(np.nanmax(case.expected, initial=0.0))):
        if peak > 0 and follows(case, partial(_squared, case.subject, peak)):
            yield "the same schedule once more, so that its factor counts twice"
            return


def _squared(subject: Subject, peak: float, updates: NDArray[np.int64]) -> NDArray[np.float64]:
    return subject.rates(updates) ** 2 / peak


REASON = Reason(NAME, _explain)
