"""The parts of a formula that depend on lengths and written numbers only, computed exactly.

In floating point ``0.29 * 200`` is 57.99…, and ``floor`` of it 57; the text says 58. Products and
quotients that are made of lengths and plain numbers alone are computed with exact numbers, rounded
once, and become parameters of their own. A sum is left as it is: what is subtracted from one thing
in one place has to be the same where it is subtracted from another.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.formula.kernel import Kernel
from lrdsl.text.numbers import divide, exact

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational

_OPERATIONS: dict[str, Callable[..., Rational]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": divide,
    "floor": math.floor, "ceil": math.ceil, "abs": abs, "min": min, "max": max,
}  # fmt: skip
_ROUNDED = {"*", "/"}
_STEPS = frozenset({"t", "u", "v"})
# No name of a program starts with a digit.
_PREFIX = "0exact"
# A decimal number with more digits was calculated, and means a number near it: 1 / 3.
_DIGITS = 15


def with_products(
    kernel: Kernel, lengths: frozenset[str], values: Mapping[str, Formula]
) -> tuple[Kernel, dict[str, Formula]]:
    """The kernel in which parameters of their own stand for what lengths and numbers decide.

    Args:
        kernel: that of a shape.
        lengths: those of its variables that are lengths.
        values: the arguments of the shape, its length among them.

    Returns:
        It, and the values of the new parameters.
    """
    kept: frozenset[Formula] = frozenset()
    while True:
        found, products = _taken_out(kernel, lengths, kept)
        known = {name: _exactly(product, values) for name, product in products.items()}
        exact = {name: value for name, value in known.items() if value is not None}
        if len(exact) == len(known):
            return found, exact
        # What has no exact value is left as it is, and looked at inside.
        kept |= {products[name] for name, value in known.items() if value is None}


@lru_cache(maxsize=1024)
def _taken_out(
    kernel: Kernel, lengths: frozenset[str], kept: frozenset[Formula]
) -> tuple[Kernel, dict[str, Formula]]:
    found: dict[Formula, str] = {}

    def visit(part: Formula) -> Formula:
        if not isinstance(part, Apply) or part.names.isdisjoint(lengths):
            return part
        if part.op in _ROUNDED and part not in kept and _decided(part):
            return Var(found.setdefault(part, f"{_PREFIX}{len(found)}"))
        return Apply.of(part.op, *map(visit, part.args))

    formula = visit(kernel.formula)
    if found:
        names = formula.names - _STEPS
        if not _STEPS.isdisjoint(formula.names):
            names |= {"length"}
        kernel = Kernel(kernel.name, sorted(names), formula)
    return kernel, {name: part for part, name in found.items()}


def _decided(formula: Formula) -> bool:
    """True if a formula is made of numbers by operations that have exact answers."""
    if isinstance(formula, Apply):
        return formula.op in _OPERATIONS and all(map(_decided, formula.args))
    return isinstance(formula, Const) or formula.name not in _STEPS


def _exactly(formula: Formula, values: Mapping[str, Formula]) -> Formula | None:
    """The value of what was taken out of a formula, rounded once.

    None if a number in it was not written as it is, or is not known, or it has no value.
    """
    try:
        return Const(float(_value(formula, values)))
    except (ArithmeticError, ValueError):
        return None


def _value(formula: Formula, values: Mapping[str, Formula]) -> Rational:
    if isinstance(formula, Apply):
        return _OPERATIONS[formula.op](*[_value(arg, values) for arg in formula.args])
    known = values[formula.name] if isinstance(formula, Var) else formula
    if not isinstance(known, Const) or float(f"{known.value:.{_DIGITS}g}") != known.value:
        raise ValueError("this is no number as it was written")
    return exact(known.value)
