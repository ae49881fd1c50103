"""The rate climbs again, or starts over, after the end of the last part: a cosine goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.climbing import climbing, last_part
from lrdsl.auditing.reasons.search import follows
from lrdsl.wording import count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "climbs"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    part = last_part(case.subject)
    if part is None:
        return
    start, length = part.start_step, int(part.length)
    end = start + length
    if int(case.updates.max()) <= end:
        return

    def repeated(updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates if the last part starts over when it ends."""
        again = start + (updates - start) % length
        return case.subject.rates(np.where(updates < end, updates, again))

    if follows(case, climbing(case.subject).rates):
        yield Explanation(
            NAME,
            f"`{part.name}` ended at update {count(end)}, and the rate climbs again after it",
            f"compare the updates of the run with {count(end)}: CosineAnnealingLR goes on after its"
            " `T_max`, and so do transformers' cosine and a formula without `min(1, …)`",
        )
    elif follows(case, repeated):
        yield Explanation(
            NAME,
            f"`{part.name}` ended at update {count(end)}, and starts over after it",
            f"compare the updates of the run with {count(end)}: CosineAnnealingWarmRestarts starts"
            " over after its `T_0`",
        )


REASON = Reason(NAME, _explain)
