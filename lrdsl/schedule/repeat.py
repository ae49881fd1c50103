"""Repetition: the cycle of a step is found in whole numbers, never by a logarithm."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Const, Degrees, Formula, apply
from lrdsl.record import entity
from lrdsl.schedule.block import (
    Block,
    Env,
    Lookup,
    Ref,
    Scalar,
    Steps,
    inner_vector,
    union,
    vector_until,
)

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.text.numbers import Rational


class Even:
    """Cycles of one exact length; each starts at the nearest whole step (half up).

    Args:
        cycle: the exact length of a cycle, at least one step.
        times: how many there are; None for as many as it takes.
    """

    def __init__(self, cycle: Rational, times: int | None = None) -> None:
        self._p, self._q = cycle.numerator, cycle.denominator
        self._last = math.inf if times is None else times - 1

    @property
    def exact(self) -> tuple[int, int]:
        """The numerator and the denominator of a cycle's length."""
        return self._p, self._q

    @property
    def stop(self) -> float:
        """The step after the last cycle."""
        return math.inf if self._last == math.inf else self.start(int(self._last) + 1)

    def start(self, k: int) -> int:
        """The first step of cycle k."""
        return (2 * k * self._p + self._q) // (2 * self._q)

    def index(self, t: int) -> int:
        """The cycle that step t is in."""
        k = t * self._q // self._p
        # Rounding may have moved a boundary past t, by one cycle at most.
        while self.start(k + 1) <= t:
            k += 1
        while self.start(k) > t:
            k -= 1
        return k if k <= self._last else int(self._last)


class Listed:
    """Cycles whose starts are listed; the last entry is the end.

    Args:
        starts: first step of each cycle, and the step after the last.
    """

    def __init__(self, starts: list[int]) -> None:
        self._starts = starts

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


@entity
class RepeatBlock(Block):
    """A block again and again.

    Attributes:
        bounds: where cycles start.
        blocks: the block of a cycle, by the length of the cycle.
        decay: what the values of each cycle are multiplied by, against the one before.
    """

    bounds: Even | Listed
    blocks: dict[int, Block]
    decay: float

    def _find(self, t: int) -> tuple[int, int]:
        """The cycle of step t, and the step in it; at the end, the end of the last cycle.

        Rounding may leave a step behind the last cycle, which is held through it.
        """
        k = self.bounds.index(t)
        if t == self.length and self.bounds.start(k) == t:
            k -= 1
        start = self.bounds.start(k)
        return k, min(t, self.bounds.start(k + 1)) - start

    def cycle(self, t: int) -> tuple[int, int, int]:
        """The cycle that local step t is in, the step in it, and how long that cycle is."""
        k = self.bounds.index(t)
        start = self.bounds.start(k)
        return k, t - start, self.bounds.start(k + 1) - start

    def _block(self, k: int) -> Block:
        return self.blocks[self.bounds.start(k + 1) - self.bounds.start(k)]

    def at(self, t: int) -> Formula:
        k, local = self._find(t)
        return apply("*", self._block(k).at(local), Const(self._decayed(k)))

    def _decayed(self, k: int) -> float:
        """What the values of cycle k are multiplied by; infinite where that is too large."""
        try:
            return float(self.decay**k)
        except OverflowError:
            return math.inf

    def children(self) -> tuple[Block, ...]:
        return tuple(self.blocks.values())

    def active(self, t: int) -> Iterator[str]:
        k, local = self._find(t)
        yield from self._block(k).active(local)

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        for block in self.blocks.values():
            block.link(prev, (block, 0), words)

    def degrees(self, of: Lookup) -> Degrees:
        return union(block.degrees(of) for block in self.blocks.values())

    def scalar(self, env: Env) -> Scalar:
        curves = {n: block.scalar(env) for n, block in self.blocks.items()}
        find, start, decay = self._find, self.bounds.start, self.decay
        if len(curves) == 1 and decay == 1 and self.length == math.inf:
            ((cycle, only),) = curves.items()
            return lambda t: only(t % cycle)

        def curve(t: int) -> float:
            k, local = find(t)
            value = curves[start(k + 1) - start(k)](local)
            return value * decay**k if decay != 1 else value

        return curve

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        stop = self.bounds.stop
        if last >= stop:
            return vector_until(self, int(stop), env, xp, (first, last))
        begin, end = self.bounds.index(first), self.bounds.index(last)
        if begin == end:
            return self._one_cycle(env, xp, (first, last), begin)
        place = _placed(self.bounds, xp, begin, end)
        sizes = self._sizes(begin, end)
        curves = [(n, inner_vector(self.blocks[n], 0, env, xp, (0, max(sizes) - 1))) for n in sizes]
        decayed = self._decays(xp, begin, end)

        def curve(t: Array) -> Array:
            cycle, local, size = place(t)
            found = curves[-1][1](local)
            for n, other in curves[:-1]:
                found = xp.where(size == n, other(local), found)
            return decayed(found, cycle)

        return curve

    def _one_cycle(self, env: Env, xp: ArrayModule, span: Steps, k: int) -> Vector:
        inside = inner_vector(self._block(k), self.bounds.start(k), env, xp, span)
        if self.decay == 1:
            return inside
        factor = self._decayed(k)
        return lambda t: inside(t) * factor

    def _sizes(self, begin: int, end: int) -> list[int]:
        """The lengths of the cycles from ``begin`` to ``end``."""
        if len(self.blocks) == 1 or end - begin >= TABLE:
            return list(self.blocks)
        starts = [self.bounds.start(k) for k in range(begin, end + 2)]
        return sorted({b - a for a, b in pairwise(starts)})

    def _decays(self, xp: ArrayModule, begin: int, end: int) -> Callable[[Array, Array], Array]:
        """What multiplies the values of cycles."""
        if self.decay == 1:
            return lambda values, cycle: values
        if end - begin >= TABLE:
            return lambda values, cycle: values * xp.power(self.decay, xp.real(cycle))
        factors = [self._decayed(k) for k in range(begin, end + 1)]
        return lambda values, cycle: values * xp.take(factors, xp.whole(cycle - begin))

    def alone(self, t: int) -> tuple[Block, int, float]:
        k, local = self._find(t)
        size = self.bounds.start(k + 1) - self.bounds.start(k)
        if t >= self.bounds.stop or max(self.blocks) < LONG:
            return self, t, self.length - t
        block, inner, count = self._block(k).alone(local)
        count = min(count, size - local)
        return (block, inner, count) if self.decay == 1 else (self, t, count)


