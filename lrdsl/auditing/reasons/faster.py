"""The scheduler was stepped several times an update, as Accelerate does for several processes."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason

NAME = "faster"
# Processes of one run, beyond which a curve is over too soon to tell them apart.
MOST = 1024


def _explain(case: Case) -> Iterator[Explanation]:
    for times in range(2, MOST + 1):
        if case.agrees(case.subject.rates(case.updates * times)):
            yield Explanation(
                NAME,
                f"the scheduler was stepped {times} times an update",
                f"count the calls of `scheduler.step()`: Accelerate makes one for each of"
                f" {times} processes, unless `split_batches=True`",
            )
            return


REASON = Reason(NAME, _explain)
