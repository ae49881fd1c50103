"""The schedule jumped ahead: more steps of the scheduler than updates, all at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.climbing import reach, with_climbing
from lrdsl.auditing.reasons.search import FEW, one_of
from lrdsl.auditing.reasons.stretches import Stretch, is_resumed, predicted, stretches
from lrdsl.wording import count, plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "ahead"
# How many times it may jump, and how far at once.
JUMPS, FARTHEST = 8, 4096


def _explain(case: Case) -> Iterator[Explanation]:
    for one, climbs in with_climbing(case):
        found = _jumps(one)
        if found:
            yield Explanation(
                NAME,
                f"{_sentence(one, found)}{climbs}",
                "look for a `scheduler.step()` before the first update, and for a `last_epoch` or a"
                " number of steps that was loaded and then added again",
            )
            return


def _jumps(case: Case) -> list[Stretch]:
    """The stretches after each jump; empty if jumps do not explain the readings."""
    import numpy as np

    most = reach(case.subject) or sys.maxsize

    def options(place: int, shift: int) -> NDArray[np.int64]:
        """A few updates farther; or by as many as there were, if a number is added again."""
        here = int(case.updates[place])
        again = np.arange(max(FARTHEST, here - FEW) + 1, here + FEW)
        farther = np.concatenate([np.arange(1, FARTHEST + 1), again])
        return shift - farther[farther <= most]

    found = stretches(case, options, JUMPS)
    return found if found and case.agrees(predicted(case, found)) else []


def _sentence(case: Case, found: list[Stretch]) -> str:
    """Says how far ahead the schedule is, and since when."""
    first = found[0]
    distances = [-shift for shift in first.shifts]
    ahead = one_of(distances) + (" update" if distances == [1] else " updates")
    since = f"since update {count(int(case.updates[first.place]))}"
    resumed = ", where the run was resumed" if is_resumed(case, first.place) else ""
    later = ""
    if len(found) > 1:
        later = f"; after {plural(len(found), 'jump')} it is {count(-found[-1].shift)} ahead"
    return f"the schedule is {ahead} ahead {since}{resumed}{later}"


REASON = Reason(NAME, _explain)
