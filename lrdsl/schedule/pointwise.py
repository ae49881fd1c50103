"""Blocks on one clock, combined step by step: ``a * b``, ``max(a, b)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrdsl.formula.formula import Degrees, Formula, apply
from lrdsl.formula.functions import ARITHMETIC
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Scalar, fill_held, held, union


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
        first, *rest = [held(side, env) for side in self.sides]
        for other in rest:
            first = _combine(_SCALAR[self.op], first, other)
        return first

    def fill(self, env: Env, out: Any, first: int) -> None:
        import numpy

        combine = getattr(numpy, _ARRAY[self.op])
        fill_held(self.sides[0], env, out, first)
        other = numpy.empty_like(out)
        for side in self.sides[1:]:
            fill_held(side, env, other, first)
            combine(out, other, out=out)


_SCALAR: dict[str, Callable[[Any, Any], Any]] = {**ARITHMETIC, "min": min, "max": max}
_ARRAY = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "min": "minimum", "max": "maximum",
}  # fmt: skip


def _combine(operation: Callable[[Any, Any], Any], left: Scalar, right: Scalar) -> Scalar:
    return lambda t: operation(left(t), right(t))
