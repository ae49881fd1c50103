"""What a scheduler does at a step: evaluate each curve once, and write each value to its groups."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.frameworks.torch.assign import assign
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.bounds import limit
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called
from lrdsl.record import entity, replace
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule
from lrdsl.schedule.schedule import curve_of, fault_of, faults_of
from lrdsl.wording import number

if TYPE_CHECKING:
    from torch.optim import Optimizer


@entity
class Job:
    """One curve, and the groups that it is for.

    Attributes:
        driven: the schedule, and what the program calls what it drives.
        base: the number that ``base`` stands for.
        slot: the number of the groups that is driven.
        limit: what its values have to stay below in torch.
        groups: the parameter groups that have this base.
        indices: their places among the optimizer's groups.
    """

    driven: Driven
    base: float
    slot: Hyperparameter
    limit: float
    groups: list[Group]
    indices: list[int]


class Plan:
    """The schedules of a program, bound to the parameter groups of an optimizer.

    Args:
        resolved: a program, laid out.
        groups: the optimizer's list of groups itself: where it is another one later, or longer,
            the plan no longer holds.
        factors: what every ``plateau`` has come down to.
        bases: the bases of the groups, which the plan completes.
        missing: whether a selector may match nothing.

    Attributes:
        bases: the bases of the groups.
        jobs: the curves and their groups.
        job_of_rate: for every group, the place of the job of its learning rate, if it has one.
        values: what was written last, one a job; empty while the groups' own numbers stand.

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
        for i, slot in self.driven():
            bases.note(slot, i)
        self._limits = [job.limit for job in self.jobs]
        self._sinks = [_sink(job) for job in self.jobs]
        # Whether anything driven is not simply a number under a key of its own.
        self.holds_others = any(others for _, _, others in self._sinks)
        self.bind(factors)
        self.values: list[float] = []
        self.job_of_rate: list[int | None] = [None] * len(groups)
        for k, job in enumerate(self.jobs):
            if job.slot.name == RATE:
                for i in job.indices:
                    self.job_of_rate[i] = k

    def bind(self, factors: NamedFactors) -> None:
        """Takes the curves for what every ``plateau`` has come down to.

        Args:
            factors: the factors of all meters.
        """
        self._factors = [for_schedule(job.driven.schedule, factors) for job in self.jobs]
        self._curves = [
            curve_of(job.driven.schedule, job.base, own)
            for job, own in zip(self.jobs, self._factors, strict=True)
        ]
        # One curve for all groups, as most programs have, is spared the lists.
        self._only = None
        if len(self.jobs) == 1:
            self._only = (self._curves[0], self._limits[0], *self._sinks[0])

    def rates(self, step: int, factors: NamedFactors) -> list[float]:
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
                if fault := _fault(job, step, own):
                    raise LrsError([fault])
                values.append(schedule(step, base=job.base, factors=own))
        return values

    def driven(self) -> Iterator[tuple[int, Hyperparameter]]:
        """What is driven: the index of the group, and which number of it."""
        for job in self.jobs:
            for i in job.indices:
                yield i, job.slot

    def enter(self, step: int, known: Collection[int]) -> list[float]:
        """Writes the values of a step to those groups that are not known yet.

        Args:
            step: the step.
            known: the ids of the groups that have their values.

        Raises:
            LrsError: one of the values is none.
        """
        values = self.evaluate(step)
        for job, value in zip(self.jobs, values, strict=True):
            for group in job.groups:
                if id(group) not in known:
                    job.slot.write(group, value)
        return values

    def evaluate(self, step: int) -> list[float]:
        """The value of every job at a step.

        Raises:
            LrsError: one of them is none.
        """
        try:
            values = [curve(step) for curve in self._curves]
            for value, limit in zip(values, self._limits, strict=True):
                if not 0.0 <= value < limit:
                    break
            else:
                return values
        except UNDEFINED:
            pass
        pairs = zip(self.jobs, self._factors, strict=True)
        raise LrsError(fault for job, own in pairs if (fault := _fault(job, step, own)))

    def go(self, step: int) -> None:
        """Writes the values of a step to the groups.

        Raises:
            LrsError: one of them is none; nothing has been written then.
        """
        if self._only is None:
            self._write(self.evaluate(step))
            return
        curve, limit, key, plain, others = self._only
        try:
            value = curve(step)
        except UNDEFINED:
            value = -1.0
        if not 0.0 <= value < limit:
            self.evaluate(step)  # raises, and says why
        self.values = [value]
        for group in plain:
            group[key] = value
        for write, group in others:
            write(group, value)

    def _write(self, values: list[float]) -> None:
        self.values = values
        for value, (key, plain, others) in zip(values, self._sinks, strict=True):
            for group in plain:
                group[key] = value
            for write, group in others:
                write(group, value)


