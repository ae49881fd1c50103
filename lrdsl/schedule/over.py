"""A block given a length of its own: ``over(length, a)``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Degrees, Formula
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Scalar, held, held_vector

if TYPE_CHECKING:
    from lrdsl.arrays.module import ArrayModule, Vector


@entity
class OverBlock(Block):
    """A block given a length of its own: it is held to the end of it."""

    block: Block

    def at(self, t: int) -> Formula:
        return self.block.at(int(min(t, self.block.length)))

    def mentions(self, t: int) -> Iterable[str]:
        return self.block.mentions(int(min(t, self.block.length)))

    def children(self) -> tuple[Block, ...]:
        return (self.block,)

    def degrees(self, of: Lookup) -> Degrees:
        return self.block.degrees(of)

    def scalar(self, env: Env) -> Scalar:
        return held(self.block, env)

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        return held_vector(self.block, env, xp, (first, last))

    def alone(self, t: int) -> tuple[Block, int, float]:
        if t >= self.block.length:
            return self, t, self.length - t
        block, local, count = self.block.alone(t)
        return block, local, min(count, self.length - t)
