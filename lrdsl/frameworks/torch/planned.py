"""The plan that a scheduler follows: made again for new groups, written, and read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from operator import is_

from torch import Tensor, inference_mode
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lrdsl.diagnostics.warn import warn
from lrdsl.frameworks.torch import unequal
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.course import Course
from lrdsl.frameworks.torch.factors import factors
from lrdsl.frameworks.torch.hyperparameters import like
from lrdsl.frameworks.torch.log import factors as logged_factors
from lrdsl.frameworks.torch.log import read
from lrdsl.frameworks.torch.overwrites import Overwrites
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.scalars import Scalars
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.schedule import Schedule


class PlannedLR(LambdaLR):
    """A ``LambdaLR`` whose values come from a plan, instead of a function for each group.

    Attributes:
        optimizer: the optimizer.
    """

    optimizer: Optimizer
    _plan: Plan
    _course: Course
    _attached: Attached
    _overwrites: Overwrites | None
    _at: int
    _is_placed = False  # a caller has set its step
    _is_settled = False  # its bases are those of a saved state

    @abstractmethod
    def set_step(self, step: int | None = None) -> None:
        """Goes to any step, forward or back, and writes its values."""

    def join(self) -> None:
        """Drives groups that were added or moved, from the current step on."""
        before, groups = self._plan, self.optimizer.param_groups
        if len(groups) == before.count and all(map(is_, groups, before.bases.groups)):
            return
        known = {id(group) for group in before.bases.groups}
        plan = self._planned(before.bases)
        values = plan.evaluate(max(self._at, 0))
        self._adopt(plan)
        plan.enter(values, known)
        if before.values:
            plan.values = values
        if self._overwrites is not None:
            self._overwrites.note(plan)
        if plan.count > 1:
            for finding in unequal.found(self.driven(), (self.owner,) * bool(self.owner)):
                warn(finding)

    def _join(self) -> Plan:
        """Makes and adopts a plan for the present groups, after some were added or loaded."""
        return self._adopt(self._planned(self._plan.bases))

    def _planned(self, bases: Bases) -> Plan:
        """A plan for the present groups, not in force yet."""
        groups = self.optimizer.param_groups
        bases = bases.following(groups, own_first=self._is_settled)
        self._course = self._course.fitted(bases)
        # A selector that had its group may have lost it: an optimizer may drop empty groups.
        return self._course.plan(groups, bases, missing=True)

    def _adopt(self, plan: Plan) -> Plan:
        """Puts a plan in force."""
        plan.bases.keep()
        attached = self._attached
        if plan.holds_others or attached.buffers is not None:
            from lrdsl.frameworks.torch.buffers import Buffers

            if attached.buffers is None:
                attached.buffers = Buffers()
            defaults = getattr(self.optimizer, "defaults", None)
            with inference_mode(False):  # what is made there cannot be written to outside
                plan.leave(attached.buffers.settle(plan, defaults))
        self._plan = plan
        attached.note(plan.bases, plan)
        return plan

    def _write(self, step: int) -> None:
        """Goes to a step; if that fails, nothing changes."""
        plan, groups = self._plan, self.optimizer.param_groups
        if groups is not plan.groups or len(groups) != plan.count:
            plan = self._join()
        plan.go(step)
        self._at = step
        if self._overwrites is not None:
            self._overwrites.note(plan)

    @property
    def is_under_way(self) -> bool:
        """True once the scheduler was stepped, or its step was set."""
        return self._is_placed or self._at > 0

    @property
    def last_epoch(self) -> int:
        """The number of updates made so far. Setting it calls `set_step`."""
        return self._at

    @last_epoch.setter
    def last_epoch(self, step: int) -> None:
        # torch's classes go back by a step before they make the first one.
        if type(step) is int and step < 0:
            self._at = step
        else:
            self.set_step(step)

    @property
    def owner(self) -> str:
        """The name of its optimizer, if that is one of several; or else empty."""
        return self._plan.bases.owner

    @property
    def schedules(self) -> Resolved:
        """The resolved program, a mapping from each target to its schedule."""
        return self._course.schedules

    @property
    def schedule(self) -> Schedule:
        """The schedule of ``lr`` for all groups; if the program has none, its first schedule."""
        return self.schedules.get("lr") or next(iter(self.schedules.values()))

    @property
    def scalars(self) -> Scalars:
        """The values of the next update of the program's ``scalar`` statements, by name."""
        return Scalars(self)

    def numbers(self) -> dict[str, float]:
        """The numbers of update ``last_epoch``, by name; see ``lrdsl.log``."""
        self.join()
        found = read(self._plan.entries)
        others: dict[str, float] = {}
        if scalars := self._plan.schedules.scalars:
            others |= {name: float(self.scalars[name]) for name in scalars}
        if self.schedules.meters:
            owner = self._plan.bases.owner
            meters = self._plan.meters if owner else self.schedules.meters
            others |= logged_factors(meters, self._course.meters.factors, {**found, **others})
        return found | self._plan.bases.of_owner(others)

    @property
    def events(self) -> dict[str, int]:
        """The step of each event that has happened, by name."""
        return {**self._course.events.steps}

    @property
    def at(self) -> int | float | None:
        """Where the run is on its clock; None if the program follows steps."""
        return None

    @property
    def lr_lambdas(self) -> list[Callable[[int], float]]:  # type: ignore[override]  # nobody sets it
        """The factors by which torch's ``LambdaLR`` would multiply each rate, made on demand."""
        return factors(self._plan)

    @property
    def base_lrs(self) -> list[float | Tensor]:  # type: ignore[override]  # nobody sets it
        """The initial learning rate of each group, as torch keeps it."""
        return [group["initial_lr"] for group in self.optimizer.param_groups]

    def driven(self) -> Iterator[tuple[Driven, float, str]]:
        """Yields each driven hyperparameter of each group, its `base`, and the group's name."""
        for job in self._plan.jobs:
            yield job.driven, job.base, self._plan.bases.called(job.indices[0])

    def get_lr(self) -> list[float | Tensor]:
        """Computes the learning rates of the current step, one per group."""
        held = self._held()
        return self._plan.rates(self._plan.evaluate(self._at), held)

    def get_last_lr(self) -> list[float | Tensor]:
        """Returns the learning rates last written, one per group; tensors are copies."""
        held = self._held()
        rates = self._plan.rates(self._plan.values, held) if self._plan.values else held
        pairs = zip(held, rates, strict=True)
        return [like(one, rate) for one, rate in pairs]

    @property
    def _last_lr(self) -> list[float | Tensor]:
        """The last rates, where torch's schedulers and loggers read them."""
        return self.get_last_lr()

    @_last_lr.setter
    def _last_lr(self, _: list[float | Tensor]) -> None:
        """Ignored: torch's `SequentialLR` sets it to the value it has just read here."""

    def __repr__(self) -> str:
        return f"<ScheduleLR of {', '.join(self.schedules)} at step {self._at}>"

    def _held(self) -> list[float | Tensor]:
        """The present learning rates of all groups, after taking in new ones."""
        self.join()
        return [group["lr"] for group in self.optimizer.param_groups]
