"""Which update a logged rate is of: found by what fits, as systems and versions differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.auditing import bases
from lrdsl.fitting.rounding import digits_of, shortest
from lrdsl.logs.log import USUAL_OFFSETS
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.readings import Readings
    from lrdsl.auditing.subject import Subject

# A log is shifted by so many updates at most.
FARTHEST = 64
# Readings that are looked at for every offset; those that fit them are tried on all.
_LOOKED_AT = 4096
# So many readings agree with a base that is fitted to a log of another curve.
_CHANCE = 3
# More offsets that fit are those of a rate that hardly changes.
_TOLD_APART = 8


@entity
class Fit:
    """A schedule beside the readings of a log, under one offset.

    Attributes:
        offset: the number to add to a logged step.
        subject: the schedule, with the base rate that fits.
        updates: the update of each reading.
        expected: the rate of each update.
        agrees: whether each reading agrees with it.
    """

    offset: int
    subject: Subject
    updates: NDArray[np.int64]
    expected: NDArray[np.float64]
    agrees: NDArray[np.bool_]

    @property
    def is_whole(self) -> bool:
        """True if every reading agrees, and there is one of an update."""
        return bool(self.agrees.all()) and bool((self.updates >= 0).any())

    @property
    def leading(self) -> int:
        """How many readings agree before the first that does not."""
        return len(self.agrees) if self.agrees.all() else int(self.agrees.argmin())


@entity
class Search:
    """How a fit is looked for.

    Attributes:
        known: the offsets that the system of the log has; empty if any program may have written it.
        stride: the updates of one unit of the log's axis.
        is_free: True if the base rate is to be fitted.
        metric: the logged steps and values of the metric that the schedule listens to.
        lag: the updates from the one whose rate is logged at a step to the first that knows what
            the metric was there.
    """

    known: tuple[int, ...]
    stride: float = 1
    is_free: bool = False
    metric: tuple[tuple[int, float], ...] = ()
    lag: int = 1

    @property
    def usual(self) -> tuple[int, ...]:
        """The offsets that are no surprise, likeliest first."""
        return self.known or USUAL_OFFSETS

    def updates(self, steps: NDArray[np.int64], offset: int) -> NDArray[np.int64]:
        """The updates of some logged steps."""
        import numpy as np

        updates: NDArray[np.int64] = np.rint((steps + offset) * self.stride).astype(np.int64)
        return updates

    def fit(self, subject: Subject, readings: Readings, offset: int) -> Fit:
        """A schedule beside readings, under one offset.

        Args:
            subject: the schedule.
            readings: the readings.
            offset: the offset.
        """
        updates = self.updates(readings.steps, offset)
        subject = self.told(subject, offset)
        if self.is_free and (span := bases.best(subject, readings, updates)) is not None:
            subject = replace(subject, base=shortest(span.low, span.high))
        return _beside(subject, readings, updates, offset)

    def told(self, subject: Subject, offset: int) -> Subject:
        """A schedule with what the metric was, by the updates made."""
        if not self.metric:
            return subject
        made = ((round((step + offset) * self.stride) + self.lag, x) for step, x in self.metric)
        return replace(subject, metric=tuple([(max(at, 0), x) for at, x in made]))

    def by_peak(self, subject: Subject, readings: Readings, offset: int) -> list[Fit]:
        """The same with base rates by which the schedule is as high as the log."""
        updates = self.updates(readings.steps, offset)
        subject = self.told(subject, offset)
        found = bases.by_peak(subject, readings, updates)
        return [_beside(replace(subject, base=x), readings, updates, offset) for x in found]

    def whole(self, subject: Subject, readings: Readings) -> list[Fit]:
        """The fits that all readings agree with, the likeliest first.

        Args:
            subject: the schedule.
            readings: the readings.
        """
        near = sorted(range(-FARTHEST, FARTHEST + 1), key=lambda n: abs(n - self.usual[0]))
        # To replay a metric for offsets that hardly occur would take long.
        tried = dict.fromkeys(self.usual if self.metric else (*self.usual, *near))
        few = readings.at(spread(len(readings), _LOOKED_AT))
        fits = [fit for n in tried if (fit := self.fit(subject, few, n)).is_whole]
        if len(few) < len(readings):
            hopeful = fits if len(fits) <= _TOLD_APART else fits[:_TOLD_APART]
            fits = [f for n in hopeful if (f := self.fit(subject, readings, n.offset)).is_whole]
        return sorted(fits, key=self._surprise)

    def _surprise(self, fit: Fit) -> tuple[bool, int]:
        """The less surprising of two fits has the lower one."""
        digits = digits_of(fit.subject.base) if self.is_free else 0
        return fit.offset not in self.usual, digits

    def partial(self, subject: Subject, readings: Readings) -> list[Fit]:
        """Fits that not all readings agree with, the likeliest first.

        Args:
            subject: the schedule.
            readings: the readings.
        """
        fits = [self.fit(subject, readings, n) for n in self.usual]
        fits.sort(key=lambda fit: (-fit.leading, -int(fit.agrees.sum())))
        if not self.is_free:
            return fits
        high = [one for fit in fits for one in self.by_peak(subject, readings, fit.offset)]
        # Some readings agree with any base that is fitted to them.
        is_chance = fits[0].agrees.sum() <= max(_CHANCE, len(readings) // 50)
        return [*high, *fits] if is_chance else [*fits, *high]


def _beside(subject: Subject, readings: Readings, updates: NDArray[np.int64], offset: int) -> Fit:
    import numpy as np

    expected = subject.rates(updates)
    agrees = agreeing(readings.rates, expected, readings.tolerance)
    # Some programs write a row before the first update.
    agrees |= (
        (updates < 0)
        & (np.arange(len(updates)) == 0)
        & (readings.steps + offset == -1)
        & np.isfinite(readings.rates)
    )
    return Fit(offset, subject, updates, expected, agrees)


def agreeing(
    rates: NDArray[np.float64], expected: NDArray[np.float64], tolerance: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether each of some rates is the expected one; what is no number never is."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        return np.abs(rates - expected) <= tolerance


def spread(amount: int, most: int, around: Sequence[int] = ()) -> NDArray[np.int64]:
    """Places among many: the first, the last, evenly spread ones and neighbors of some.

    Args:
        amount: how many there are.
        most: about how many to choose.
        around: places whose neighbors are chosen too.
    """
    import numpy as np

    if amount <= most:
        return np.arange(amount)
    close = most // 4
    parts = [np.arange(close), np.linspace(0, amount - 1, most - 2 * close).astype(np.int64)]
    parts.append(np.arange(amount - close, amount))
    for place in around:
        parts.append(np.arange(max(place - close, 0), min(place + close, amount)))
    return np.unique(np.concatenate(parts))
