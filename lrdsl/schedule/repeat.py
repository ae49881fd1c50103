"""Repetition: the cycle of a step is found in whole numbers, never by a logarithm."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Const, Degrees, Formula, apply
from lrdsl.record import entity
from lrdsl.schedule.block import TABLE_OF, Block, Env, Lookup, Scalar, Steps, inner_vector, union
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.schedule.fine import Cycles
    from lrdsl.text.numbers import Rational


class Even:
    """Cycles of one exact length; each starts on the whole step nearest to its exact start.

    Args:
        cycle: the exact length of a cycle, at least one step.
        times: the number of cycles; None for as many as fit.
        offset: the fraction of a step between the last whole step and the exact start of the first.
        count: how many can occur; None for any number.
        marks: the exact distances of the boundaries inside a cycle from its start, but for whole
            steps.

    Attributes:
        offsets: the offset of a cycle of each layout.
    """

    def __init__(
        self,
        cycle: Rational,
        times: int | None = None,
        offset: Rational = 0,
        count: int | None = None,
        marks: Iterable[Rational] = (),
    ) -> None:
        self._last = math.inf if times is None else times - 1
        # Cycle k starts at the step floor((start + k * cycle) / unit), all of them whole numbers.
        # The remainder of that division is the phase of the cycle, which decides its layout.
        half = 2 * offset.denominator
        start = (2 * offset.numerator + offset.denominator) % half
        unit = math.lcm(half, cycle.denominator)
        start *= unit // half
        size = cycle.numerator * (unit // cycle.denominator)
        if size % unit == 0:  # every cycle has the phase of the first
            self._start, self._cycle, self._unit = 0, size // unit, 1
            self._thresholds: list[int] = []
            self._layouts, self.offsets = [0], [offset]
            return
        self._start, self._cycle, self._unit = start, size, unit
        # From a threshold on, the boundary falls a step later.
        later = {_ceiling(unit * (1 - mark % 1)) for mark in marks}
        self._thresholds = sorted(later - {unit})
        found = self._phases(count)
        self._layouts = [found.get(key, (0, 0))[0] for key in range(len(self._thresholds) + 1)]
        self.offsets = [divide(2 * phase + unit, 2 * unit) % 1 for _, phase in found.values()]

    def _phases(self, count: int | None) -> dict[int, tuple[int, int]]:
        """The layouts that occur, numbered, and a phase of each, by the thresholds passed."""
        step = math.gcd(self._cycle, self._unit)
        period = self._unit // step
        if count is not None and count <= min(period, _FEW):
            phases = [(self._start + k * self._cycle) % self._unit for k in range(count)]
        else:
            # In a period the phases are all that are so many steps apart. Of each layout the first
            # is taken; a few that never occur do no harm.
            starts = [0, *self._thresholds]
            phases = [first + (self._start - first) % step for first in starts]
            phases = [p for p in phases if p < self._unit]
        found: dict[int, tuple[int, int]] = {}
        for phase in phases:
            found.setdefault(bisect_right(self._thresholds, phase), (len(found), phase))
        return found

    @property
    def period(self) -> tuple[int, int]:
        """So many cycles take so many whole steps, and are laid out alike from there on."""
        common = math.gcd(self._cycle, self._unit)
        return self._unit // common, self._cycle // common

    @property
    def grid(self) -> tuple[int, int, int]:
        """The whole numbers that say where cycles start: k at ``(start + k * cycle) // unit``."""
        return self._start, self._cycle, self._unit

    @property
    def stop(self) -> float:
        """The step after the last cycle."""
        return math.inf if self._last == math.inf else self.start(int(self._last) + 1)

    def start(self, k: int) -> int:
        """The first step of cycle k."""
        return (self._start + k * self._cycle) // self._unit

    def index(self, t: int) -> int:
        """The cycle that step t is in."""
        k = (self._unit * (t + 1) - self._start - 1) // self._cycle
        return k if k <= self._last else int(self._last)

    def layout(self, k: int) -> int:
        """The number of the layout of cycle k."""
        phase = (self._start + k * self._cycle) % self._unit
        return self._layouts[bisect_right(self._thresholds, phase)]


