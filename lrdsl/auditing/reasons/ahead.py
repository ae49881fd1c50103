"""The schedule jumped ahead: more steps of the scheduler than updates, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import FEW, one_of
from lrdsl.auditing.reasons.stretches import is_resumed, predicted, stretches
from lrdsl.wording import count, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "ahead"
# How many times it may jump, and how far at once.
JUMPS, FARTHEST = 8, 4096


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    def options(place: int, shift: int) -> NDArray[np.int64]:
        """A few updates farther; or by as many as there were, if a number is added again."""
        here = int(case.updates[place])
        again = np.arange(max(FARTHEST, here - FEW) + 1, here + FEW)
        return shift - np.concatenate([np.arange(1, FARTHEST + 1), again])

    found = stretches(case, options, JUMPS)
    if not found or not case.agrees(predicted(case, found)):
        return
    first = found[0]
    distances = sorted(-shift for shift in first.shifts)
    ahead = one_of(distances) + (" update" if distances == [1] else " updates")
    since = f"since update {count(int(case.updates[first.place]))}"
    resumed = ", where the run was resumed" if is_resumed(case, first.place) else ""
    later = ""
    if len(found) > 1:
        later = f"; after {plural(len(found), 'jump')} it is {count(-found[-1].shift)} ahead"
    yield Explanation(
        NAME,
        f"the schedule is {ahead} ahead {since}{resumed}{later}",
        "look for a `scheduler.step()` before the first update, and for a `last_epoch` or a number"
        " of steps that was loaded and then added again",
    )


REASON = Reason(NAME, _explain)