# Shorter cycles are evaluated together, so many that their starts can be listed.
LONG = 1 << 10
TABLE = 1 << 18
Placed = Callable[["Array"], "tuple[Array, Array, Array]"]


def _placed(bounds: Even | Listed, xp: ArrayModule, begin: int, end: int) -> Placed:
    """The function from steps to cycles, the steps in them, and how long they are.

    Args:
        bounds: where cycles start.
        xp: the library of the steps.
        begin: the cycle of the first step that can occur.
        end: the cycle of the last one.

    Raises:
        NotImplementedError: there are too many cycles, of a length with too many digits.
    """
    if isinstance(bounds, Even):
        size, denominator = bounds.exact
        if denominator == 1:
            return lambda t: _divided(xp, t, size)
        if end - begin >= TABLE:
            if denominator > TABLE:
                message = f"cycles of {size / denominator:.15g} steps are too many to be listed"
                raise NotImplementedError(f"{message}: repeat a whole number of steps")
            # So many cycles together are whole steps, and begin where they did before.
            inside = _listed(xp, [bounds.start(k) for k in range(denominator + 1)], 0)

            def placed(t: Array) -> tuple[Array, Array, Array]:
                period, over, _ = _divided(xp, t, size)
                cycle, local, length = inside(over)
                return cycle + period * denominator, local, length

            return placed
    return _listed(xp, [bounds.start(k) for k in range(begin, end + 2)], begin)


def _divided(xp: ArrayModule, t: Array, size: int) -> tuple[Array, Array, int]:
    # As whole numbers even where steps are floats, which have no derivative of a whole quotient.
    cycle = xp.whole(t) // size
    return cycle, t - cycle * size, size


def _listed(xp: ArrayModule, starts: list[int], begin: int) -> Placed:
    sizes = [b - a for a, b in pairwise(starts)]

    def placed(t: Array) -> tuple[Array, Array, Array]:
        found = xp.passed(starts[1:-1], t)
        return found + begin, t - xp.take(starts[:-1], found), xp.take(sizes, found)

    return placed
