"""Repetition: the cycle of a step is found in whole numbers, never by a logarithm."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lrdsl.formula.formula import Const, Degrees, Formula, apply
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Ref, Scalar, union

if TYPE_CHECKING:
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

    def fill(self, env: Env, out: Any, first: int) -> None:
        done = 0
        whole: dict[int, Any] = {}
        while done < len(out):
            k, local = self._find(first + done)
            cycle = self.bounds.start(k + 1) - self.bounds.start(k)
            count = min(cycle - local, len(out) - done)
            if count:
                out[done : done + count] = self._stretch(env, whole, cycle, local, count)
            else:  # behind the last cycle
                count = len(out) - done
                out[done:] = self.blocks[cycle].scalar(env)(cycle)
            if self.decay != 1:
                out[done : done + count] *= self._decayed(k)
            done += count

    def _stretch(self, env: Env, whole: dict[int, Any], cycle: int, local: int, count: int) -> Any:
        """Some steps of a cycle; a cycle that is met whole is computed once."""
        import numpy

        if cycle not in whole:
            whole[cycle] = numpy.empty(count if count < cycle else cycle)
            self.blocks[cycle].fill(env, whole[cycle], local)
            if count < cycle:
                return whole.pop(cycle)
        return whole[cycle][local : local + count]
