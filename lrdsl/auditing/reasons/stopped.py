"""The rate no longer changes after some step: the scheduler was stepped no more."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import between, one_of, sift
from lrdsl.auditing.reasons.stretches import LEAST, until
from lrdsl.wording import number

NAME = "stopped"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    rate = float(case.rates[-1])
    changes = np.flatnonzero(np.abs(case.rates - rate) > case.tolerance)
    place = int(changes[-1]) + 1 if len(changes) else 0
    if place == 0 or len(case.rates) - place < LEAST or until(case, 0, 0) < place:
        return
    possible = between(int(case.updates[place - 1]) + 1, int(case.updates[place]))
    last = sift(case, possible, lambda _, updates: case.subject.rates(updates), [place])
    predicted = np.where(np.arange(len(case.rates)) < place, case.expected, rate)
    if len(last) and case.agrees(predicted):
        yield Explanation(
            NAME,
            f"the rate stays at {number(rate)} from update {one_of(last.tolist())} on: the"
            " scheduler was no longer stepped",
            "look for a condition around `scheduler.step()`; Accelerate stops to step a scheduler"
            " after its `total_steps`",
        )


REASON = Reason(NAME, _explain)
