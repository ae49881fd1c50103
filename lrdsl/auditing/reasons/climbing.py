"""A schedule whose last part does not hold its end: its rate climbs again, as a cosine does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case
from lrdsl.auditing.subject import Subject
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.schedule.parts import Part

# What a sentence says of it.
CLIMBS = ", and climbs again after its end"


@entity
class Climbing(Subject):
    """A schedule whose last part runs back and forth after its end.

    transformers' cosine, torch's CosineAnnealingLR and most formulas by hand do that.
    """

    def rates(self, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates of some updates, NaN where an update is below 0."""
        import numpy as np

        part = last_part(self)
        if part is None:
            return Subject.rates(self, updates)
        start, length = part.start_step, int(part.length)
        local = (updates - start) % (2 * length)
        folded = start + np.minimum(local, 2 * length - local)
        return Subject.rates(self, np.where(updates <= start + length, updates, folded))


def last_part(subject: Subject) -> Part | None:
    """The last part that has an end; None if there is none."""
    parts = subject.schedule.parts_at(subject.base)
    ending = [part for part in parts if 0 < part.length < 2**53]
    return ending[-1] if ending else None


def climbing(subject: Subject) -> Subject:
    """The same schedule, which climbs again."""
    fields = type(subject).__match_args__
    return Climbing(*(getattr(subject, name) for name in fields))


def reach(subject: Subject) -> int | None:
    """How many updates a curve that climbs goes before it comes back; None for one that does not.

    That is the length of its last part: farther on, other numbers explain the same readings.
    """
    part = last_part(subject) if isinstance(subject, Climbing) else None
    return None if part is None else int(part.length)


def with_climbing(case: Case) -> Iterator[tuple[Case, str]]:
    """A case as it is, and with a schedule that climbs again, each with what to say of it."""
    yield case, ""
    if last_part(case.subject) is not None:
        yield replace(case, subject=climbing(case.subject)), CLIMBS
