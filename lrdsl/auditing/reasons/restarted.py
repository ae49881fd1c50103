"""The schedule started over from its beginning, as it does if a resumed run loads no state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import fits, one_of
from lrdsl.auditing.reasons.stretches import Stretch, is_resumed, leg_at, predicted, stretches
from lrdsl.record import replace
from lrdsl.wording import listed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "restarted"
# How often a run is resumed at most, and how many updates before a reading it may have been.
RESUMES, FARTHEST = 16, 1 << 17


def _explain(case: Case) -> Iterator[Explanation]:
    found = stretches(case, lambda place, shift: _starts(case, place, shift), RESUMES)
    found = [_whole(case, stretch) for stretch in found]
    if not found or not case.agrees(predicted(case, found)):
        return
    where = listed([one_of(sorted(stretch.shifts)) for stretch in found])
    resumed = all(is_resumed(case, stretch.place) for stretch in found)
    yield Explanation(
        NAME,
        f"the schedule started over at update {where}"
        + (", where the run was resumed" if resumed else ""),
        "look for a resume there that builds the scheduler without `load_state_dict`, or before"
        " the state of the optimizer is loaded",
    )


def _starts(case: Case, place: int, shift: int) -> NDArray[np.int64]:
    """The updates where it may have started over before a reading, the latest first.

    Readings in between follow both: the rate may have been constant there.
    """
    import numpy as np

    last, first = int(case.updates[place]), leg_at(case, place).start
    starts = np.arange(last, max(shift, last - FARTHEST), -1)
    for back in (1, 2, 3, 4, 8, 16, 32, 64):
        if place - back < first:
            break
        update = case.updates[place - back]
        rates = case.subject.rates(update - starts)
        starts = starts[fits(case, place - back, rates) | (update < starts)]
    return starts


def _whole(case: Case, stretch: Stretch) -> Stretch:
    """A stretch with the readings before it, in its leg, that come after the start too."""
    leg = leg_at(case, stretch.place)
    before = case.updates[leg.start : stretch.place]
    return replace(stretch, place=stretch.place - int((before >= stretch.shift).sum()))


REASON = Reason(NAME, _explain)
