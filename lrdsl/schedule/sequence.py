"""Blocks one after another: ``a >> b``."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from lrdsl.formula.formula import Degrees, Formula
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Ref, Scalar, end, union


@entity
class SequenceBlock(Block):
    """Blocks one after another.

    Attributes:
        starts: the first step of each.
        blocks: the blocks; none is empty.
    """

    starts: tuple[int, ...]
    blocks: tuple[Block, ...]

    def _index(self, t: int) -> int:
        return bisect_right(self.starts, t) - 1

    def at(self, t: int) -> Formula:
        i = self._index(t)
        return self.blocks[i].at(t - self.starts[i])

    def children(self) -> tuple[Block, ...]:
        return self.blocks

    def active(self, t: int) -> Iterator[str]:
        i = self._index(t)
        yield from self.blocks[i].active(t - self.starts[i])

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        last = len(self.blocks) - 1
        for i, block in enumerate(self.blocks):
            before = prev if i == 0 else end(self.blocks[i - 1])
            after = next if i == last else (self.blocks[i + 1], 0)
            block.link(before, after, words)

    def degrees(self, of: Lookup) -> Degrees:
        return union(block.degrees(of) for block in self.blocks)

    def scalar(self, env: Env) -> Scalar:
        starts, curves = self.starts, [block.scalar(env) for block in self.blocks]
        if len(curves) == 1:
            return curves[0]

        def curve(t: int) -> float:
            i = bisect_right(starts, t) - 1
            return curves[i](t - starts[i])

        return curve

    def fill(self, env: Env, out: Any, first: int) -> None:
        stop = first + len(out)
        ends = (*self.starts[1:], math.inf)
        i = self._index(first)
        while i < len(self.blocks) and self.starts[i] < stop:
            start = max(first, self.starts[i])
            upto = int(min(stop, ends[i]))
            self.blocks[i].fill(env, out[start - first : upto - first], start - self.starts[i])
            i += 1
