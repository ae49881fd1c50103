"""Looks at what the groups would get after events, before any has happened."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch.course import Course
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.running import total_of
from lrdsl.resolve.events import said_after, samples


def rehearse(plan: Plan, course: Course) -> None:
    """Makes sure that a program has values after events: at once, in the middle, at the end.

    Args:
        plan: the plan before any has happened.
        course: the program.

    Raises:
        LrsError: it has none.
    """
    for events in samples(course.schedules.events, total_of(course.schedules)):
        try:
            course.plan(plan.groups, plan.bases, missing=True, steps=events)
        except LrsError as error:
            raise LrsError(said_after(error.diagnostics, events)) from None
