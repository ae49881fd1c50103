"""Blocks one after another: ``a >> b``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Degrees, Formula
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Ref, Scalar, end, inner_vector, union

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector


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

    def mentions(self, t: int) -> Iterable[str]:
        i = self._index(t)
        return self.blocks[i].mentions(t - self.starts[i])

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

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        begin, end = self._index(first), self._index(last)
        starts, span = self.starts[begin + 1 : end + 1], (first, last)
        curves = [
            inner_vector(self.blocks[i], self.starts[i], env, xp, span)
            for i in range(begin, end + 1)
        ]

        def curve(t: Array) -> Array:
            found = curves[-1](t)
            for start, earlier in zip(reversed(starts), reversed(curves[:-1]), strict=True):
                found = xp.where(t < start, earlier(t), found)
            return found

        return curve if starts else curves[0]

    def alone(self, t: int) -> tuple[Block, int, float]:
        i = self._index(t)
        return self.blocks[i].alone(t - self.starts[i])
