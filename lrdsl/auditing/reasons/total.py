"""The schedule was made for another total."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.climbing import with_climbing
from lrdsl.auditing.reasons.numbers import search
from lrdsl.auditing.reasons.ratios import guesses, ratio
from lrdsl.auditing.reasons.search import FEW, one_of
from lrdsl.auditing.subject import Subject
from lrdsl.wording import count

NAME = "total"
# Processes by which a total may have been divided for a curve that climbs again.
PARTS = 64


def _explain(case: Case) -> Iterator[Explanation]:
    total = _total(case.subject)
    if total is None or not _matters(case.subject, total):
        return
    for one, climbs in with_climbing(case):
        # The search fails where a curve goes up and down many times.
        parts = [total // n for n in range(2, PARTS + 1) if total % n == 0] if climbs else []
        tried = [*parts, *guesses(one.subject, total)]
        found = search(one, partial(_made, one.subject), total, tried)
        if found:
            yield Explanation(
                NAME,
                f"the schedule was made for a total of {one_of(found)} updates, not {count(total)}"
                f"{climbs}{ratio(one.subject, total, found)}",
                "print the number of steps that the scheduler is built with: `len(loader)` times"
                " the epochs is divided by the processes and by the micro-batches of an update",
            )
            return


def _made(subject: Subject, total: int) -> Subject | None:
    return subject.changed(run={"total": total})


def _total(subject: Subject) -> int | None:
    """The total in updates, if it is known and whole."""
    run = subject.program.run_of(subject.run)
    if run.total is None:
        return None
    amounts = [run.steps(amount, unit) for unit, amount in run.total.amounts]
    steps = sum(amount for amount in amounts if amount is not None)
    return int(steps) if None not in amounts and steps == int(steps) and steps >= 1 else None


def _matters(subject: Subject, total: int) -> bool:
    """False for a program of fixed lengths."""
    import numpy as np

    other = subject.changed(run={"total": 2 * total})
    if other is None:
        return True
    updates = np.unique(np.linspace(0, 2 * total, FEW).astype(np.int64))
    return bool((other.rates(updates) != subject.rates(updates)).any())


REASON = Reason(NAME, _explain)
