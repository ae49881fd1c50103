"""The default scheduler: a ``LambdaLR`` that drives every hyperparameter a program names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from lrdsl.diagnostics.warn import warn
from lrdsl.frameworks.torch import leftovers, resume, state, unequal
from lrdsl.frameworks.torch.assign import captured_names, fitted
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.calls import NO_CLOCK, NO_METER, Number, asked, metric_of
from lrdsl.frameworks.torch.events import Events
from lrdsl.frameworks.torch.factors import factors
from lrdsl.frameworks.torch.hyperparameters import called, like
from lrdsl.frameworks.torch.options import Options
from lrdsl.frameworks.torch.overwrites import Overwrites
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.scalars import Scalars
from lrdsl.frameworks.torch.separate import separate
from lrdsl.frameworks.torch.watch import NEVER, Watch
from lrdsl.outside import as_step
from lrdsl.resolve.resolved import Driven, Resolved
from lrdsl.schedule.plateau import Meters
from lrdsl.wording import listed

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.state import State
    from lrdsl.schedule.schedule import Schedule


OPTIONS = tuple(Options.__annotations__)
# Attributes that are made again when a scheduler is unpickled or copied.
_MADE = ("_attached", "_plan", "_watch", "_attend")


class ScheduleLR(LambdaLR):
    """The scheduler that ``lrdsl.compile`` returns: a ``LambdaLR`` for every hyperparameter.

    Unlike torch's class it writes the schedule's values themselves, instead of multiplying each
    group's own rate by a factor: a rate of 0.3 is 0.3 in every group. A copy or pickle of a
    scheduler contains its optimizer.

    Args:
        schedules: the resolved program.
        optimizer: the optimizer.
        start_step: the step to start at.
        on_change: what to do with the state of another schedule: ``"error"``, ``"new"``, ``"old"``.
        warn_on_overwrite: True to warn when anything else changes a value that the schedule drives.
        rebase: True to make the groups' present values ``base``, instead of those that they had
            when a scheduler first saw them. ``None`` keeps the latter and warns if the two differ.
        allow_missing_groups: True if a selector may match a group that is added later.
        updates_per_step: the number of optimizer updates for each step of the schedule.

    Attributes:
        schedules: the resolved program, a mapping from each target to its schedule.
        optimizer: the optimizer.
        on_change: the option of ``lrdsl.compile``.
        updates_per_step: the option of ``lrdsl.compile``.

    Raises:
        LrsError: the program does not fit the optimizer.
    """

    _at: int
    # `_is_placed`: a caller has set its step. `_is_settled`: its bases are those of a saved state.
    _is_placed = _is_settled = False
    _watch: Watch | None = None
    _attend = NEVER  # from this step on, `_watch` looks at every call

    def __init__(
        self,
        schedules: Resolved,
        optimizer: Optimizer,
        *,
        start_step: int = 0,
        on_change: str = "error",
        warn_on_overwrite: bool = False,
        rebase: bool | None = None,
        allow_missing_groups: bool = False,
        updates_per_step: int = 1,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.updates_per_step: int = updates_per_step
        self.schedules: Resolved = schedules
        self.on_change: str = on_change
        self._overwrites = Overwrites() if warn_on_overwrite else None
        self._meters = Meters(schedules.meters)
        self._events = Events(schedules.events)
        self._allow_missing = allow_missing_groups
        self.optimizer: Optimizer = optimizer
        self._attached, groups = Attached.to(optimizer), optimizer.param_groups
        bases = Bases.at_start(groups, self._attached.bases, rebase=bool(rebase))
        # If nothing drove the groups before, nothing can be left over in them.
        is_first = not any(bases.numbers)
        reduced = self._meters.factors
        now = self._now(schedules, self._events)
        plan = Plan(now, groups, reduced, bases, missing=allow_missing_groups)
        if schedules.events:
            from lrdsl.frameworks.torch.rehearsal import rehearse

            rehearse(plan, schedules, reduced)
        if start_step:  # a plan is known to have values for step 0
            plan.evaluate(start_step)
        elif rebase is None and not is_first:
            leftovers.report([*leftovers.find(plan, self._attached)], self, optimizer)
        self._adopt(plan)
        # Not by torch's `__init__`: what it would add is a function around `optimizer.step`, which
        # every update pays for, and that is for a check of the order of steps which `Watch` makes.
        self._at = -1
        self._initial_step()
        if start_step:
            self.set_step(start_step)
        self._look(is_fresh=True)

    def _initial_step(self) -> None:
        """Writes the values of the first step; torch's ``SequentialLR`` calls it too."""
        self._step_count = 0
        self.step()

    @property
    def schedule(self) -> Schedule:
        """The schedule of ``lr`` for all groups; if the program has none, its first schedule."""
        return self.schedules.get("lr") or next(iter(self.schedules.values()))

    @property
    def scalars(self) -> Scalars:
        """The values of the next update of the program's ``scalar`` statements, by name."""
        return Scalars(self)

    @property
    def lr_lambdas(self) -> list[Callable[[int], float]]:  # type: ignore[override]  # nobody sets it
        """The factors by which torch's ``LambdaLR`` would multiply each rate, made on demand."""
        return factors(self._plan)

    @property
    def base_lrs(self) -> list[float | Tensor]:  # type: ignore[override]  # nobody sets it
        """The initial learning rate of each group, as torch keeps it."""
        return [group["initial_lr"] for group in self.optimizer.param_groups]

    @property
    def bases(self) -> tuple[float, ...]:
        """The value of `base` for each driven hyperparameter, in the order of `driven`."""
        return tuple([job.base for job in self._plan.jobs])

    def driven(self) -> Iterator[tuple[Driven, float, str]]:
        """Yields each driven hyperparameter of each group, its `base`, and the group's name."""
        for job in self._plan.jobs:
            yield job.driven, job.base, called(job.groups[0], job.indices[0])

    def _look(self, *, is_fresh: bool) -> None:
        """Watches how the optimizer is stepped, its groups, and what is loaded into it."""
        watch = self._watch = Watch(self, self.updates_per_step, is_fresh=is_fresh)
        self._attend = watch.attend
        self._attached.listen(self.optimizer, watch)

    def follow(self) -> None:
        """Reacts to a state that was loaded into the optimizer.

        Before the first step the loaded rates are kept, because their step is not known yet.
        """
        self._join()
        if self.is_under_way:
            self._write(self._at)
        elif self._overwrites is not None:
            self._overwrites.note(self._plan)

    @property
    def is_under_way(self) -> bool:
        """True once the scheduler was stepped, or its step was set."""
        return self._is_placed or self._at > 0

    def join(self) -> None:
        """Drives groups that were added or moved, from the current step on."""
        before, groups = self._plan, self.optimizer.param_groups
        if len(groups) == before.count and all(map(is_, groups, before.bases.groups)):
            return
        known = {id(group) for group in before.bases.groups}
        plan = self._planned(before.bases)
        values = plan.enter(max(self._at, 0), known)
        self._adopt(plan)
        if before.values:
            plan.values = values
        if self._overwrites is not None:
            self._overwrites.note(plan)
        if plan.count > 1:
            for finding in unequal.found(self.driven()):
                warn(finding)

    def _join(self) -> Plan:
        """Makes and adopts a plan for the present groups, after some were added or loaded."""
        return self._adopt(self._planned(self._plan.bases))

    def _planned(self, bases: Bases) -> Plan:
        """A plan for the present groups, not in force yet."""
        groups = self.optimizer.param_groups
        bases = bases.following(groups, own_first=self._is_settled)
        self.schedules, self._meters, self._events = self._fitted(
            self.schedules, self._meters, self._events
        )
        # A selector that had its group may have lost it: an optimizer may drop empty groups.
        now = self._now(self.schedules, self._events)
        return Plan(now, groups, self._meters.factors, bases, missing=True)

    def _fitted(
        self, schedules: Resolved, meters: Meters, events: Events
    ) -> tuple[Resolved, Meters, Events]:
        """A program, its meters and events, with those of numbers that only new groups have."""
        made = fitted(schedules, self.optimizer.param_groups)
        if made is schedules:
            return schedules, meters, events
        return made, meters.among(made.meters), events.among(made.events)

    def _adopt(self, plan: Plan) -> Plan:
        """Puts a plan in force."""
        plan.bases.keep()
        if plan.holds_others:
            separate(plan.driven(), plan.bases, getattr(self.optimizer, "defaults", None))
        self._plan = plan
        self._attached.note(plan.bases, plan)
        return plan

    def step(  # type: ignore[override]  # as torch's own ReduceLROnPlateau.step
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
        at: Number | None = None,
    ) -> None:
        """Goes to the next step and writes its values; call it after ``optimizer.step()``.

        Steps may be whole numbers of Python or numpy, or tensors of one integer.

        Args:
            metrics: for a program with a ``plateau``, a metric of the update or epoch that has just
                ended. For any other program the step to go to, as for torch's ``LambdaLR``, with a
                warning unless it is the next one.
            epoch: the step to go to, instead of the next one.
            increment: the number of steps to advance, for schedules that count samples.
            at: where the run is now, for a program with ``run clock = …``.

        Raises:
            LrsError: a schedule has no value at that step.
            ValueError: an argument is not a step, or a metric is not a number. Nothing changes.

        Warns:
            LrsWarning: the optimizer makes several updates per step (``LRS801``), an update comes
                after the end of the run (``LRS802``), or ``metrics`` moves the schedule to a
                distant step (``LRS803``).
        """
        if at is not None:
            raise ValueError(NO_CLOCK)
        if metrics is None and epoch is None and increment is None:
            step = self._at + 1
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
            # `_write` written out, to save a call: every update waits for this.
            plan, groups = self._plan, self.optimizer.param_groups
            if groups is not plan.groups or len(groups) != plan.count:
                plan = self._join()
            plan.go(step)
            self._at = step
        self._step_count += 1
        if metrics is not None:
            self.observe(metrics)

    def _asked(
        self, metrics: Number | Tensor | None, epoch: Number | None, increment: Number | None
    ) -> tuple[int, float | None]:
        """The step and the metric in the arguments of ``step``."""
        is_measured = bool(self._meters) or self._events.listens
        step, metric = asked(self._at, metrics, epoch, increment, is_measured=is_measured)
        if metrics is not None and not is_measured and self._watch is not None:
            self._watch.numbered(self, step)
        return step, metric

    def observe(self, metric: Number | Tensor) -> None:
        """Passes a metric to every active ``plateau``, and writes the reduced values, if any.

        A ``plateau`` is active if its part contains the last update. NaN counts as no improvement.
        Processes that train together must pass the same number.

        Args:
            metric: the metric, such as a loss or an accuracy.

        Raises:
            ValueError: no metric drives the program, or the metric is not one number.
        """
        if not self._meters and not self._events.listens:
            raise ValueError(NO_METER)
        measured = metric_of(metric)
        done = max(self._at - 1, 0)
        now = self._now(self.schedules, self._events)
        active = [name for schedule in now.values() for name in schedule.active(done)]
        happened = self._events.measured(measured, active, self._at)
        if self._meters.observe(measured, active, partial(self._plan.measured, done)):
            self._plan.bind(self._meters.factors)
            self._write(self._at)
        if happened is not None:
            self._turn(happened, self._at)

    def signal(self, name: str) -> bool:
        """Says that something has happened: ends ``until(signal(name), …)``, and writes the values.

        Call it between ``step()`` and the next ``optimizer.step()``. Processes that train together
        must all call it at the same update.

        Args:
            name: the name of the signal.

        Returns:
            False if it was sent before; that has no effect.

        Raises:
            ValueError: no part of the program waits for it. Nothing changes.
        """
        steps = self._events.sent(name, max(self._at, 0))
        if steps is None:
            return False
        self._turn(steps, self._at)
        return True

    @property
    def events(self) -> dict[str, int]:
        """The step of each event that has happened, by name."""
        return {**self._events.steps}

    def _turn(self, steps: dict[str, int], at: int) -> None:
        """Goes to a step of the schedules for other events; if that fails, nothing changes."""
        before, self._events.steps = self._events.steps, steps
        try:
            plan = self._planned(self._plan.bases)
            plan.evaluate(at)
        except BaseException:
            self._events.steps = before
            raise
        self._adopt(plan)
        self._write(at)

    def set_step(self, step: int | None = None, *, at: Number | None = None) -> None:
        """Goes to any step, forward or back, and writes its values.

        Args:
            step: the number of updates made so far, which is the index of the next one.
            at: where the run is on the clock, for a program with ``run clock = …``. Without
                ``step`` the number of updates stays as it is.

        Raises:
            LrsError: a schedule has no value at that step. Nothing changes.
            ValueError: it is not a step.
        """
        if at is not None:
            raise ValueError(NO_CLOCK)
        self._go_to(as_step(step))

    def _go_to(self, step: int) -> None:
        """Goes to a step that a caller has set."""
        if (known := self._events.before(step)) == self._events.steps:
            self._write(step)
        else:
            lost = [name for name in self._events.steps if name not in known]
            self._turn(known, step)
            message = f"at step {step:,} {listed(map(repr, lost))} had not happened yet: forgotten"
            warnings.warn(message, UserWarning, stacklevel=2)
        self._is_placed = True
        self._step_count = self._at + 1
        if self._watch is not None:
            self._watch.sent(self)
            self._attend = self._watch.attend

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

    def _write(self, step: int) -> None:
        """Goes to a step; if that fails, nothing changes."""
        plan, groups = self._plan, self.optimizer.param_groups
        if groups is not plan.groups or len(groups) != plan.count:
            plan = self._join()
        plan.go(step)
        self._at = step
        if self._overwrites is not None:
            self._overwrites.note(plan)

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

    def _held(self) -> list[float | Tensor]:
        """The present learning rates of all groups, after taking in new ones."""
        self.join()
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> State:
        """Returns the step, the program, its run and the bases, as plain ints and strings."""
        bases = self._plan.bases
        groups = captured_names(bases.groups) if self.schedules.program.captured else []
        measured, events = self._meters.state(), self._events.state()
        return state.save(
            self.schedules, self._at, measured, events, bases.table(), groups, self.at
        )

    @property
    def at(self) -> int | float | None:
        """Where the run is on its clock; None if the program follows steps."""
        return None

    def load_state_dict(self, state_dict: State) -> None:
        """Goes to the step of a saved state, and writes its values to every group.

        The bases come from the state. The state of another schedule is accepted if the two agree on
        every step so far; otherwise ``on_change`` decides. The state of one of torch's schedulers
        requires ``on_change="new"``.

        Args:
            state_dict: the return value of `state_dict`.

        Raises:
            ValueError: it is not a state of a scheduler, or belongs to a different schedule.
                Nothing changes.
        """
        bases = self._plan.bases.following(self.optimizer.param_groups, own_first=self._is_settled)
        taken = resume.taken(state_dict, self.schedules, bases, self.on_change)
        missing = self._allow_missing or taken.schedules is self.schedules
        groups = self.optimizer.param_groups
        schedules, meters, events = self._fitted(taken.schedules, taken.meters, taken.events)
        now = self._now(schedules, events)
        plan = Plan(now, groups, meters.factors, taken.bases, missing=missing)
        self._try(plan, taken)
        self.schedules, self._meters, self._events = schedules, meters, events
        self._is_settled = self._is_settled or taken.is_settled
        self._adopt(plan)
        for slot, group, base in taken.released:
            slot.write(group, base)
        self._arrive(taken)

    def _now(self, schedules: Resolved, events: Events) -> Resolved:
        """The schedules for what has happened."""
        return schedules.after(events.steps)

    def _try(self, plan: Plan, taken: resume.Taken) -> None:
        """Makes sure that a plan has values where a state is."""
        plan.evaluate(taken.step)

    def _arrive(self, taken: resume.Taken) -> None:
        """Goes to where a state is."""
        self.set_step(taken.step)

    def __repr__(self) -> str:
        return f"<ScheduleLR of {', '.join(self.schedules)} at step {self._at}>"

    def __getstate__(self) -> dict[str, object]:
        state = {name: value for name, value in self.__dict__.items() if name not in _MADE}
        bases = self._plan.bases
        return {**state, "_known": (bases.numbers, bases.places, bool(self._plan.values))}

    def __setstate__(self, state: dict[str, object]) -> None:
        known: Any = state["_known"]
        self.__dict__.update({name: value for name, value in state.items() if name != "_known"})
        self._attached = Attached.to(self.optimizer)
        numbers, places, has_written = known
        plan = self._adopt(self._planned(Bases([], numbers, places)))
        if has_written:
            plan.values = plan.evaluate(self._at)
        self._look(is_fresh=False)  # an earlier update is possible; nothing here records one


def build(schedules: Resolved, optimizer: Optimizer, **options: Unpack[Options]) -> ScheduleLR:
    """Makes the scheduler for ``scheduler="lambda"``."""
    return ScheduleLR(schedules, optimizer, **options)
