"""What every block of a schedule can do.

A block is a stretch of a schedule laid out in whole steps. A block of length n is asked about its
local steps 0 to n: at n it gives its end value, and whoever holds it does the holding.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lrdsl.check.tree import Meter, Through
from lrdsl.formula.formula import NOTHING, Degrees, Formula
from lrdsl.record import entity
from lrdsl.text.source import Span

# The values of `base` and of the words, by name.
Env = Mapping[str, Any]
Scalar = Callable[[int], float]
Lookup = Callable[[str], Degrees]


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
    def degrees(self, of: Lookup) -> Degrees:
        """The powers of ``base`` in its values, given those in its words."""

    @abstractmethod
    def scalar(self, env: Env) -> Scalar:
        """Its curve as a function of one local step."""

    @abstractmethod
    def fill(self, env: Env, out: Any, first: int) -> None:
        """Writes the values of the local steps from ``first`` on into a numpy array.

        Whoever asks for them has told numpy to be silent: a curve may have no value somewhere.
        """

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
        """What metrics drive in it, each once."""
        found = (getattr(block, "meter", None) for block in self.walk())
        return tuple(dict.fromkeys(meter for meter in found if meter is not None))

    def walk(self) -> Iterator[Block]:
        """The block and every block in it."""
        yield self
        for child in self.children():
            yield from child.walk()


# The value of a block at a local step, or None for `base`.
Ref = tuple[Block, int] | None


def end(block: Block) -> Ref:
    """Where a block's end value is found; an endless block has none, and nothing follows it."""
    return (block, int(block.length)) if math.isfinite(block.length) else None


def union(parts: Iterable[Degrees]) -> Degrees:
    """The degrees of a sum."""
    found = NOTHING
    for part in parts:
        found |= part
    return found


def held(block: Block, env: Env) -> Scalar:
    """The block's curve, held for ever after its end."""
    curve, length = block.scalar(env), block.length
    if length == math.inf:
        return curve
    last = int(length)
    return lambda t: curve(t if t < last else last)


def fill_held(block: Block, env: Env, out: Any, first: int) -> None:
    """Fills an array with the block's curve, held for ever after its end."""
    inside = int(min(max(block.length - first, 0), len(out)))
    if inside:
        block.fill(env, out[:inside], first)
    if inside < len(out):
        # The scalar reading, so that the held value is the very one a step would use.
        out[inside:] = block.scalar(env)(int(block.length))
