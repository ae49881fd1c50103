"""A repetition of repetitions whose cycles are no whole number of steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Degrees, Formula
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Ref, Scalar, union
from lrdsl.schedule.fine import Cycles
from lrdsl.schedule.repeat import LONG, Even, RepeatBlock

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector


@entity
class NestBlock(RepeatBlock):
    """A repetition that holds others, whose cycles are no whole number of steps.

    Its ``blocks`` are its first cycle.

    Attributes:
        phase: the ticks between the last half step before its start and its exact start.
        cycles: all of it on the exact clock.
        others: the layouts that parts of its cycles have elsewhere.
    """

    phase: int
    cycles: Cycles
    others: tuple[Block, ...]

    @property
    def fine(self) -> Cycles:
        return self.cycles

    def _tick(self, t: int) -> int:
        unit = self.cycles.unit
        return unit * t + unit - 1 - self.phase

    def at(self, t: int) -> Formula:
        return self.cycles.at(self._tick(t))

    def mentions(self, t: int) -> Iterable[str]:
        return self.cycles.mentions(self._tick(t))

    def children(self) -> tuple[Block, ...]:
        return *self.blocks, *self.others

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        self.cycles.link(prev, next, words)

    def active(self, t: int) -> Iterator[str]:
        for block, local in self.cycles.leaves(self._tick(t)):
            if local < block.length:
                yield from block.active(local)

    def degrees(self, of: Lookup) -> Degrees:
        return union(block.degrees(of) for block in self.children())

    def scalar(self, env: Env) -> Scalar:
        curve, unit = self.cycles.scalar(env), self.cycles.unit
        first = unit - 1 - self.phase
        return lambda t: curve(unit * t + first)

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        unit, size, decay = self.cycles.unit, self.cycles.cycle, self.cycles.decay
        inside = self.cycles.part.vector(env, xp)
        assert isinstance(self.bounds, Even)
        count, period = self.bounds.period
        begin = self.cycles.find(self._tick(first))[0]
        start = self._tick(first) - begin * size
        if max(start + (last - first + 1) * unit, size) <= xp.largest:
            count = 0
        elif (period + 1) * unit <= xp.largest:
            # So many cycles together are whole steps, and begin where they did before.
            first, begin, start = 0, 0, self._tick(0)
        else:
            raise NotImplementedError(
                f"there are too many fractions of a step, {unit:,}, in these cycles"
            )

        def curve(t: Array) -> Array:
            whole = xp.whole(t)
            local, k = whole - first, begin
            if count:
                turn = whole // period
                local, k = whole - turn * period, turn * count
            x = local * unit + start
            cycle = x // size
            value = inside(x - cycle * size, None if xp.is_whole(t) else t - whole)
            return value if decay == 1 else value * xp.power(decay, xp.real(cycle + k))

        return curve

    def alone(self, t: int) -> tuple[Block, int, float]:
        found = self.cycles.alone(self._tick(t))
        if found is not None and found[0].length - found[1] >= LONG:
            block, local = found
            sole, inner, count = block.alone(local)
            return sole, inner, min(count, block.length - local, self.length - t)
        return self, t, min(self.length - t, 2 * LONG)
