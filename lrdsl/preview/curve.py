"""A schedule to be shown, and how much of it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.targets import RATE
from lrdsl.record import replace

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.preview.units import Unit
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.schedule import Schedule

ENDLESS_STEPS = 100
"""Steps shown of a schedule that has no end and no part that ends."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a preview.

    Attributes:
        label: What the legend and the files call it.
        schedule: The schedule that is evaluated.
        base: The optimizer's own rate that the schedule starts from.
        history: What a metric has made of it: the steps from which on every `plateau` had come down
            to the factors beside them.
        known: How many steps that covers.
        target: What it drives; None for the learning rate of all groups.
    """

    label: str
    schedule: Schedule
    base: float = 1.0
    history: tuple[tuple[int, tuple[float, ...]], ...] = ()
    known: int = 0
    target: Target | None = None

    @property
    def quantity(self) -> str:
        """Its quantity: `lr`, `momentum`. Only curves of one quantity share an axis."""
        return self.target.key if self.target else RATE

    @property
    def target_label(self) -> str:
        """Its target, as a program spells it."""
        return self.target.label if self.target else RATE

    @property
    def is_plain(self) -> bool:
        """True if it drives all groups, as a program without a selector does."""
        return self.target is None or self.target.selector is None

    @property
    def noun(self) -> str:
        """The word for one of its values."""
        return self.target.noun if self.target else "rate"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in order, with their values for this base."""
        parts = self.schedule.parts_at(self.base)
        if not self.history:
            return parts
        return tuple(self._driven(i, part) for i, part in enumerate(parts))

    def _driven(self, i: int, part: Part) -> Part:
        """A part with the values it starts and ends with after what the metric did by then."""
        first = self.schedule.parts_at(self.base, factors=self._factors(part.start_step))[i]
        if part.length == math.inf:
            return first
        last = self._factors(part.start_step + int(part.length))
        return replace(
            first, end_value=self.schedule.parts_at(self.base, factors=last)[i].end_value
        )

    def _factors(self, step: int) -> tuple[float, ...] | None:
        """The factor of every `plateau` at a step."""
        place = bisect_right(self.history, step, key=lambda entry: entry[0])
        return self.history[place - 1][1] if place else None

    def __call__(self, step: int) -> float:
        """The rate of one step."""
        return float(self.schedule(step, base=self.base, factors=self._factors(step)))


def quantities(curves: Iterable[Curve]) -> dict[str, list[Curve]]:
    """Sorts curves by what they are curves of.

    Args:
        curves: The curves of one preview.

    Returns:
        The curves of each quantity, in the order in which they come.
    """
    by_quantity: dict[str, list[Curve]] = {}
    for curve in curves:
        by_quantity.setdefault(curve.quantity, []).append(curve)
    return by_quantity


@dataclass(frozen=True, slots=True)
class View:
    """The part of the curves that is shown, and its axes.

    Attributes:
        steps: The steps shown.
        unit: The unit that the axis of the steps is labeled in; None for steps alone.
        log: True if the axis of the rates is logarithmic; None to decide by the rates.
    """

    steps: range
    unit: Unit | None = None
    log: bool | None = None

    @property
    def last(self) -> int:
        """The step at the right end of the axis, at least one after the first."""
        return max(self.steps[-1], self.steps[0] + 1)


def window(
    curves: Sequence[Curve],
    first: int = 0,
    last: int | None = None,
    *,
    unit: Unit | None = None,
    log: bool | None = None,
) -> View:
    """Says what to show.

    Args:
        curves: The curves of one picture.
        first: The first step to show.
        last: The last one. None shows all of every curve: a curve that ends is followed by the step
            that holds its last value; an endless last part gets a tenth of what comes before it, or
            several times that where it goes on changing.
        unit: The unit that the axis of the steps is labeled in; None for steps alone.
        log: True if the axis of the rates is logarithmic; None to decide by the rates.

    Raises:
        ValueError: If that is no stretch, or goes beyond step 2^53.
    """
    if last is None:
        natural = max((_natural(curve) for curve in curves), default=0) or ENDLESS_STEPS
        last = min(natural - 1 if natural > first else first + natural, limits.STEPS)
    if not 0 <= first <= last:
        raise ValueError(f"there is nothing to show from step {first:,} to step {last:,}")
    if last > limits.STEPS:
        raise ValueError(f"a preview goes to step 2^53 at most, not {last:,}")
    return View(range(first, last + 1), unit, log)


def _natural(curve: Curve) -> int:
    """Steps that show all of one curve, or 0 where its parts say nothing."""
    last = curve.parts[-1:]
    if not last:
        return 0
    if last[0].length != math.inf:
        return last[0].start_step + int(last[0].length) + 1
    if curve.known:
        return curve.known
    before = last[0].start_step
    if (
        curve.schedule.events
    ):  # an event ends it some time: as much again, and room for what follows
        return before + max(ENDLESS_STEPS, before)
    if _moves(curve, before):
        return before + max(ENDLESS_STEPS, 4 * before)
    return before + math.ceil(before / 10)


def _moves(curve: Curve, first: int) -> bool:
    """True if an endless part changes, judged by probes that share no common period."""
    span = max(ENDLESS_STEPS, first)
    start = curve(first)
    return any(curve(first + k) != start for k in (1, 2, 3, span // 3, span // 2 + 1, span))


def boundaries(curves: Iterable[Curve], steps: range) -> list[int]:
    """Lists the steps after the first one shown where a part of any of the curves starts or ends.

    Args:
        curves: The curves of one picture.
        steps: The steps shown.

    Returns:
        The steps, ascending, each once.
    """
    boundaries: set[int] = set()
    for curve in curves:
        for part in curve.parts:
            boundaries.add(part.start_step)
            if part.length != math.inf:
                boundaries.add(part.start_step + int(part.length))
    return sorted(step for step in boundaries if step in steps and step != steps[0])


def shown_parts(curve: Curve, steps: range) -> list[tuple[str, int, int]]:
    """Lists the parts of a curve that are in view: name, first step and end of each."""
    return [
        (
            part.name,
            max(part.start_step, steps.start),
            int(min(part.start_step + part.length, steps.stop)),
        )
        for part in curve.parts
        if part.start_step < steps.stop and part.start_step + part.length > steps.start
    ]


def shared_parts(curves: Sequence[Curve], steps: range) -> list[tuple[str, int, int]]:
    """Lists the parts that can be named once for the whole picture.

    Args:
        curves: The curves of one picture.
        steps: The steps shown.

    Returns:
        Name, first step and end of every part in view; empty if the curves are made of
        different parts, as a name would then be true of some of them only.
    """
    each = [shown_parts(curve, steps) for curve in curves]
    return each[0] if each and all(parts == each[0] for parts in each) else []
