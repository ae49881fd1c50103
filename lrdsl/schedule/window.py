"""A block seen only in part: ``over(n, a)``, ``until(n, a)``, ``skip(n, a)``, ``every(n, a)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, ReadBlock, Scalar, held, held_vector
from lrdsl.schedule.repeat import Even, placed_in

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector


@entity
class WindowBlock(ReadBlock):
    """A block with another start or end: cut there, or held to there.

    Attributes:
        first: the step of the block at which the window starts.
        cut: the step at which `until` would end it, perhaps past its end.
    """

    first: int = 0
    cut: int | None = None

    def inner(self, t: int) -> int:
        """The step of the block that a step of the window is."""
        return int(min(self.first + t, self.block.length))

    def scalar(self, env: Env) -> Scalar:
        first = self.first
        is_held = self.block.length < first + self.length
        curve = held(self.block, env) if is_held else self.block.scalar(env)
        return (lambda t: curve(first + t)) if first else curve

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        shift = self.first
        curve = held_vector(self.block, env, xp, (first + shift, last + shift))
        return (lambda t: curve(t + shift)) if shift else curve

    def alone(self, t: int) -> tuple[Block, int, float]:
        if self.first + t >= self.block.length:
            return self, t, self.length - t
        block, local, count = self.block.alone(self.first + t)
        return block, local, min(count, self.length - t)


@entity
class EveryBlock(ReadBlock):
    """A block that is looked at every so many steps, and held in between.

    Attributes:
        bounds: where the stretches start that hold one value each.
    """

    bounds: Even

    @property
    def stretch(self) -> float:
        """The steps of a stretch."""
        count, steps = self.bounds.period
        return steps / count

    def inner(self, t: int) -> int:
        """The step of the block whose value is held at a step; its end is reached at the end."""
        return t if t >= self.length else self.bounds.start(self.bounds.index(t))

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        begin, end = self.bounds.index(first), self.bounds.index(last)
        if begin == end:
            value = float(self.scalar(env)(first))
            return lambda t: value
        curve = self.block.vector(env, xp, self.bounds.start(begin), self.bounds.start(end))
        place = placed_in(self.bounds, xp, begin, end)

        def held_curve(t: Array) -> Array:
            _, local, _ = place(t)
            return curve(t - local)

        return held_curve


def seen(first: int, stop: float, start: int, block: Block) -> tuple[int, Block] | None:
    """What a window shows of a block in it: where it starts there, and the block.

    None if the window shows nothing of it.

    Args:
        first: the first step that the window shows.
        stop: the step after the last one.
        start: the first step of the block.
        block: the block.
    """
    begin, end = max(start, first), min(start + block.length, stop)
    if begin >= end:
        return None
    if begin == start and end == start + block.length:
        return begin - first, block
    part = WindowBlock(
        block.span, block.name, end - begin, block.written, block.through, block, begin - start
    )
    return begin - first, part
