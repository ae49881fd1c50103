"""The blocks without blocks in them: a shape, or a plain number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING

from lrdsl.check.tree import Guard, Meter
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import (
    UNDEFINED,
    Degrees,
    Formula,
    Known,
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

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector

# The formula of a plain number: it is one side of a pointwise operation, or an empty sequence.
CONSTANT = Kernel("constant", ["value"], Var("value"))


def words(number: int) -> dict[str, Formula]:
    """``prev`` and ``next`` of one leaf, as variables of their own."""
    return {kind: Var(f"{kind}@{number}") for kind in ("prev", "next")}


@entity
class ShapeBlock(Block):
    """One shape.

    Attributes:
        number: its number among the leaves; its words are ``prev@number`` and ``next@number``.
        place: where in the program it is written: one place for all cycles of a ``repeat``.
        arguments: every parameter of the kernel but ``length``.
        guards: conditions on the arguments that the run decides.
        meter: its meter, if a metric drives it.
        definition: the shape's; None for a plain number.
        functions: the names of the functions it was given, by parameter.
    """

    number: int
    place: tuple[int, ...]
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

    def mentions(self, t: int) -> Iterator[str]:
        parameter = None
        if t == self.length:  # also of a part without steps, which has ended
            parameter = self.kernel.ends_at
        elif t == 0:
            parameter = self.kernel.starts_at
        for name, formula in self.arguments.items():
            if parameter is None or name == parameter:
                yield from formula.names

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        words[f"prev@{self.number}"] = prev
        words[f"next@{self.number}"] = next

    def degrees(self, of: Lookup) -> Degrees:
        known = {name: degrees(formula, of) for name, formula in self.arguments.items()}
        return self.kernel.degrees(known)

    def values(self, env: Env) -> dict[str, Known]:
        """The values of the kernel's parameters."""
        try:
            found = {name: evaluate(formula, env) for name, formula in self.arguments.items()}
        except UNDEFINED as error:
            message = f"an argument of `{self.name}` has no value for this base rate: {why(error)}"
            raise LrsError([Diagnostic("not-finite", message, "", self.span)]) from None
        # A whole number, from which steps can be subtracted as such.
        found["length"] = self.length if self.length == math.inf else int(self.length)
        return found

    def _bound(self, env: Env) -> list[Known]:
        values = self.values(env)
        return [values[name] for name in self.kernel.parameters]

    def scalar(self, env: Env) -> Scalar:
        return self.kernel.scalar(self._bound(env))

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        if self.kernel.is_constant or self.length == 1:
            value = float(self.scalar(env)(0))
            return lambda t: value
        bound = [_held(value, xp.largest) for value in self._bound(env)]
        return self.kernel.vector(bound, xp, first, last)

    def stretch(self, env: Env, numpy: ModuleType) -> Callable[[Array, Array], None] | None:
        """Its curve as `Kernel.stretch` has it."""
        return self.kernel.stretch(self._bound(env), numpy)


def _held(value: Known, largest: int) -> Known:
    """A number as an array library can hold it: a length that no step reaches is a float."""
    return float(value) if isinstance(value, int) and value > largest else value
