"""A scheduler's plan for a step: evaluate each curve once, write each value to its groups."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.frameworks.torch.assign import assign
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter
from lrdsl.frameworks.torch.job import Job
from lrdsl.frameworks.torch.log import Entry, entries
from lrdsl.resolve.resolved import Resolved
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from lrdsl.check.tree import Meter
    from lrdsl.frameworks.torch.buffers import Tensors

    Rate = float | Tensor


class Plan:
    """The schedules of a program, bound to the parameter groups of an optimizer.

    Args:
        resolved: a program, laid out.
        groups: the optimizer's list of groups itself: where it is another one later, or longer,
            the plan no longer holds.
        factors: the current factor of each ``plateau``.
        bases: the bases of the groups, which the plan completes.
        missing: True if a selector may match nothing.

    Attributes:
        bases: the bases of the groups.
        jobs: the curves and their groups.
        holds_others: True if anything driven is not simply a number under a key of its own.
        schedules: the program, for what has happened and where the run is.
        values: the values written last, one per job; empty before the first.

    Raises:
        LrsError: the program does not fit the groups.
    """

    def __init__(
        self,
        resolved: Resolved,
        groups: list[Group],
        factors: NamedFactors,
        bases: Bases,
        *,
        missing: bool = False,
    ) -> None:
        self.groups = groups
        self.count = len(groups)
        self.bases = bases
        self.jobs = _jobs(resolved, bases, missing)
        self.holds_others = any(map(attrgetter("others"), self.jobs))
        self.schedules = resolved
        self.values: list[float] = []
        self._tensors: Tensors | None = None
        self.bind(factors)

    def bind(self, factors: NamedFactors) -> None:
        """Takes the curves for what every ``plateau`` has come down to.

        Args:
            factors: the factors of all meters.
        """
        for job in self.jobs:
            job.bind(factors)
        self.leave(self._tensors)

    def leave(self, tensors: Tensors | None) -> None:
        """Leaves the numbers that tensors hold to what writes those.

        Args:
            tensors: what writes them; None if there are none.
        """
        self._tensors = tensors
        # One curve for all groups, as most programs have, is spared the lists.
        is_only = len(self.jobs) == 1 and tensors is None
        self._only = self.jobs[0].sink() if is_only else None

    @cached_property
    def job_of_rate(self) -> list[int | None]:
        """For every group, the place of the job of its learning rate, if it has one."""
        found: list[int | None] = [None] * self.count
        for k, job in enumerate(self.jobs):
            if job.slot.name == RATE:
                for i in job.indices:
                    found[i] = k
        return found

    @cached_property
    def entries(self) -> list[Entry]:
        """Every driven number, by the name that `lrdsl.log` gives it."""
        keys = [one.target.key for one in self.schedules.in_groups]
        numbers = {(job.driven.target.key, i): job.slot for job in self.jobs for i in job.indices}
        return entries(keys, numbers, self.bases)

    @property
    def meters(self) -> tuple[Meter, ...]:
        """The meters of what is driven here, and of scalars."""
        schedules = [job.driven.schedule for job in self.jobs]
        own = {m for one in schedules for m in one.every_meter}
        own.update(m for one in self.schedules.scalars.values() for m in one.every_meter)
        return tuple([meter for meter in self.schedules.meters if meter in own])

    def rates(self, values: Sequence[float], held: Iterable[Rate]) -> list[Rate]:
        """The learning rate of each group.

        Args:
            values: the values of all jobs.
            held: the groups' present rates, which are kept where nothing drives them.
        """
        pairs = zip(self.job_of_rate, held, strict=True)
        return [rate if k is None else values[k] for k, rate in pairs]

    def measured(self, step: int, factors: NamedFactors) -> list[float]:
        """The values at a step of what metrics drive, under given factors.

        Args:
            step: the step.
            factors: the factors of all meters.

        Raises:
            LrsError: one of them is none.
        """
        values: list[float] = []
        for job in self.jobs:
            schedule = job.driven.schedule
            if schedule.meters:
                own = for_schedule(schedule, factors)
                if fault := job.fault(step, own):
                    raise LrsError([fault])
                values.append(schedule(step, base=job.base, factors=own))
        for schedule in self.schedules.scalars.values():
            if schedule.meters:
                values.append(schedule(step, factors=for_schedule(schedule, factors)))
        return values

    def driven(self) -> Iterator[tuple[int, Hyperparameter]]:
        """The driven numbers: the index of the group, and the number."""
        for job in self.jobs:
            for i in job.indices:
                yield i, job.slot

    def enter(self, values: Sequence[float], known: Collection[int]) -> None:
        """Writes values to those groups that are not known yet.

        Args:
            values: the values of all jobs.
            known: the ids of the groups that have their values.
        """
        for job, value in zip(self.jobs, values, strict=True):
            for group in job.groups:
                if id(group) not in known:
                    job.slot.write(group, value)

    def evaluate(self, step: int) -> list[float]:
        """The value of every job at a step.

        Raises:
            LrsError: one of them is none.
        """
        values = []
        try:
            for job in self.jobs:
                value = job.curve(step)
                if not job.lowest <= value < job.limit:
                    break
                values.append(value)
            else:
                return values
        except UNDEFINED:
            pass
        raise LrsError(fault for job in self.jobs if (fault := job.fault(step, job.factors)))

    def go(self, step: int) -> None:
        """Writes the values of a step to the groups.

        Raises:
            LrsError: one of them is none; nothing has been written then.
        """
        if self._only is None:
            values = self.evaluate(step)
            self.values = values
            for job, value in zip(self.jobs, values, strict=True):
                key = job.slot.key
                for group in job.plain:
                    group[key] = value
                for group in job.others:
                    job.slot.write(group, value)
            if self._tensors is not None:
                self._tensors.write(values)
            return
        curve, lowest, limit, key, plain, write, others = self._only
        try:
            value = curve(step)
        except UNDEFINED:
            value = math.nan
        if not lowest <= value < limit:
            self.evaluate(step)  # raises, and says why
        self.values = [value]
        for group in plain:
            group[key] = value
        for group in others:
            write(group, value)


def planned(
    resolved: Resolved,
    optimizer: Optimizer,
    *,
    rebase: bool,
    missing: bool = False,
    owner: str = "",
) -> Plan:
    """The plan of a program for an optimizer, before anything was measured; it does nothing yet.

    Args:
        resolved: the program, laid out.
        optimizer: the optimizer.
        rebase: True if `base` is what the groups have now.
        missing: True if a selector may match no group.
        owner: the name of the optimizer, if it is one of several.

    Raises:
        LrsError: the program does not fit the groups.
    """
    groups = optimizer.param_groups
    bases = Bases.at_start(groups, Attached.to(optimizer).bases, rebase=rebase, owner=owner)
    meters = Meters(resolved.meters)
    return Plan(resolved, groups, meters.factors, bases, missing=missing)


def _jobs(resolved: Resolved, bases: Bases, missing: bool) -> list[Job]:
    by_curve: dict[object, Job] = {}
    groups = bases.groups
    for i, drivers in enumerate(assign(resolved, bases, missing=missing)):
        for slot, driven in drivers.values():
            base = bases.note(slot, i)
            key = (id(driven), slot.name, slot.place, base)
            job = by_curve.get(key)
            if job is None:
                job = by_curve[key] = Job(driven, base, slot, bases)
            job.take(groups[i], i)
    jobs = list(by_curve.values())
    # Values that depend on other numbers of the groups are looked at only now.
    every = resolved.has_owns
    errors = [error for job in jobs if every or job.is_in_doubt for error in job.faults()]
    if errors:
        raise LrsError(dict.fromkeys(errors))
    return jobs
