"""The scheduler was stepped several times an update, as Accelerate does for several processes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.climbing import reach, with_climbing
from lrdsl.auditing.reasons.search import one_of, proven

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.subject import Subject

NAME = "faster"
# Processes of one run, beyond which a curve is over too soon to tell them apart.
MOST = 1024


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    for one, climbs in with_climbing(case):
        numbers = np.arange(2, min(MOST, reach(one.subject) or MOST) + 1)
        found = proven(one, numbers, partial(_rates, one.subject))
        if found:
            times = one_of(found)
            yield Explanation(
                NAME,
                f"the scheduler was stepped {times} times an update{climbs}",
                "count the calls of `scheduler.step()`: Accelerate makes one for each process, here"
                f" {times}, unless `split_batches=True`; a loop that accumulates gradients may make"
                " one for each micro-batch",
            )
            return


def _rates(
    subject: Subject, updates: NDArray[np.int64], times: NDArray[np.int64]
) -> NDArray[np.float64]:
    return subject.rates(updates * times)


REASON = Reason(NAME, _explain)
