"""The course of a run: a program, what its meters have measured, and what has happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.assign import fitted
from lrdsl.frameworks.torch.events import Events
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.schedule.plateau import Meters

if TYPE_CHECKING:
    from lrdsl.frameworks.torch.bases import Bases
    from lrdsl.frameworks.torch.hyperparameters import Group
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.text.numbers import Rational

    PlaceOf = Callable[[int], Rational | float]


class Course:
    """A program, and what decides its values besides the step.

    Args:
        schedules: the resolved program, as if nothing had happened.
        place_of: where an update is on the clock of the program; None if it follows steps.
        meters: the measurements of what metrics drive; None before a run begins.
        events: what has happened; None before a run begins.

    Attributes:
        schedules: the first argument.
        listens: True if a metric decides anything.
        meters: the measurements.
        events: what has happened.
    """

    def __init__(
        self,
        schedules: Resolved,
        place_of: PlaceOf | None,
        meters: Meters | None = None,
        events: Events | None = None,
    ) -> None:
        self.schedules, self._place_of = schedules, place_of
        self.listens = schedules.listens
        self.meters = Meters(schedules.meters) if meters is None else meters
        self.events = Events(schedules.events) if events is None else events

    def fitted(self, bases: Bases) -> Course:
        """The course with the schedules of numbers that only these groups have.

        Args:
            bases: the parameter groups.
        """
        made = fitted(self.schedules, bases)
        if made is self.schedules:
            return self
        meters, events = self.meters.among(made.meters), self.events.among(made.events)
        return Course(made, self._place_of, meters, events)

    def plan(
        self,
        groups: list[Group],
        bases: Bases,
        *,
        missing: bool,
        steps: dict[str, int] | None = None,
    ) -> Plan:
        """The plan for parameter groups, for what has happened and where the run is.

        Args:
            groups: the groups.
            bases: their bases.
            missing: True if a selector may match none of them.
            steps: the step of each event that has happened, by name; those so far by default.
        """
        steps = self.events.steps if steps is None else steps
        schedules = self.schedules.after(steps) if steps else self.schedules
        if self._place_of is not None:
            schedules = schedules.following(self._place_of)
        return Plan(schedules, groups, self.meters.factors, bases, missing=missing)

    def measured(self, metric: float, at: int, plan: Plan) -> tuple[bool, dict[str, int] | None]:
        """Counts a metric.

        Args:
            metric: the metric.
            at: where the run is.
            plan: the plan; it is bound to the factors that the metric leads to.

        Returns:
            True if a factor has changed; and the steps of all events, if the metric decides one.
        """
        done = max(at - 1, 0)
        active = [name for one in plan.schedules.driven for name in one.schedule.active(done)]
        happened = self.events.measured(metric, active, at)
        moved = self.meters.observe(metric, active, partial(plan.measured, done))
        if moved:
            plan.bind(self.meters.factors)
        return moved, happened
