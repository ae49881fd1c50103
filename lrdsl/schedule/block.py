"""The interface of the blocks of a schedule.

A block is a stretch of a schedule laid out in whole steps. A block of length n is asked about its
local steps 0 to n: at n it gives its end value, and whoever holds it does the holding.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.check.tree import Meter, Through
from lrdsl.formula.formula import NOTHING, Degrees, Environment, Formula
from lrdsl.record import entity
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.schedule.fine import Fine

# The values of `base` and of the words, by name.
Env = Environment
Scalar = Callable[[int], float]
Lookup = Callable[[str], Degrees]
# The first and the last of some steps.
Steps = tuple[int, int]


@entity
class Block(ABC):
    """A stretch of a schedule.

    Attributes:
        span: where it is written.
        name: its shape, or how the shapes in it are combined.
        length: its length in steps, ``math.inf`` where it has no end.
        written: its length as written, where that is not in steps.
        through: the definitions it came through, and their calls.
    """

    span: Span
    name: str
    length: float
    written: str | None
    through: Through

    @abstractmethod
    def at(self, t: int) -> Formula:
        """The value at local step t, in terms of ``base`` and of words."""

    @abstractmethod
    def mentions(self, t: int) -> Iterable[str]:
        """The variables that are written where the value at local step t comes from.

        A shape that starts at exactly its ``start`` mentions there what that argument does, and
        any other shape what all of its arguments do, whatever their values come to.
        """

    @abstractmethod
    def degrees(self, of: Lookup) -> Degrees:
        """The powers of ``base`` in its values, given those in its words."""

    @abstractmethod
    def scalar(self, env: Env) -> Scalar:
        """Its curve as a function of one local step."""

    @abstractmethod
    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        """Its curve as a function of an array of local steps, from ``first`` to ``last``.

        Only what can occur between the two is bound and evaluated; ``last`` is below the length.
        Where all values are alike the function may return a number.

        Args:
            env: the values of ``base`` and of words.
            xp: the library of the array.
            first: no step is below this one.
            last: no step is beyond this one.
        """

    def alone(self, t: int) -> tuple[Block, int, float]:
        """The block that gives all values from local step t on by itself, and for how long.

        Returns:
            The innermost such block, the step in it that is meant, and a number of steps.
        """
        return self, t, self.length - t

    def source(self, first: int, last: int) -> tuple[Block, int, int] | None:
        """The block that all of its values are taken from, and between which of its steps.

        None if it makes values of its own.

        Args:
            first: no step is below this one.
            last: no step is beyond this one, which may be the end.
        """
        return None

    def formulas(self) -> Iterable[Formula]:
        """The formulas of its own in which words may stand."""
        return ()

    def children(self) -> tuple[Block, ...]:
        """The blocks it is made of."""
        return ()

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        """Notes what the words in it refer to, given what comes before it and after it."""
        for child in self.children():
            child.link(prev, next, words)

    def active(self, t: int) -> Iterator[str]:
        """The names of the meters whose parts run at local step t."""
        for child in self.children():
            if t < child.length:
                yield from child.active(t)

    def meters(self) -> tuple[Meter, ...]:
        """Its meters, each once."""
        found = (getattr(block, "meter", None) for block in self.walk())
        return tuple(dict.fromkeys(meter for meter in found if meter is not None))

    def walk(self) -> Iterator[Block]:
        """The block and every block in it."""
        yield self
        for child in self.children():
            yield from child.walk()


@entity
class ReadBlock(Block):
    """A block whose every value is that of another one, at another step.

    Attributes:
        block: the other one.
    """

    block: Block

    @abstractmethod
    def inner(self, t: int) -> int:
        """The step of the other block whose value local step t has."""

    def at(self, t: int) -> Formula:
        return self.block.at(self.inner(t))

    def mentions(self, t: int) -> Iterable[str]:
        return self.block.mentions(self.inner(t))

    def source(self, first: int, last: int) -> tuple[Block, int, int]:
        return self.block, self.inner(first), self.inner(last)

    def children(self) -> tuple[Block, ...]:
        return (self.block,)

    def active(self, t: int) -> Iterator[str]:
        if (step := self.inner(t)) < self.block.length:
            yield from self.block.active(step)

    def degrees(self, of: Lookup) -> Degrees:
        return self.block.degrees(of)

    def scalar(self, env: Env) -> Scalar:
        curve, inner = self.block.scalar(env), self.inner
        return lambda t: curve(inner(t))


# What messages end with where a curve cannot be followed by operations of arrays.
TABLE_OF = "look steps up in a table with `schedule.bind(…, steps=…)`"


# The value of a block at a local step, or of a part of a nest at a tick, or None for `base`.
Ref = tuple["Block | Fine", int] | None


def end(block: Block) -> Ref:
    """The step of a block's end value; an endless block has none, and nothing follows it."""
    return (block, int(block.length)) if math.isfinite(block.length) else None


def union(parts: Iterable[Degrees]) -> Degrees:
    """The degrees of a sum."""
    found = NOTHING
    for part in parts:
        found |= part
    return found


def held(block: Block, env: Env) -> Scalar:
    """The block's curve, held forever after its end."""
    curve, length = block.scalar(env), block.length
    if length == math.inf:
        return curve
    last = int(length)
    return lambda t: curve(t if t < last else last)


def vector_until(block: Block, stop: int, env: Env, xp: ArrayModule, span: Steps) -> Vector:
    """The block's curve as a function of an array, held from step ``stop`` on.

    Args:
        block: the block.
        stop: the step whose value is held, at most the block's length.
        env: the values of ``base`` and of words.
        xp: the library of the array.
        span: the first and the last step that can occur.
    """
    first, last = span
    if last < stop:
        return block.vector(env, xp, first, last)
    # The scalar reading, so that the held value is the very one a step would use.
    held = float(block.scalar(env)(stop))
    if first >= stop:
        return lambda t: held
    inside = block.vector(env, xp, first, stop - 1)

    def curve(t: Array) -> Array:
        running = t < stop
        return xp.where(running, inside(xp.where(running, t, stop - 1)), held)

    return curve


def held_vector(block: Block, env: Env, xp: ArrayModule, span: Steps) -> Vector:
    """The block's curve as a function of an array, held forever after its end."""
    if block.length == math.inf:
        return block.vector(env, xp, *span)
    return vector_until(block, int(block.length), env, xp, span)


def inner_vector(block: Block, start: int, env: Env, xp: ArrayModule, span: Steps) -> Vector:
    """The curve of a block that starts at a later step, as a function of the outer steps.

    Steps that are not the block's own are taken for one that is: its curve may have no value for
    them, or no slope that a derivative could pass through.

    Args:
        block: a block with an end, or the last of its sequence.
        start: its first step on the outer clock.
        env: the values of ``base`` and of words.
        xp: the library of the array.
        span: the first and the last outer step that can occur.
    """
    first, last = span[0] - start, span[1] - start
    own = min(last, block.length - 1)
    curve = block.vector(env, xp, max(first, 0), int(own))
    # A curve may be infinitely steep at its ends, such as a root.
    within = int(min(max(first, 1), own))

    def shifted(t: Array) -> Array:
        local = t - start if start else t
        if first < 0:
            local = xp.where(local < 0, within, local)
        if own < last:
            local = xp.where(local > int(own), within, local)
        return curve(local)

    return shifted
