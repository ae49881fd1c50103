"""The warm-up was left out."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import follows
from lrdsl.auditing.reasons.texts import without_warmup
from lrdsl.wording import count

NAME = "warmup"
_DECIDE = "see whether the scheduler of the warm-up is built, stepped and in its place"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    subject = case.subject
    without = without_warmup(subject)
    if without is None:
        return
    first = subject.schedule.parts_at(subject.base)[0]
    steps = int(first.length)
    if follows(case, without.rates):
        rest = "the rest began at once"
    elif follows(case, lambda updates: subject.rates(np.where(updates < 0, -1, updates + steps))):
        rest = "the schedule was entered after it"
    elif follows(
        case, lambda updates: subject.rates(np.where(updates < 0, -1, np.maximum(updates, steps)))
    ):
        rest = "its updates had the rate of its end"
    else:
        return
    yield Explanation(NAME, f"the warm-up of {count(steps)} updates was left out: {rest}", _DECIDE)


REASON = Reason(NAME, _explain)