# So many cycles are looked at one by one.
_FEW = 4096


def _ceiling(number: Rational) -> int:
    return -(-number.numerator // number.denominator)


class Listed:
    """Cycles whose starts are listed; the last entry is the end.

    Args:
        starts: first step of each cycle, and the step after the last.
        layouts: the number of the layout of each.
    """

    def __init__(self, starts: list[int], layouts: list[int]) -> None:
        self._starts, self._layouts = starts, layouts

    @property
    def stop(self) -> float:
        """The step after the last cycle."""
        return self._starts[-1]

    def start(self, k: int) -> int:
        """The first step of cycle k."""
        return self._starts[k]

    def index(self, t: int) -> int:
        """The cycle that step t is in."""
        return min(bisect_right(self._starts, t) - 1, len(self._starts) - 2)

    def layout(self, k: int) -> int:
        """The number of the layout of cycle k."""
        return self._layouts[k]


@entity
class RepeatBlock(Block):
    """A block again and again.

    Attributes:
        bounds: where cycles start, and which layout each has.
        blocks: the block of a cycle of each layout.
        decay: the factor of each cycle's values relative to the cycle before.
    """

    bounds: Even | Listed
    blocks: tuple[Block, ...]
    decay: float

    @property
    def fine(self) -> Cycles | None:
        """All of it on an exact clock, where its cycles are not laid out one by one."""
        return None

    def _find(self, t: int) -> tuple[int, int]:
        """The cycle of step t, and the step in it; at the end, the end of the last cycle."""
        k = self.bounds.index(t)
        start = self.bounds.start(k)
        if t == start and t == self.length:
            k -= 1
            start = self.bounds.start(k)
        return k, t - start

    def cycle(self, t: int) -> tuple[int, int, int]:
        """The cycle that local step t is in, the step in it, and how long that cycle is."""
        k = self.bounds.index(t)
        start = self.bounds.start(k)
        return k, t - start, self.bounds.start(k + 1) - start

    def block(self, k: int) -> Block:
        """The block of cycle k."""
        return self.blocks[self.bounds.layout(k)]

    def at(self, t: int) -> Formula:
        k, local = self._find(t)
        return apply("*", self.block(k).at(local), Const(self.factor(k)))

    def mentions(self, t: int) -> Iterable[str]:
        k, local = self._find(t)
        return self.block(k).mentions(local)

    def factor(self, k: int) -> float:
        """The factor of the values of cycle k; infinite if it is too large."""
        try:
            return float(self.decay**k)
        except OverflowError:
            return math.inf

    def children(self) -> tuple[Block, ...]:
        return self.blocks

    def active(self, t: int) -> Iterator[str]:
        k, local = self._find(t)
        yield from self.block(k).active(local)

    def degrees(self, of: Lookup) -> Degrees:
        return union(block.degrees(of) for block in self.blocks)

    def scalar(self, env: Env) -> Scalar:
        curves = [block.scalar(env) for block in self.blocks]
        find, layout, decay = self._find, self.bounds.layout, self.decay
        if len(curves) == 1:
            only = curves[0]
            if decay == 1 and self.length == math.inf:
                cycle = self.bounds.start(1)
                return lambda t: only(t % cycle)

        def curve(t: int) -> float:
            k, local = find(t)
            value = curves[layout(k)](local)
            return value * decay**k if decay != 1 else value

        return curve

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        begin, end = self.bounds.index(first), self.bounds.index(last)
        if begin == end:
            return self._one_cycle(env, xp, (first, last), begin)
        place = placed_in(self.bounds, xp, begin, end)
        numbers = self._layouts(begin, end)
        longest = int(max(self.blocks[n].length for n in numbers))
        span = 0, longest - 1
        curves = [(n, inner_vector(self.blocks[n], 0, env, xp, span)) for n in numbers]
        decayed = self._decays(xp, begin, end)

        def curve(t: Array) -> Array:
            cycle, local, layout = place(t)
            found = curves[-1][1](local)
            for n, other in curves[:-1]:
                found = xp.where(layout == n, other(local), found)
            return decayed(found, cycle)

        return curve

    def _one_cycle(self, env: Env, xp: ArrayModule, span: Steps, k: int) -> Vector:
        inside = inner_vector(self.block(k), self.bounds.start(k), env, xp, span)
        if self.decay == 1:
            return inside
        factor = self.factor(k)
        return lambda t: inside(t) * factor

    def _layouts(self, begin: int, end: int) -> list[int]:
        """The layouts of the cycles from ``begin`` to ``end``."""
        if len(self.blocks) == 1 or end - begin >= TABLE:
            return list(range(len(self.blocks)))
        return sorted({self.bounds.layout(k) for k in range(begin, end + 1)})

    def _decays(self, xp: ArrayModule, begin: int, end: int) -> Callable[[Array, Array], Array]:
        """The factor of the values of cycles."""
        if self.decay == 1:
            return lambda values, cycle: values
        if end - begin >= TABLE:
            return lambda values, cycle: values * xp.power(self.decay, xp.real(cycle))
        factors = [self.factor(k) for k in range(begin, end + 1)]
        return lambda values, cycle: values * xp.take(factors, xp.whole(cycle - begin))

    def alone(self, t: int) -> tuple[Block, int, float]:
        k, local = self._find(t)
        if max(block.length for block in self.blocks) * len(self.blocks) < LONG:
            return self, t, self.length - t
        block, inner, count = self.block(k).alone(local)
        # The last cycle may be cut.
        count = min(count, self.bounds.start(k + 1) - t, self.length - t)
        return (block, inner, count) if self.decay == 1 else (self, t, count)


# Shorter cycles are evaluated together, each layout at all of their steps; so many at a time that
# their starts can be listed.
LONG = 1 << 10
TABLE = 1 << 18
Placed = Callable[["Array"], "tuple[Array, Array, Array]"]


def placed_in(bounds: Even | Listed, xp: ArrayModule, begin: int, end: int) -> Placed:
    """The function from steps to cycles, the steps in them, and their layouts.

    Args:
        bounds: where cycles start.
        xp: the library of the steps.
        begin: the cycle of the first step that can occur.
        end: the cycle of the last one.

    Raises:
        NotImplementedError: there are too many cycles, of a length with too many digits.
    """
    if isinstance(bounds, Even):
        count, size = bounds.period
        if count == 1:
            return lambda t: _divided(xp, t, size)
        if end - begin >= min(count, TABLE):
            if count > TABLE:
                message = f"cycles of {size / count:.15g} steps are too many to be listed"
                raise NotImplementedError(
                    f"{message}: repeat a whole number of steps, or {TABLE_OF}"
                )
            # So many cycles together are whole steps, and begin where they did before.
            inside = _listed(bounds, xp, 0, count - 1)

            def placed(t: Array) -> tuple[Array, Array, Array]:
                period, over, _ = _divided(xp, t, size)
                cycle, local, layout = inside(over)
                return cycle + period * count, local, layout

            return placed
    return _listed(bounds, xp, begin, end)


def _divided(xp: ArrayModule, t: Array, size: int) -> tuple[Array, Array, int]:
    # As whole numbers even where steps are floats, which have no derivative of a whole quotient.
    cycle = xp.whole(t) // size
    return cycle, t - cycle * size, 0


def _listed(bounds: Even | Listed, xp: ArrayModule, begin: int, end: int) -> Placed:
    starts = [bounds.start(k) for k in range(begin, end + 1)]
    layouts = [bounds.layout(k) for k in range(begin, end + 1)]

    def placed(t: Array) -> tuple[Array, Array, Array]:
        found = xp.passed(starts[1:], t)
        return found + begin, t - xp.take(starts, found), xp.take(layouts, found)

    return placed
