"""The scheduler was stepped several times an update, as Accelerate does for several processes."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import one_of, proven

NAME = "faster"
# Processes of one run, beyond which a curve is over too soon to tell them apart.
MOST = 1024


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    numbers = np.arange(2, MOST + 1)
    found = proven(case, numbers, lambda updates, times: case.subject.rates(updates * times))
    if found:
        times = one_of(found)
        yield Explanation(
            NAME,
            f"the scheduler was stepped {times} times an update",
            "count the calls of `scheduler.step()`: Accelerate makes one for each process, here"
            f" {times}, unless `split_batches=True`; a loop that accumulates gradients may make one"
            " for each micro-batch",
        )


REASON = Reason(NAME, _explain)
