"""Blocks on one clock, combined step by step: ``a * b``, ``max(a, b)``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

from lrdsl.formula.formula import Degrees, Formula, apply
from lrdsl.formula.functions import ARITHMETIC, FUNCTIONS
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Scalar, held, held_vector, union

if TYPE_CHECKING:
    from lrdsl.arrays.module import ArrayModule, Vector

_T = TypeVar("_T")
_V = TypeVar("_V")


@entity
class PointwiseBlock(Block):
    """Blocks on one clock, combined step by step; a side that ends sooner is held."""

    op: str
    sides: tuple[Block, ...]

    def at(self, t: int) -> Formula:
        values = [side.at(int(min(t, side.length))) for side in self.sides]
        found = values[0]
        for value in values[1:]:
            found = apply(self.op, found, value)
        return found

    def mentions(self, t: int) -> Iterator[str]:
        for side in self.sides:
            yield from side.mentions(int(min(t, side.length)))

    def children(self) -> tuple[Block, ...]:
        return self.sides

    def degrees(self, of: Lookup) -> Degrees:
        parts = [side.degrees(of) for side in self.sides]
        if self.op == "*":
            return parts[0].plus(parts[1])
        if self.op == "/":
            return parts[0].plus(parts[1].times(-1))
        return union(parts)

    def scalar(self, env: Env) -> Scalar:
        return combined(self.op, [held(side, env) for side in self.sides])

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        found, *rest = [held_vector(side, env, xp, (first, last)) for side in self.sides]
        combine = FUNCTIONS[self.op].array(xp) if self.op in FUNCTIONS else ARITHMETIC[self.op]
        for other in rest:
            found = _combine(combine, found, other)
        return found

    def alone(self, t: int) -> tuple[Block, int, float]:
        # Where a side goes over into its next part the others go on, but with a new one beside.
        running = (side.alone(t)[2] for side in self.sides if t < side.length)
        return self, t, min([self.length - t, *running])


_SCALAR: dict[str, Callable[..., float]] = {**ARITHMETIC, "min": min, "max": max}


def combined(op: str, curves: Iterable[Scalar]) -> Scalar:
    """Curves combined step by step, from the left.

    Args:
        op: the operation.
        curves: the curves of its sides.
    """
    first, *rest = curves
    for other in rest:
        first = _combine(_SCALAR[op], first, other)
    return first


def _combine(
    operation: Callable[..., _V], left: Callable[[_T], _V], right: Callable[[_T], _V]
) -> Callable[[_T], _V]:
    return lambda t: operation(left(t), right(t))
