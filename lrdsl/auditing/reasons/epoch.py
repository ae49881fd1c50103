"""The scheduler was stepped once an epoch: each rate holds for the updates of one."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.held import epoch_length, held
from lrdsl.auditing.reasons.search import one_of
from lrdsl.wording import count

NAME = "epoch"


def _explain(case: Case) -> Iterator[Explanation]:
    found, known = held(case), epoch_length(case.subject)
    if not found or (known is not None and known not in found):
        return
    if known is not None:
        happened = f"the scheduler was stepped once an epoch, every {count(known)} updates"
    else:
        happened = f"the scheduler was stepped once in {one_of(found)} updates, such as an epoch's"
    yield Explanation(
        NAME,
        happened,
        f"see whether an epoch has {one_of(found)} updates: Lightning steps once an epoch unless"
        ' `"interval": "step"` is set',
    )


REASON = Reason(NAME, _explain)
