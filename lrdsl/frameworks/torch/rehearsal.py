"""Looks at what the groups would get after events, before any has happened."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.running import total_of
from lrdsl.resolve.events import said_after, samples
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.plateau import NamedFactors


def rehearse(plan: Plan, schedules: Resolved, factors: NamedFactors) -> None:
    """Makes sure that a program has values after events: at once, in the middle, at the end.

    Args:
        plan: the plan before any has happened.
        schedules: the program.
        factors: the factors of all meters.

    Raises:
        LrsError: it has none.
    """
    for events in samples(schedules.events, total_of(schedules)):
        try:
            Plan(schedules.after(events), plan.groups, factors, plan.bases, missing=True)
        except LrsError as error:
            raise LrsError(said_after(error.diagnostics, events)) from None
