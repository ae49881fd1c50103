"""The blocks without blocks in them: a shape, or a plain number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lrdsl.check.tree import Guard, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import (
    UNDEFINED,
    Degrees,
    Formula,
    Var,
    degrees,
    evaluate,
    substitute,
    why,
)
from lrdsl.formula.kernel import Kernel
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Lookup, Ref, Scalar
from lrdsl.text.nodes import Definition

# The formula of a plain number: it is one side of a pointwise operation, or an empty sequence.
CONSTANT = Kernel("constant", ["value"], Var("value"))

# Curves are computed in stretches of so many steps, which stay in the processor's cache.
STRETCH = 1 << 14


def words(number: int) -> dict[str, Formula]:
    """``prev`` and ``next`` of one leaf, as variables of their own."""
    return {kind: Var(f"{kind}@{number}") for kind in ("prev", "next")}


@entity
class ShapeBlock(Block):
    """One shape.

    Attributes:
        number: its number among the leaves; its words are ``prev@number`` and ``next@number``.
        arguments: every parameter of the kernel but ``length``.
        guards: conditions on the arguments that the run decides.
        meter: what drives it, where a metric does.
        definition: the shape's; None for a plain number.
        functions: the names of the functions it was given, by parameter.
    """

    number: int
    kernel: Kernel
    arguments: Mapping[str, Formula]
    guards: tuple[Guard, ...]
    meter: Meter | None = None
    definition: Definition | None = None
    functions: tuple[tuple[str, str], ...] = ()

    def at(self, t: int) -> Formula:
        return substitute(self.kernel.at(t, self.length), self.arguments)

    def active(self, t: int) -> Iterator[str]:
        if self.meter is not None:
            yield self.meter.name

    def formulas(self) -> Iterable[Formula]:
        return self.arguments.values()

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        words[f"prev@{self.number}"] = prev
        words[f"next@{self.number}"] = next

    def degrees(self, of: Lookup) -> Degrees:
        known = {name: degrees(formula, of) for name, formula in self.arguments.items()}
        return self.kernel.degrees(known)

    def values(self, env: Env) -> dict[str, Any]:
        """The values of the kernel's parameters."""
        try:
            found = {name: evaluate(formula, env) for name, formula in self.arguments.items()}
        except UNDEFINED as error:
            message = f"an argument of `{self.name}` has no value for this base rate: {why(error)}"
            raise LrsError([Diagnostic("not-finite", message, "", self.span)]) from None
        found["length"] = self.length
        return found

    def _bound(self, env: Env) -> list[Any]:
        values = self.values(env)
        return [values[name] for name in self.kernel.parameters]

    def scalar(self, env: Env) -> Scalar:
        return self.kernel.scalar(self._bound(env))

    def fill(self, env: Env, out: Any, first: int) -> None:
        import numpy

        curve = self.kernel.array(self._bound(env))
        if self.kernel.is_constant:
            out[:] = curve(0.0)
            return
        steps = numpy.arange(min(STRETCH, len(out)), dtype=float)
        # Half way is where formulas turn to their other end: no stretch has to compute both sides.
        turns = self.kernel.has_choice and math.isfinite(self.length)
        turn = math.ceil(self.length / 2) - first if turns else 0
        turn = min(max(turn, 0), len(out))
        for begin, end in ((0, turn), (turn, len(out))):
            for start in range(begin, end, STRETCH):
                stretch = out[start : min(start + STRETCH, end)]
                stretch[:] = curve(steps[: len(stretch)] + float(first + start))
