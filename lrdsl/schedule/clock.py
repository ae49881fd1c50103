"""Schedules on a clock: functions of the update, and of the position that it is at."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.schedule.block import Block, Scalar, held
from lrdsl.schedule.faults import fault_at
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.ticks import Ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from lrdsl.schedule.bound import Bound
    from lrdsl.schedule.endpoints import Endpoints
    from lrdsl.schedule.reading import Factors
    from lrdsl.text.numbers import Rational

# Curves kept per base rate and factors.
_KEPT = 64


class ClockSchedule(Schedule):
    """A schedule on a clock: ``schedule(t)`` for an update, ``schedule(at=x)`` for a position.

    Where the run does not say how much one step takes, updates have no position: only ``at`` works,
    and ``length`` is in the unit of the clock.

    Attributes:
        ticks: how the unit of its clock is divided.
    """

    __slots__ = ("_inner", "_ticked", "ticks")

    def __init__(
        self,
        chain: SequenceBlock,
        words: Endpoints,
        blocks: Iterable[Block] | None,
        lowest: float,
        inner: SequenceBlock,
        ticks: Ticks,
    ) -> None:
        super().__init__(chain, words, blocks, lowest)
        self._inner = inner
        self.ticks: Ticks = ticks
        self._ticked: dict[tuple[float, Factors], Scalar] = {}
        if ticks.grid is None and self.length < math.inf:
            self.length: float = ticks.at(int(self.length))

    def _at(self, t: object, at: float | None, base: float, factors: Factors) -> float:
        if at is None or t is not None:
            raise TypeError("a schedule on a clock takes an update, or `at=`, and not both")
        return self._value(self.ticks.of(at), base, factors, self._at_ticks, self._fault_at)

    def _at_ticks(self, base: float, factors: Factors = None) -> Scalar:
        """The curve of ticks for one base rate, with its values unchecked."""
        key = self._number(base), self._reduced(factors)
        curve = self._ticked.get(key)
        if curve is None:
            if len(self._ticked) >= _KEPT:
                self._ticked.clear()
            curve = self._ticked[key] = held(self._inner, self._checked(*key))
        return curve

    def _fault_at(
        self, tick: int, base: float, factors: Factors, noun: str, limit: float
    ) -> Diagnostic | None:
        """The error of the value at a tick."""
        curve, within = self._at_ticks(base, factors), (self.lowest, limit)
        return fault_at(self._inner, curve, noun, within, tick, self.ticks.name)

    @property
    def _laid_out_chain(self) -> SequenceBlock:
        return self._inner

    def _place(self, step: int) -> str:
        return self.ticks.name(step) if self.ticks.grid is None else super()._place(step)

    def _needs_places(self) -> None:
        if self.ticks.grid is None:
            raise ValueError(self.ticks.unplaced)

    def following(self, place_of: Callable[[int], Rational | float]) -> Followed:
        """Returns the schedule for a run that says itself where its updates are.

        Args:
            place_of: the position of an update, in the unit of the clock.
        """
        own = (self._chain, self._words, None, self.lowest, self._inner, self.ticks)
        return Followed(*own, place_of)

    def __reduce__(self) -> tuple[type[Schedule], tuple[object, ...]]:
        own = (None, self.lowest, self._inner, self.ticks)
        return ClockSchedule, (self._chain, self._words, *own)


class Followed(ClockSchedule):
    """A schedule on a clock in a run that says where it is.

    Args:
        place_of: the position of an update, in the unit of the clock.
    """

    __slots__ = ("_place_of",)

    def __init__(
        self,
        chain: SequenceBlock,
        words: Endpoints,
        blocks: Iterable[Block] | None,
        lowest: float,
        inner: SequenceBlock,
        ticks: Ticks,
        place_of: Callable[[int], Rational | float],
    ) -> None:
        super().__init__(chain, words, blocks, lowest, inner, ticks)
        self._place_of = place_of

    def _needs_places(self) -> None:
        """Updates have one: that which the run says."""

    def bind(
        self, base: float = 1.0, *, factors: Factors = None, steps: int | None = None
    ) -> Bound:
        """Refuses: an array cannot ask the run where its updates are.

        Args:
            base: the optimizer's own rate.
            factors: the factor of each ``plateau``.
            steps: the length of a table.

        Raises:
            ValueError: always.
        """
        raise ValueError("the run says itself where its updates are, and arrays cannot ask it")

    def _curve(self, base: float, factors: Factors = None) -> Scalar:
        curve, place_of = self._at_ticks(base, factors), self._place_of
        nearest = self.ticks.nearest
        return lambda t: curve(nearest(place_of(t)))

    def _tick_of(self, t: int) -> int:
        return self.ticks.nearest(self._place_of(t))

    def _fault(
        self, step: int, base: float, factors: Factors, noun: str, limit: float
    ) -> Diagnostic | None:
        return self._fault_at(self._tick_of(step), base, factors, noun, limit)

    def active(self, t: int) -> tuple[str, ...]:
        """Returns the names of the meters that are active at a step.

        Args:
            t: the index of the update, 0 or more.
        """
        tick = self._tick_of(t)
        return tuple(self._inner.active(tick)) if tick < self._inner.length else ()

    def __reduce__(self) -> tuple[type[Schedule], tuple[object, ...]]:
        own = (None, self.lowest, self._inner, self.ticks, self._place_of)
        return Followed, (self._chain, self._words, *own)
