"""The course of a run: a program, what its meters have measured, and what has happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        meters: the measurements of what metrics drive.
        events: what has happened.
        place_of: where an update is on the clock of the program; None if it follows steps.

    Attributes:
        schedules: the first argument.
        meters: the second.
        events: the third.
    """

    def __init__(
        self,
        schedules: Resolved,
        meters: Meters,
        events: Events,
        place_of: PlaceOf | None = None,
    ) -> None:
        self.schedules, self.meters, self.events = schedules, meters, events
        self._place_of = place_of

    @classmethod
    def of(cls, schedules: Resolved, place_of: PlaceOf | None) -> Course:
        """The course of a run that has not begun.

        Args:
            schedules: the resolved program.
            place_of: where an update is on the clock of the program; None if it follows steps.
        """
        return cls(schedules, Meters(schedules.meters), Events(schedules.events), place_of)

    def _after(self, steps: dict[str, int]) -> Resolved:
        """The schedules for events that have happened, and for where the run is."""
        schedules = self.schedules.after(steps)
        return schedules if self._place_of is None else schedules.following(self._place_of)

    @property
    def listens(self) -> bool:
        """True if a metric decides anything."""
        return bool(self.meters) or self.events.listens

    def fitted(self, groups: Sequence[Group]) -> Course:
        """The course with the schedules of numbers that only these groups have.

        Args:
            groups: the parameter groups.
        """
        made = fitted(self.schedules, groups)
        if made is self.schedules:
            return self
        meters, events = self.meters.among(made.meters), self.events.among(made.events)
        return Course(made, meters, events, self._place_of)

    def plan(self, groups: list[Group], bases: Bases, *, missing: bool) -> Plan:
        """The plan for parameter groups.

        Args:
            groups: the groups.
            bases: their bases.
            missing: True if a selector may match none of them.
        """
        return Plan(
            self._after(self.events.steps), groups, self.meters.factors, bases, missing=missing
        )

    def plan_after(self, steps: dict[str, int], plan: Plan) -> Plan:
        """The plan for other events.

        Args:
            steps: the step of each event that has happened, by name.
            plan: the plan for the events so far.
        """
        return Plan(self._after(steps), plan.groups, self.meters.factors, plan.bases, missing=True)

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
        active = [name for schedule in plan.schedules.values() for name in schedule.active(done)]
        happened = self.events.measured(metric, active, at)
        moved = self.meters.observe(metric, active, partial(plan.measured, done))
        if moved:
            plan.bind(self.meters.factors)
        return moved, happened
