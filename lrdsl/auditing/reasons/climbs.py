"""The rate climbs again, or starts over, after the end of the last part: a cosine goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import follows
from lrdsl.wording import count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "climbs"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    parts = [p for p in case.subject.schedule.parts_at(case.subject.base) if p.length < 2**53]
    if not parts:
        return
    start, length = parts[-1].start_step, int(parts[-1].length)
    end = start + length
    if length == 0 or int(case.updates.max()) <= end:
        return

    def mirrored(updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates if the last part runs back and forth."""
        local = (updates - start) % (2 * length)
        folded = start + np.minimum(local, 2 * length - local)
        return case.subject.rates(np.where(updates <= end, updates, folded))

    def repeated(updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates if the last part starts over when it ends."""
        again = start + (updates - start) % length
        return case.subject.rates(np.where(updates < end, updates, again))

    if follows(case, mirrored):
        yield Explanation(
            NAME,
            f"`{parts[-1].name}` ended at update {count(end)}, and the rate climbs again after it",
            f"compare the updates of the run with {count(end)}: torch's CosineAnnealingLR goes on"
            " after its `T_max`, and so does a formula without `min(1, …)`",
        )
    elif follows(case, repeated):
        yield Explanation(
            NAME,
            f"`{parts[-1].name}` ended at update {count(end)}, and starts over after it",
            f"compare the updates of the run with {count(end)}: CosineAnnealingWarmRestarts starts"
            " over after its `T_0`",
        )


REASON = Reason(NAME, _explain)
