"""The whole schedule was scaled: another peak, such as one for a larger batch."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.factors import factor
from lrdsl.auditing.reasons.linear import base_for
from lrdsl.auditing.reasons.search import few
from lrdsl.fitting.rounding import shortest
from lrdsl.record import replace
from lrdsl.wording import apart, number

NAME = "peak"
# Factors that have a meaning: those of so many processes, or of a batch so many times as large.
MOST = 1024


def _explain(case: Case) -> Iterator[Explanation]:
    places = few(case)
    part = (case.rates[places], case.tolerance[places], case.expected[places])
    if factor(*part) is not None:
        scale = factor(case.rates, case.tolerance, case.expected)
        if scale is not None:
            named, meaning = _named(*scale)
            # One reading has some factor always, and 0 times a schedule is no rate at all.
            says = named != 0 and (len(case.rates) > 1 or meaning)
            if says and case.agrees(case.expected * named):
                times = apart(named, 1)[0]
                yield _explanation(f"every rate is {times} times the schedule's{meaning}")
                return
    base = base_for(case, case.subject)
    if base is not None and case.agrees(replace(case.subject, base=base).rates(case.updates)):
        times = apart(base / case.subject.base, 1)[0]
        yield _explanation(
            f"the schedule started from {number(base)}, {times} times the optimizer's own rate"
        )


def _explanation(sentence: str) -> Explanation:
    return Explanation(
        NAME,
        sentence,
        "print `optimizer.defaults['lr']` before the scheduler is built, and look for a rule that"
        " scales it by the batch size or by the processes",
    )


def _named(low: float, high: float) -> tuple[float, str]:
    """A factor in a range, and what it means if it has a meaning.

    >>> _named(3.99, 4.01), _named(0.7071, 0.70711), _named(0.3, 0.3)
    ((4.0, ', as for a batch 4 times as large or for 4 processes'), (0.7071067811865475, ', \
the square root of 1/2'), (0.3, ''))
    """
    for times in range(2, MOST + 1):
        for value, meaning in (
            (float(times), f", as for a batch {times} times as large or for {times} processes"),
            (1 / times, f", as divided by {times} processes or micro-batches"),
            (math.sqrt(times), f", the square root of {times}"),
            (1 / math.sqrt(times), f", the square root of 1/{times}"),
        ):
            if low <= value <= high:
                return value, meaning
    return shortest(low, high), ""


REASON = Reason(NAME, _explain)
