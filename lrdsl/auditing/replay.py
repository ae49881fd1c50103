"""What a metric makes of a schedule: the course of a run, by the rules of lrdsl's schedulers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.events import Events
from lrdsl.record import entity
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule

if TYPE_CHECKING:
    from lrdsl.schedule.reading import Factors
    from lrdsl.schedule.schedule import Schedule

# The number of updates made, and what was measured then.
Measured = tuple[int, float]


@entity
class Stretch:
    """Updates for which a metric changes nothing.

    Attributes:
        start: the first of them.
        schedule: the schedule, after the events so far.
        factors: the factor of each of its ``plateau``.
    """

    start: int
    schedule: Schedule
    factors: Factors


@lru_cache(16)
def replayed(schedule: Schedule, base: float, metric: tuple[Measured, ...]) -> Sequence[Stretch]:
    """Replays a metric.

    Args:
        schedule: the schedule, as if nothing had happened.
        base: the optimizer's own rate.
        metric: the measurements, in the order in which they were made.

    Returns:
        The stretches in between, the first from update 0.
    """
    meters, events = Meters(schedule.every_meter), Events(schedule.events)
    present = schedule
    stretches = [Stretch(0, schedule, None)]
    for at, value in metric:
        done = max(at - 1, 0)
        active = present.active(done)
        happened = events.measured(value, active, at)

        def rates(factors: NamedFactors, now: Schedule = present, t: int = done) -> list[float]:
            return [now(t, base=base, factors=for_schedule(now, factors))]

        moved = meters.observe(value, active, rates)
        if happened is not None:
            events.steps = happened
            present = schedule.after(happened)
        if moved or happened is not None:
            factors = for_schedule(present, meters.factors)
            stretches.append(Stretch(at, present, factors))
    return stretches


def listens(schedule: Schedule) -> bool:
    """True if a metric decides any of its values."""
    return bool(schedule.every_meter) or any(e.kind != "signal" for e in schedule.events)
