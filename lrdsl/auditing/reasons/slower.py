"""The scheduler was stepped once in several updates, which are no epoch."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.held import epoch_length, held
from lrdsl.auditing.reasons.search import one_of

NAME = "slower"


def _explain(case: Case) -> Iterator[Explanation]:
    found, known = held(case), epoch_length(case.subject)
    if not found or known in found:
        return
    yield Explanation(
        NAME,
        f"the scheduler was stepped once in {one_of(found)} updates",
        "see where `scheduler.step()` is called: beside the logging, or only where gradients that"
        f" were accumulated {one_of(found)} times are applied, when the log counts micro-batches",
    )


REASON = Reason(NAME, _explain)
