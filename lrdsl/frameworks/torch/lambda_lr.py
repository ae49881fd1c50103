"""The default scheduler: a ``LambdaLR`` that drives every hyperparameter a program speaks of."""

from __future__ import annotations

import math
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from operator import index
from typing import TYPE_CHECKING, TypedDict

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lrdsl.frameworks.torch import resume, state
from lrdsl.frameworks.torch.assign import warn_of_unequal
from lrdsl.frameworks.torch.calls import NO_METER, Number, asked, checked, metric_of
from lrdsl.frameworks.torch.hyperparameters import LEARNING_RATE, called
from lrdsl.frameworks.torch.overwrites import Overwrites
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.watch import NEVER, Watch
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.plateau import Meters

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.state import State
    from lrdsl.schedule.schedule import Schedule


class Options(TypedDict, total=False):
    """What `build` takes besides the schedules and the optimizer."""

    start_step: int
    on_change: str
    warn_on_overwrite: bool
    updates_per_step: int


OPTIONS = tuple(Options.__annotations__)
# What is made again when a scheduler is unpickled or copied.
_MADE = ("_plan", "_handle", "_watch", "_attend", "base_lrs", "lr_lambdas")


class ScheduleLR(LambdaLR):
    """The schedules of a program driving the parameter groups of an optimizer.

    It is a ``LambdaLR``, but writes the schedules' values themselves instead of multiplying factors
    into the groups' own rates, so 0.3 is 0.3 in every group; and it drives other hyperparameters
    too. Copies and pickles take the optimizer with them.

    Args:
        schedules: the program, laid out.
        optimizer: the optimizer.
        start_step: the step to start at.
        on_change: what to do with the state of another schedule: ``"error"``, ``"new"``, ``"old"``.
        warn_on_overwrite: whether to warn when something else changes a value that is driven.
        updates_per_step: how many updates of the optimizer a step of the schedule stands for.

    Raises:
        LrsError: the program does not fit the optimizer.
    """

    def __init__(
        self,
        schedules: Resolved,
        optimizer: Optimizer,
        *,
        start_step: int = 0,
        on_change: str = "error",
        warn_on_overwrite: bool = False,
        updates_per_step: int = 1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        start = checked(index(start_step))
        self.updates_per_step = index(updates_per_step)
        if self.updates_per_step < 1:
            raise ValueError(f"a step stands for at least one update, not {self.updates_per_step}")
        self.schedules = schedules
        self.on_change = on_change
        self._overwrites = Overwrites() if warn_on_overwrite else None
        self._meters = Meters.of([one.schedule for one in schedules.driven])
        self._plan = Plan(self.schedules, optimizer.param_groups, self._meters.factors)
        if start:  # a plan is known to have values for step 0
            self._plan.evaluate(start)
        self._plan.remember()
        self._watch: Watch | None = None
        self._attend = NEVER  # from this step on, `_watch` looks at every call
        super().__init__(optimizer, self._factors())
        if start:
            self.set_step(start)
        self._look(is_fresh=True)
        self._follow()

    @property
    def schedule(self) -> Schedule:
        """The schedule of the learning rate of all groups; where there is none, the first one."""
        return self.schedules.get("lr") or next(iter(self.schedules.values()))

    def driven(self) -> Iterator[tuple[Driven, float, str]]:
        """What is driven, with the own value and the name of each group."""
        for job in self._plan.jobs:
            yield job.driven, job.base, called(job.groups[0], job.indices[0])

    def _look(self, *, is_fresh: bool) -> None:
        """Watches how the optimizer is stepped."""
        self._watch = Watch(self, self.updates_per_step, is_fresh=is_fresh)
        self._attend = self._watch.attend

    def _follow(self) -> None:
        """Keeps the values right when the optimizer's state is loaded after the scheduler's."""
        # The optimizer must not keep the scheduler alive, which keeps the optimizer.
        me = weakref.ref(self)

        def loaded(_: Optimizer) -> None:
            scheduler = me()
            if scheduler is not None:
                scheduler._write(scheduler.last_epoch)

        # A wrapper may be an Optimizer by name only, and have no place for hooks.
        with suppress(AttributeError):
            self._handle = self.optimizer.register_load_state_dict_post_hook(loaded)

    def _join(self) -> Plan:
        """Makes the plan for the groups there are now: some were added, or others were loaded."""
        plan = Plan(self.schedules, self.optimizer.param_groups, self._meters.factors)
        plan.remember()
        self._plan = plan
        self.lr_lambdas = self._factors()
        for group in plan.groups:
            LEARNING_RATE.remember(group)
        self.base_lrs = [group["initial_lr"] for group in plan.groups]
        return plan

    def _factors(self) -> list[Callable[[int], float]]:
        """What torch's own ``LambdaLR`` would multiply the rate of each group with."""
        made: dict[int, Callable[[int], float]] = {}
        factors: list[Callable[[int], float]] = []
        for k in self._plan.job_of_rate:
            if k is None:
                factors.append(_unchanged)
            else:
                if k not in made:
                    job = self._plan.jobs[k]
                    made[k] = factor(job.driven.schedule, job.base)
                factors.append(made[k])
        return factors

    def step(  # type: ignore[override]  # as torch's own ReduceLROnPlateau.step
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
    ) -> None:
        """Moves on to the next update and writes its values; called after ``optimizer.step()``.

        Whole numbers of every kind are steps: Python's, numpy's, tensors of one integer.

        Args:
            metrics: what was measured of the update, or of the epoch, that is over, for a program
                with a ``plateau``. For any other it is the step to go to, as torch's ``LambdaLR``
                has it, which warns where that is not the next one.
            epoch: go to this step instead of the next one, however far it is.
            increment: go on by so many steps, as schedulers that count samples are stepped.

        Raises:
            LrsError: a schedule has no value there.
            ValueError: a number is no step, or a metric no number; nothing has changed then.

        Warns:
            LrsWarning: several updates are made for each step (``LRS801``), or a bare number sends
                the schedule somewhere (``LRS803``).
        """
        if metrics is None and epoch is None and increment is None:
            step = self.last_epoch + 1
        else:
            step, metrics = self._asked(metrics, epoch, increment)
        if step >= self._attend and self._watch is not None:
            self._watch.stepped(self, step)
            self._attend = self._watch.attend
        if self._overwrites is not None:
            if change := self._overwrites.look(self._plan):
                warnings.warn(change, UserWarning, stacklevel=2)
            self._write(step)
        else:
            # What `_write` does, without the call: this is what every update waits for.
            plan, groups = self._plan, self.optimizer.param_groups
            if groups is not plan.groups or len(groups) != plan.count:
                plan = self._join()
            plan.go(step)
            self.last_epoch = step
        self._step_count += 1
        if metrics is not None:
            self.observe(metrics)

    def _asked(
        self, metrics: Number | Tensor | None, epoch: Number | None, increment: Number | None
    ) -> tuple[int, float | None]:
        """The step that the arguments of ``step`` ask for, and the metric."""
        now, is_measured = self.last_epoch, bool(self._meters)
        if is_measured and metrics is not None and epoch is None and increment is None:
            return now + 1, metric_of(metrics)
        step, metric = asked(now, metrics, epoch, increment, is_measured=is_measured)
        if metrics is not None and not is_measured and self._watch is not None:
            self._watch.numbered(self, step)
        return step, metric

    def observe(self, metric: Number | Tensor) -> None:
        """Takes a measurement of the update before the next one, and writes what follows from it.

        Every ``plateau`` counts it whose part that update belonged to. One that is not a number is
        no improvement. Processes that train together have to be given the same number.

        Args:
            metric: what was measured: a loss, an accuracy.

        Raises:
            ValueError: no ``plateau`` is there to be driven by it, or it is not one number.
        """
        if not self._meters:
            raise ValueError(NO_METER)
        measured = metric_of(metric)
        done = max(self.last_epoch - 1, 0)
        active = [name for schedule in self.schedules.values() for name in schedule.active(done)]
        if self._meters.observe(measured, active, partial(self._plan.rates, done)):
            self._plan.bind(self._meters.factors)
            self._write(self.last_epoch)

    def set_step(self, step: int) -> None:
        """Goes to a step, forward or back, and writes its values; as quick for any step.

        Args:
            step: the number of updates made so far, which is the index of the next one.

        Raises:
            LrsError: a schedule has no value there.
        """
        self._write(checked(index(step)))
        self._step_count = self.last_epoch + 1
        if self._watch is not None:
            self._watch.sent(self)
            self._attend = self._watch.attend

    def _write(self, step: int) -> None:
        """Goes to a step; where that fails, nothing has changed."""
        plan, groups = self._plan, self.optimizer.param_groups
        if groups is not plan.groups or len(groups) != plan.count:
            plan = self._join()
        plan.go(step)
        self.last_epoch = step
        if self._overwrites is not None:
            self._overwrites.note(plan)

    def get_lr(self) -> list[float | Tensor]:
        """The learning rates of the current step, one a group."""
        values = self._plan.evaluate(self.last_epoch)
        rates: list[float | Tensor] = []
        for k, rate in zip(self._plan.job_of_rate, self._held(), strict=True):
            rates.append(rate if k is None else values[k])
        return rates

    def get_last_lr(self) -> list[float | Tensor]:
        """The learning rates last written, one a group; tensors are copies."""
        rates: list[float | Tensor] = []
        for k, rate in zip(self._plan.job_of_rate, self._held(), strict=True):
            value = rate if k is None else self._plan.values[k]
            rates.append(rate.new_full((), float(value)) if isinstance(rate, Tensor) else value)
        return rates

    def _held(self) -> list[float | Tensor]:
        """The learning rates that the groups have, as far as they have joined."""
        return [group["lr"] for group in self.optimizer.param_groups[: self._plan.count]]

    def state_dict(self) -> State:
        """The step, the program and the run, as plain ints and strings."""
        return state.save(self.schedules, self.last_epoch, self._meters.state())

    def load_state_dict(self, state_dict: State) -> None:
        """Goes to the step of a saved state and writes its values to every group.

        A state of another schedule is taken where the two agree on every step so far, and else
        as ``on_change`` says. Where this raises, nothing has changed.

        Args:
            state_dict: what :meth:`state_dict` returned.

        Raises:
            ValueError: it is no such state, or that of another schedule.
        """
        saved = state.read(state_dict)
        schedules, left = self.schedules, []
        meters = Meters.of(schedules.values())
        if saved.fingerprint == state.fingerprint(schedules):
            meters.load(saved.measured)
        else:
            old, groups = saved.schedules(), self.optimizer.param_groups
            measured = Meters.of(old.values())
            measured.load(saved.measured)
            if self.on_change == "error":
                refusal = resume.refusal(old, schedules, groups, saved.step, measured.factors)
                if refusal:
                    raise ValueError(refusal)
            left = resume.released(old, schedules, groups)
            if self.on_change == "old":
                schedules, left, meters = old, [], measured
            else:
                meters.load(saved.measured, measured.meters)
        plan = Plan(schedules, self.optimizer.param_groups, meters.factors)
        plan.evaluate(saved.step)
        self.schedules, self._meters = schedules, meters
        self._join()
        for slot, group in left:
            slot.write(group, slot.base(group))
        self.set_step(saved.step)

    def __repr__(self) -> str:
        return f"<ScheduleLR of {', '.join(self.schedules)} at step {self.last_epoch}>"

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in _MADE}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        plan = self._join()
        plan.values = plan.evaluate(self.last_epoch)
        self._look(is_fresh=False)  # whether an update was made before is not known here
        self._follow()


def _unchanged(_: int) -> float:
    """The factor of a rate that nothing drives."""
    return 1.0


def factor(schedule: Schedule, base: float) -> Callable[[int], float]:
    """The schedule as the factor that torch's ``LambdaLR`` would multiply a base rate with."""
    curve = schedule.curve(base)
    if base == 0:  # no factor makes a rate of 0 anything else
        return lambda t: 1.0 if curve(t) == 0 else math.nan
    return lambda t: curve(t) / base


def build(schedules: Resolved, optimizer: Optimizer, **options: Unpack[Options]) -> ScheduleLR:
    """The scheduler for ``scheduler="lambda"``."""
    scheduler = ScheduleLR(schedules, optimizer, **options)
    if len(optimizer.param_groups) > 1:
        warn_of_unequal(scheduler.driven())
    return scheduler
