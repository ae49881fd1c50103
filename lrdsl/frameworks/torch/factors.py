"""The schedules of learning rates as the factors that torch's own ``LambdaLR`` multiplies."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrdsl.schedule.views import curve_of

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.plan import Plan
    from lrdsl.schedule.schedule import Schedule


def factors(plan: Plan) -> list[Callable[[int], float]]:
    """The factors by which torch's ``LambdaLR`` would multiply the rate of each group.

    Args:
        plan: the scheduler's plan.
    """
    made: dict[int, Callable[[int], float]] = {}
    found: list[Callable[[int], float]] = []
    for k in plan.job_of_rate:
        if k is None:
            found.append(unchanged)
        else:
            if k not in made:
                job = plan.jobs[k]
                made[k] = factor(job.driven.schedule, job.base)
            found.append(made[k])
    return found


def factor(schedule: Schedule, base: float) -> Callable[[int], float]:
    """The schedule as the factor that torch's ``LambdaLR`` would multiply a base rate with.

    Args:
        schedule: the schedule.
        base: the base rate.
    """
    curve = curve_of(schedule, base)
    if base == 0:  # no factor makes a rate of 0 anything else
        return lambda t: 1.0 if curve(t) == 0 else math.nan
    return lambda t: curve(t) / base


def unchanged(_: int) -> float:
    """The factor of a rate that nothing drives."""
    return 1.0
