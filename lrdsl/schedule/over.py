"""A block given a length of its own: ``over(length, a)``."""

from __future__ import annotations

from typing import Any

from lrdsl.formula.formula import Degrees, Formula
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Scalar, fill_held, held


@entity
class OverBlock(Block):
    """A block given a length of its own: it is held to the end of it."""

    block: Block

    def at(self, t: int) -> Formula:
        return self.block.at(int(min(t, self.block.length)))

    def children(self) -> tuple[Block, ...]:
        return (self.block,)

    def degrees(self, of: Lookup) -> Degrees:
        return self.block.degrees(of)

    def scalar(self, env: Env) -> Scalar:
        return held(self.block, env)

    def fill(self, env: Env, out: Any, first: int) -> None:
        fill_held(self.block, env, out, first)