def planned(
    resolved: Resolved, optimizer: Optimizer, *, rebase: bool, missing: bool = False
) -> Plan:
    """The plan of a program for an optimizer, before anything was measured; it does nothing yet.

    Args:
        resolved: the program, laid out.
        optimizer: the optimizer.
        rebase: whether `base` is what the groups have now.
        missing: whether a selector may match no group.

    Raises:
        LrsError: the program does not fit the groups.
    """
    groups = optimizer.param_groups
    bases = Bases.at_start(groups, Attached.to(optimizer).bases, rebase=rebase)
    meters = Meters.of(resolved.values())
    return Plan(resolved, groups, meters.factors, bases, missing=missing)


# A key, the groups in which it is a plain number, and how to write to each of the others.
Sink = tuple[str, list[Group], list[tuple[Callable[[Group, float], None], Group]]]


def _sink(job: Job) -> Sink:
    slot = job.slot
    plain: list[Group] = []
    others: list[tuple[Callable[[Group, float], None], Group]] = []
    for group in job.groups:
        if slot.is_plain(group):
            plain.append(group)
        else:
            others.append((slot.write, group))
    return slot.key, plain, others


def _jobs(resolved: Resolved, bases: Bases, missing: bool) -> list[Job]:
    by_curve: dict[object, Job] = {}
    groups = bases.groups
    for i, drivers in enumerate(assign(resolved, bases, missing=missing)):
        for slot, driven in drivers.items():
            base = bases.of(slot, i)
            key = (id(driven), slot.name, slot.place, base)
            job = by_curve.get(key)
            if job is None:
                job = by_curve[key] = Job(driven, base, slot, limit(driven.target), [], [])
            job.groups.append(groups[i])
            job.indices.append(i)
    jobs = list(by_curve.values())
    errors = [error for job in jobs if _in_doubt(job) for error in _faults(job)]
    if errors:
        raise LrsError(dict.fromkeys(errors))
    return jobs


def _faults(job: Job) -> list[Diagnostic]:
    """What is wrong with a curve for torch, anywhere."""
    target, base = job.driven.target, job.base
    found = faults_of(job.driven.schedule, base, noun=target.noun, limit=job.limit)
    if not 0.0 <= base < math.inf:
        help = f"`base` is {number(base)}, which {called(job.groups[0], job.indices[0])} was built"
        help += f" with: build it with a {target.noun} of 0 or more"
        return [replace(fault, help=help, fixes=()) for fault in found]
    return found


def _fault(job: Job, step: int, factors: tuple[float, ...] | None) -> Diagnostic | None:
    """What is wrong with a value for torch; None where it is good."""
    target = job.driven.target
    return fault_of(job.driven.schedule, step, job.base, factors, noun=target.noun, limit=job.limit)


def _in_doubt(job: Job) -> bool:
    """Whether a schedule may be fine for one base and not for another.

    One that is in proportion to `base`, or free of it, was looked at when it was resolved; what has
    an upper limit in torch besides was not yet held to it. Neither is it fine for a wrong base.
    """
    schedule = job.driven.schedule
    if not 0.0 <= job.base < math.inf:
        return True
    return job.limit < math.inf or not (schedule.is_absolute or schedule.is_proportional)
