"""The default scheduler: a ``LambdaLR`` that drives every hyperparameter a program names."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from torch import Tensor
from torch.optim import Optimizer

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.diagnostics.warn import level
from lrdsl.frameworks.torch import leftovers
from lrdsl.frameworks.torch.attached import Attached
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.calls import NO_METER, Number, asked, metric_of
from lrdsl.frameworks.torch.compiling import Order, kind_for
from lrdsl.frameworks.torch.course import Course
from lrdsl.frameworks.torch.options import Options, no_optimizer
from lrdsl.frameworks.torch.overwrites import Overwrites
from lrdsl.frameworks.torch.plan import Plan
from lrdsl.frameworks.torch.saved import SavedLR
from lrdsl.frameworks.torch.watch import NEVER, Watch
from lrdsl.outside import as_step
from lrdsl.program import Program
from lrdsl.resolve.resolved import Resolved
from lrdsl.resolve.run_arguments import RunArguments, documents_run, takes_run
from lrdsl.schedule.schedule import NO_CLOCK

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


# The options of such a scheduler.
OPTIONS = tuple(Options.__annotations__)


class Awaited(Protocol):
    """What a scheduler waits for before it is stepped in training."""

    def require_attention(self) -> None:
        """Raises an error if it is in vain."""


@documents_run
class ScheduleLR(SavedLR):
    """The scheduler that ``lrdsl.compile`` returns: a ``LambdaLR`` for every hyperparameter.

    Unlike torch's class it writes the schedule's values themselves, instead of multiplying each
    group's own rate by a factor: a rate of 0.3 is 0.3 in every group. A copy or pickle of a
    scheduler contains its optimizer.

    The class itself is for configs and registries that name one, such as those of LightningCLI,
    Hydra and NeMo. It takes the arguments of ``lrdsl.compile``.

    Args:
        optimizer: the optimizer whose parameter groups the schedule drives.
        source: the text of a program, a ``Program``, or a file: a ``Path``, or a string that ends
            in ``.lrs``.
        start_step: as for ``lrdsl.compile``.
        on_change: as for ``lrdsl.compile``.
        warn_on_overwrite: as for ``lrdsl.compile``.
        rebase: as for ``lrdsl.compile``.
        allow_missing_groups: as for ``lrdsl.compile``.
        calls_per_update: as for ``lrdsl.compile``.
        updates_per_step: as for ``lrdsl.compile``.
        lint: as for ``lrdsl.compile``.
        strict_params: as for ``lrdsl.compile``.
        **run: the arguments of the run.

    Attributes:
        optimizer: the optimizer.
        on_change: the option of ``lrdsl.compile``.
        updates_per_step: the option of ``lrdsl.compile``.

    Raises:
        LrsError: as for ``lrdsl.compile``.
        TypeError: an argument has the wrong type.
        ValueError: an argument is out of range.
        OSError: the file cannot be read.

    Examples:
        >>> import lrdsl, torch
        >>> optimizer = torch.optim.SGD(torch.nn.Linear(4, 2).parameters(), lr=0.1)
        >>> lrdsl.ScheduleLR(optimizer, "warmup(5%) >> cosine", total=100)
        <ScheduleLR of lr at step 0>
    """

    _watch: Watch | None = None
    _attend = NEVER  # from this step on, `_watch` looks at every call
    # A config named the class, so nobody has told a trainer when to step it.
    is_from_class: bool = False
    # The option of `lrdsl.compile`, for a trainer that knows the length of the run.
    lint: str | None = None
    # What has to see to it that the metric arrives.
    _awaited: Awaited | None = None

    @takes_run
    def __init__(
        self,
        optimizer: Optimizer,
        source: str | Path | Program,
        *,
        start_step: int = 0,
        on_change: Literal["error", "new", "old"] = "error",
        warn_on_overwrite: bool = False,
        rebase: bool | None = None,
        allow_missing_groups: bool = False,
        calls_per_update: int = 1,
        updates_per_step: int = 1,
        lint: Literal["warn", "error", "off"] | None = None,
        strict_params: bool = True,
        **run: Unpack[RunArguments],
    ) -> None:
        order = Order(
            "ScheduleLR",
            source,
            {
                "start_step": start_step,
                "on_change": on_change,
                "warn_on_overwrite": warn_on_overwrite,
                "rebase": rebase,
                "allow_missing_groups": allow_missing_groups,
                "calls_per_update": calls_per_update,
                "updates_per_step": updates_per_step,
            },
            lint=lint,
            strict_params=strict_params,
            run=run,
        )
        self.is_from_class = True

        def made(schedules: Resolved, options: dict[str, Any]) -> ScheduleLR:
            self._become(kind_for(schedules, options))
            self._bind(schedules, optimizer, **options)
            return self

        try:
            order.fill_one(optimizer, made)
        except LrsError as error:
            if not order.waits(self, optimizer, error):
                raise

    def _become(self, kind: type[ScheduleLR]) -> None:
        """Takes the class that the program needs, as torch's lazy modules do once they know it.

        Args:
            kind: the class.

        Raises:
            TypeError: it is of a class derived from this one, and not from the one that it needs.
        """
        if type(self) is ScheduleLR:
            self.__class__ = kind
        elif not isinstance(self, kind):
            raise TypeError(
                f"this program needs a {kind.__name__}, and {type(self).__name__} is none: call"
                " `lrdsl.ScheduleLR` or `lrdsl.compile`"
            )

    @classmethod
    def bound(cls, schedules: Resolved, optimizer: Optimizer, **options: Any) -> Self:
        """Makes the scheduler of a program that is laid out.

        Args:
            schedules: the resolved program.
            optimizer: the optimizer.
            options: the options of `_bind`.

        Raises:
            LrsError: the program does not fit the optimizer.
        """
        scheduler = cls.__new__(cls)
        scheduler._bind(schedules, optimizer, **options)
        return scheduler

    def _bind(
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
        """Binds a program that is laid out to the optimizer, and writes its first values."""
        if not isinstance(optimizer, Optimizer):
            raise TypeError(no_optimizer(optimizer))
        self.updates_per_step: int = updates_per_step
        self._course = Course(schedules, self._place_of)
        self.on_change: str = on_change
        self._overwrites = Overwrites() if warn_on_overwrite else None
        self._allow_missing = allow_missing_groups
        self.optimizer: Optimizer = optimizer
        self._attached, groups = Attached.to(optimizer), optimizer.param_groups
        before = self._attached.bases
        bases = Bases.at_start(groups, before, rebase=bool(rebase), owner=self._owner)
        # If nothing drove the groups before, nothing can be left over in them.
        is_first = not any(bases.numbers)
        plan = self._course.plan(groups, bases, missing=allow_missing_groups)
        if schedules.events:
            from lrdsl.frameworks.torch.rehearsal import rehearse

            rehearse(plan, self._course)
        if start_step:  # a plan is known to have values for step 0
            plan.evaluate(start_step)
        elif rebase is None and not is_first:
            leftovers.report([*leftovers.find(plan, self._attached)], self, optimizer)
        self._begin(plan, start_step)

    def _begin(self, plan: Plan, start_step: int) -> None:
        """Writes the values of the first step; up to here nothing in the optimizer has changed."""
        self._adopt(plan)
        self._built = [known.get(RATE) for known in plan.bases.numbers]
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

    def _look(self, *, is_fresh: bool) -> None:
        """Watches how the optimizer is stepped, its groups, and what is loaded into it."""
        watch = self._watch = Watch(self, self.updates_per_step, is_fresh=is_fresh)
        self._attend = watch.attend
        self._attached.listen(self.optimizer, watch)

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
            if self._awaited is not None:
                self._awaited.require_attention()
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
        listens = self._course.listens
        step, metric = asked(self._at, metrics, epoch, increment, is_measured=listens)
        if metrics is not None and not listens and self._watch is not None:
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
        if not self._course.listens:
            raise ValueError(NO_METER)
        moved, happened = self._course.measured(metric_of(metric), self._at, self._plan)
        if moved:
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
        steps = self._course.events.sent(name, max(self._at, 0))
        if steps is None:
            return False
        self._turn(steps, self._at)
        return True

    def awaits(self, awaited: Awaited) -> None:
        """Asks whether the metric will arrive, when the scheduler is stepped in training.

        Args:
            awaited: what knows.
        """
        self._awaited = awaited

    def _turn(self, steps: dict[str, int], at: int) -> None:
        """Goes to a step of the schedules for other events; if that fails, nothing changes."""
        self.join()
        before = self._plan
        plan = self._course.plan(before.groups, before.bases, missing=True, steps=steps)
        plan.evaluate(at)
        self._course.events.steps = steps
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
        """Goes to a step that a caller names, without the events that come after it."""
        known, forgotten = self._course.events.before(step)
        if forgotten:
            self._turn(known, step)
            warnings.warn(forgotten, UserWarning, stacklevel=level())
        self._place(step)

    def _place(self, step: int) -> None:
        """Goes to a step that a caller names, with the events that there are."""
        self._write(step)
        self._is_placed = True
        self._step_count = self._at + 1
        if self._watch is not None:
            self._watch.sent(self)
            self._attend = self._watch.attend


KIND = ScheduleLR
