"""The scheduler of a program on a clock: the caller says where the run is, or it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.course import Course
from lrdsl.frameworks.torch.lambda_lr import OPTIONS as LAMBDA_OPTIONS
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.options import Options
from lrdsl.outside import as_number, as_step, shown

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.calls import Number
    from lrdsl.frameworks.torch.plan import Plan
    from lrdsl.frameworks.torch.resume import Taken
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.schedule.ticks import Ticks
    from lrdsl.text.numbers import Rational

# The options of such a scheduler.
OPTIONS = LAMBDA_OPTIONS


class ClockLR(ScheduleLR):
    """A ``ScheduleLR`` whose curves follow a clock, such as the tokens that were seen.

    ``step(at=x)`` says where the run is after an update: x of the unit of the clock were taken so
    far. ``step()`` takes what the program says of one step.
    """

    # The update whose place is known, and its place.
    _here: tuple[int, int | float] = (0, 0)

    def _bind(self, schedules: Resolved, optimizer: Optimizer, **options: Unpack[Options]) -> None:
        self._course = Course(schedules, self._place_of)
        if options.get("start_step"):
            self._needs_places()
        super()._bind(schedules, optimizer, **options)

    @property
    def at(self) -> int | float:
        """Where the run is, in the unit of the clock."""
        return self._here[1]

    @property
    def _ticks(self) -> Ticks:
        ticks = self.schedules.ticks
        assert ticks is not None
        return ticks

    def _needs_places(self) -> None:
        if self._ticks.grid is None:
            raise ValueError(self._ticks.unplaced)

    def _taken(self, schedules: Resolved, step: int) -> Rational:
        """What is taken before an update where the program says how much a step takes."""
        clock = schedules.run.clock
        assert clock is not None
        if clock.table is None:
            raise ValueError(self._ticks.unplaced)
        return clock.table.taken(step)

    def _place_of(self, step: int) -> Rational | float:
        """The position of an update: as it was said, or as the program says from there on."""
        known, at = self._here
        if step == known:
            return at
        if step == known - 1:  # where the last update ended, which its metric is of
            return self._ticks.earlier(at)
        if self._ticks.grid is None:
            return at
        there = self._taken(self.schedules, step)
        return there if step < known else at + there - self._taken(self.schedules, known)

    def step(  # type: ignore[override]  # as ScheduleLR.step
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
        at: Number | None = None,
    ) -> None:
        """Goes to the next update and writes its values; call it after ``optimizer.step()``.

        Args:
            metrics: as for ``ScheduleLR.step``.
            epoch: as for ``ScheduleLR.step``.
            increment: as for ``ScheduleLR.step``.
            at: where the run is now, in the unit of the clock; by default as far from where it was
                as the program says.

        Raises:
            LrsError: a schedule has no value there.
            ValueError: ``at`` is no position, or lies before the last one; or it is left out, and
                the program does not say how much one step takes. Nothing changes.
        """
        before = self._here
        step = self._at + 1
        if epoch is not None or increment is not None or metrics is not None:
            step, _ = self._asked(metrics, epoch, increment)
        if at is not None:
            place = self._position(at)
            if place < before[1]:
                message = f"the run is at {before[1]}{self._ticks.unit} already, and cannot go"
                raise ValueError(f"{message} back to {shown(at)}: `set_step(at=…)` goes anywhere")
        elif self._at < 0 and step == 0:
            place = 0
        else:
            self._needs_places()
            place = _plain(self._place_of(step))
        self._here = step, place
        try:
            super().step(metrics, epoch, increment)
        except BaseException:
            if self._at != step:
                self._here = before
            raise

    def set_step(self, step: int | None = None, *, at: Number | None = None) -> None:
        """Goes to any update, or any place on the clock, and writes its values.

        Args:
            step: the number of updates made so far; by default it stays as it is.
            at: where the run is, in the unit of the clock; by default where the program says that
                so many updates lead.

        Raises:
            LrsError: a schedule has no value there. Nothing changes.
            ValueError: it is no step, or no position; or updates have no position.
        """
        if step is None and at is None:
            raise TypeError("`set_step` takes a step, or `at=`")
        there = max(self._at, 0) if step is None else as_step(step)
        place = _plain(self._taken(self.schedules, there)) if at is None else self._position(at)
        before, self._here = self._here, (there, place)
        try:
            self._go_to(there)
        except BaseException:
            self._here = before
            raise

    def _position(self, at: Number) -> int | float:
        """A position from outside, as one of Python's numbers."""
        self._ticks.of(at)
        return _plain(as_number(at))

    def _try(self, plan: Plan, taken: Taken) -> None:
        place, before = self._place_in(taken), self._here
        self._here = taken.step, place
        try:
            plan.evaluate(taken.step)
        finally:
            self._here = before

    def _place_in(self, taken: Taken) -> int | float:
        """Where a state is; one of a program without this clock is where its updates lead."""
        if taken.at is not None:
            return taken.at
        return _plain(self._taken(taken.schedules, taken.step))

    def _arrive(self, taken: Taken) -> None:
        self.set_step(taken.step, at=self._place_in(taken))


def _plain(at: Rational | float) -> int | float:
    """A position as it is saved: an int where it is whole, or else a float."""
    over, under = at.as_integer_ratio()
    return over if under == 1 else over / under


KIND = ClockLR
