"""Repetitions in repetitions whose cycles are no whole number of steps, on an exact clock.

Each cycle of such a nest may start at another fraction of a step, and be rounded in its own way. So
nothing in it is laid out cycle by cycle: a step is divided into as many ticks as make every exact
length in the nest a whole number, and a step reads the clock once.

A block that starts ``phase`` ticks after a half step reads ``x = unit * t + unit - 1 - phase`` at
its local step t. A boundary at the exact distance y has been reached if ``y <= x``, which says the
same as ``floor((phase + y) / unit) <= t``; what starts there reads ``x - y``. Its own local step is
``x // unit``, and its phase ``unit - 1 - x % unit``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from lrdsl.formula.bounds import Interval, combined, hull
from lrdsl.formula.formula import Const, Formula, apply
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Ref, Scalar, vector_until

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule

# A function of an array of ticks, and of what a float step has beyond them: nothing but its slope.
FineVector = Callable[["Array", "Array | None"], "Array"]


@entity
class Fine(ABC):
    """A part of a nest.

    Attributes:
        unit: the ticks of a step.
        length: its exact length in ticks, ``math.inf`` where it has no end.
    """

    unit: int
    length: float

    @abstractmethod
    def at(self, x: int) -> Formula:
        """The value at tick x, in terms of ``base`` and of words."""

    def mentions(self, x: int) -> Iterator[str]:
        """The variables that are written where the value at tick x comes from."""
        for block, local in self.leaves(x):
            yield from block.mentions(min(local, int(block.length)))

    def inside(self) -> tuple[Fine, ...]:
        """The parts it is made of."""
        return ()

    def walk(self) -> Iterator[Fine]:
        """The part and every part in it, each once."""
        seen: set[Fine] = set()
        stack: list[Fine] = [self]
        while stack:
            top = stack.pop()
            if top not in seen:
                seen.add(top)
                yield top
                stack.extend(reversed(top.inside()))

    def pieces(self, phase: int) -> Iterable[tuple[int, Block | Fine]]:
        """What is linked by itself, each with a phase that it is for.

        Args:
            phase: one of the part itself.
        """
        return [(phase, self)]

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        """Notes what the words in it refer to, given what comes before it and after it."""
        for part in self.inside():
            for _, piece in part.pieces(0):
                piece.link(prev, next, words)

    @abstractmethod
    def leaves(self, x: int) -> Iterator[tuple[Block, int]]:
        """The blocks that the value at tick x is made of, and the local step in each."""

    @abstractmethod
    def alone(self, x: int) -> tuple[Block, int] | None:
        """The block that gives the value at tick x by itself, and the local step in it."""

    @abstractmethod
    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        """An interval that holds all values, given those of blocks."""

    @abstractmethod
    def sole(self) -> Iterator[Block]:
        """The blocks that give values by themselves, and not as a side of an operator."""

    @abstractmethod
    def exact(self) -> object:
        """Every exact length in it: parts that agree in that are laid out alike."""

    @abstractmethod
    def scalar(self, env: Env) -> Scalar:
        """Its curve as a function of one tick."""

    @abstractmethod
    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        """Its curve as a function of an array of ticks."""

    def clipped(self, x: int) -> int:
        """The tick at which a part that is held after its end is read."""
        length = self.length
        return x if x < length else int(length) + (x - int(length)) % self.unit


@entity
class Leaf(Fine):
    """A part without cycles of a fraction of a step: every layout of it is listed.

    Attributes:
        thresholds: the phases from which on one more boundary falls a step later, of its own or of
            a neighbor whose values its words stand for.
        layouts: the number of its block, by the thresholds passed.
        blocks: its blocks.
        phases: a phase of each.
    """

    thresholds: tuple[int, ...]
    layouts: tuple[int, ...]
    blocks: tuple[Block, ...]
    phases: tuple[int, ...]

    def pieces(self, phase: int) -> Iterable[tuple[int, Block | Fine]]:
        return zip(self.phases, self.blocks, strict=True)

    def block(self, phase: int) -> Block:
        """The block at a phase."""
        return self.blocks[self.layouts[bisect_right(self.thresholds, phase)]]

    def alone(self, x: int) -> tuple[Block, int]:
        return self.block(self.unit - 1 - x % self.unit), x // self.unit

    def at(self, x: int) -> Formula:
        block, t = self.alone(x)
        return block.at(t)

    def leaves(self, x: int) -> Iterator[tuple[Block, int]]:
        yield self.alone(x)

    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        return hull_of(map(of, self.blocks))

    def sole(self) -> Iterator[Block]:
        yield from self.blocks

    def exact(self) -> object:
        return self.length, self.thresholds, self.layouts

    def scalar(self, env: Env) -> Scalar:
        unit, thresholds, layouts = self.unit, self.thresholds, self.layouts
        curves = [block.scalar(env) for block in self.blocks]
        if len(curves) == 1:
            only = curves[0]
            return lambda x: only(x // unit)
        by_key = [curves[n] for n in layouts]
        last = unit - 1
        return lambda x: by_key[bisect_right(thresholds, last - x % unit)](x // unit)

    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        unit = self.unit
        curves = [
            vector_until(block, int(block.length), env, xp, (0, int(block.length)))
            for block in self.blocks
        ]

        def curve(x: Array, slope: Array | None) -> Array:
            local = x // unit
            t = local if slope is None else local + slope
            if len(curves) == 1:
                return curves[0](t)
            phase = unit - 1 - (x - local * unit)
            return picked(xp, self.thresholds, self.layouts, phase, lambda n: curves[n](t))

        return curve


@entity
class Cycles(Fine):
    """A part again and again.

    Attributes:
        part: the part.
        cycle: the exact length of a cycle.
        last: the number of the last cycle, ``math.inf`` where there is none.
        decay: the factor of each cycle's values relative to the cycle before.
    """

    part: Fine
    cycle: int
    last: float
    decay: float

    def find(self, x: int) -> tuple[int, int]:
        """The cycle of tick x, and the tick in it; at the end, the end of the last cycle."""
        k = x // self.cycle
        if k > self.last:
            k = int(self.last)
        local = x - k * self.cycle
        if x >= self.length and local < self.unit:
            return k - 1, local + self.cycle
        return k, local

    def inside(self) -> tuple[Fine, ...]:
        return (self.part,)

    def at(self, x: int) -> Formula:
        k, local = self.find(x)
        return apply("*", self.part.at(local), Const(decayed(self.decay, k)))

    def leaves(self, x: int) -> Iterator[tuple[Block, int]]:
        return self.part.leaves(self.find(x)[1])

    def alone(self, x: int) -> tuple[Block, int] | None:
        return self.part.alone(self.find(x)[1]) if self.decay == 1 else None

    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        return decayed_bounds(self.part.bounds(of), self.decay, self.last)

    def sole(self) -> Iterator[Block]:
        yield from self.part.sole()

    def exact(self) -> object:
        return self.length, self.cycle, self.last, self.decay, self.part.exact()

    def scalar(self, env: Env) -> Scalar:
        inside, find, decay = self.part.scalar(env), self.find, self.decay

        def curve(x: int) -> float:
            k, local = find(x)
            return inside(local) if decay == 1 else inside(local) * decay**k

        return curve

    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        inside = self.part.vector(env, xp)
        size, length, unit, last = self.cycle, int(self.length), self.unit, int(self.last)

        def curve(x: Array, slope: Array | None) -> Array:
            k = x // size
            k = xp.where(k > last, last, k)
            # Of a cycle that starts where all ends, no step is owned.
            k = xp.where(xp.where(x < length, unit, x - k * size) < unit, k - 1, k)
            value = inside(x - k * size, slope)
            return value if self.decay == 1 else value * xp.power(self.decay, xp.real(k))

        return curve


def decayed(decay: float, k: float) -> float:
    """The factor of the values of cycle k; infinite if it is too large."""
    try:
        return float(decay**k)
    except OverflowError:
        return math.inf


def decayed_bounds(inside: Interval, decay: float, last: float) -> Interval:
    """An interval for all cycles up to the last, given one for the first."""
    if decay == 1:
        return inside
    # A power is at least as near to 1 as the one after it, rounding included, or almost.
    final = 1.0 if decay <= 1 else decayed(decay, last) * (1 + 2.0**-40)
    return combined("*", inside, (0.0 if decay < 1 else 1.0, final))


def picked(
    xp: ArrayModule,
    thresholds: Sequence[int],
    numbers: Sequence[int],
    phase: Array,
    value: Callable[[int], Array],
) -> Array:
    """The values of whatever has the number of each phase.

    Args:
        xp: the library of the arrays.
        thresholds: the phases from which on another number may be meant.
        numbers: the number before the first of them, and from each on.
        phase: the phases, as an array.
        value: gives the values of what has a number.
    """
    current = numbers[0]
    found = value(current)
    for threshold, n in zip(thresholds, numbers[1:], strict=True):
        if n != current:
            found, current = xp.where(phase >= threshold, value(n), found), n
    return found


def hull_of(intervals: Iterable[Interval]) -> Interval:
    """The interval that holds all of some."""
    found, *others = intervals
    for other in others:
        found = hull(found, other)
    return found
