"""The base rate that the readings of a log tell, where nobody says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.fitting.rounding import shortest
from lrdsl.record import entity, replace
from lrdsl.schedule.difference import CLOSE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.auditing.readings import Readings
    from lrdsl.auditing.subject import Subject

# Bases at which a schedule is looked at, to see whether it is a line in `base`.
_PROBES = (1.0, 2.0, 3.0)
# What counts as a line under a metric, as a share of the peak.
_MEASURED = 1e-6
# The peak of a schedule is higher than what is logged of it by no more.
_ABOVE = 1.05


@entity
class Span:
    """The base rates that agree with the most readings.

    Attributes:
        low: the lowest of them.
        high: the highest.
    """

    low: float
    high: float


def is_line(subject: Subject, updates: NDArray[np.int64]) -> bool:
    """True if every rate of a schedule is a number, plus a number of times ``base``.

    Args:
        subject: the schedule.
        updates: the updates to look at.
    """
    import numpy as np

    one, two, three = (replace(subject, base=base).rates(updates) for base in _PROBES)
    gap = np.abs(three - 2 * two + one)
    # Reductions below `eps` are not made, and so depend on the base: they are too small to matter.
    close = _MEASURED if subject.metric else CLOSE
    return bool(np.all(~(gap > close * np.nanmax(np.abs(three), initial=0.0))))


def best(subject: Subject, readings: Readings, updates: NDArray[np.int64]) -> Span | None:
    """The base rates for which the most readings agree with a schedule.

    Args:
        subject: the schedule; its rates are lines in ``base``.
        readings: the readings.
        updates: the update of each.

    Returns:
        The span of them; None if no reading depends on ``base``.
    """
    import numpy as np

    one, two = (replace(subject, base=base).rates(updates) for base in _PROBES[:2])
    slope = two - one
    level = np.where(subject.schedule.is_proportional, 0.0, one - slope)
    # A rate of 0 asks for a base of 0, which would agree with whatever has ended.
    moves = (np.abs(slope) > CLOSE) & np.isfinite(readings.rates)
    use = moves & (readings.rates != 0) if (moves & (readings.rates != 0)).any() else moves
    if not use.any():
        return None
    middle = (readings.rates[use] - level[use]) / slope[use]
    width = readings.tolerance[use] / np.abs(slope[use])
    low, high = middle - width, middle + width
    # As many spans overlap at the start of one of them as have begun there, less those that ended.
    starts, ends = np.sort(low), np.sort(high)
    overlapping = np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="left")
    start = float(starts[int(np.argmax(overlapping))])
    inside = (low <= start) & (high >= start)
    return Span(start, float(high[inside].min()))


def by_peak(subject: Subject, readings: Readings, updates: NDArray[np.int64]) -> list[float]:
    """Base rates by which the schedule is as high as the log, or hardly higher and round.

    A run that left its schedule may have gone past the peak between two of its updates.

    Args:
        subject: the schedule.
        readings: the readings.
        updates: the update of each.
    """
    import numpy as np

    last = int(updates.max(initial=0))
    every = np.unique(np.linspace(0, max(last, 0), 4097).astype(np.int64))
    height = float(np.nanmax(replace(subject, base=1.0).rates(every), initial=0.0))
    if not height > 0 or not readings.peak > 0:
        return []
    found = readings.peak / height
    slack = max(float(readings.tolerance.max()), CLOSE * readings.peak) / height
    near = [shortest(found - slack, found + slack)]
    near += [shortest(found, found * _ABOVE)]
    return list(dict.fromkeys(near))
