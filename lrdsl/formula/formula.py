"""Formulas: a closed tree of numbers, variables and whitelisted operations.

Everything numeric in a program is a formula, from ``peak / 1000`` to the body of a shape. They are
simplified as they are built, so that the value of a transition at its end says exactly what it
depends on: ``start * 0 + end * 1`` is ``end``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lrdsl.formula.functions import COMPARISONS, FUNCTIONS, SCALAR
from lrdsl.record import record


@record
class Const:
    """A number, or a truth value."""

    value: float
    size = 1
    depth = 1


@record
class Var:
    """A variable: a parameter of a shape, ``t``, ``base``, or a word bound later."""

    name: str
    size = 1
    depth = 1


@record
class Apply:
    """An operator, a function, or ``list`` applied to formulas.

    Attributes:
        op: its name.
        args: what it is applied to.
        size: how many operations and leaves it is made of.
        depth: how many of them lie inside each other.
    """

    op: str
    args: tuple[Formula, ...]
    size: int
    depth: int

    @staticmethod
    def of(op: str, *args: Formula) -> Apply:
        """An operation as it stands, not simplified."""
        size, depth = 1, 0
        for arg in args:
            size += arg.size
            depth = max(depth, arg.depth)
        return Apply(op, args, size, depth + 1)


Formula = Const | Var | Apply

ZERO, ONE = Const(0.0), Const(1.0)
# What Python raises where arithmetic has no answer.
UNDEFINED = (ArithmeticError, ValueError)


def why(error: Exception) -> str:
    """Why arithmetic has no answer, in a few words."""
    if isinstance(error, ZeroDivisionError):
        return "it divides by 0"
    if isinstance(error, OverflowError):
        return "the result is too large for a number"
    return "a function is not defined there"


def apply(op: str, *args: Formula) -> Formula:
    """An operation on formulas, simplified.

    Constants are computed. Where that has no answer (``1 / 0``) the operation is left as it is.
    """
    if op == "list":
        return Apply.of(op, *args)
    constants = [arg.value if isinstance(arg, Const) else _list(arg) for arg in args]
    if None not in constants:
        try:
            return Const(SCALAR[op](*constants))
        except UNDEFINED:
            return Apply.of(op, *args)
    if op == "if" and constants[0] is not None:
        return args[1] if constants[0] else args[2]
    rule = _RULES.get(op)
    return (rule and rule(*args)) or Apply.of(op, *args)


def _list(formula: Formula) -> tuple[Any, ...] | None:
    """The numbers of a list without variables; None for anything else."""
    if isinstance(formula, Apply) and formula.op == "list":
        items = [item.value if isinstance(item, Const) else _list(item) for item in formula.args]
        return None if None in items else tuple(items)
    return None


def _is(formula: Formula, value: float) -> bool:
    return isinstance(formula, Const) and formula.value == value


def _times(a: Formula, b: Formula) -> Formula | None:
    if _is(a, 0) or _is(b, 0):
        return ZERO
    return b if _is(a, 1) else a if _is(b, 1) else None


def _plus(a: Formula, b: Formula) -> Formula | None:
    return b if _is(a, 0) else a if _is(b, 0) else None


def _minus(a: Formula, b: Formula) -> Formula | None:
    if _is(b, 0):
        return a
    # What is left of a part is known better than as 1 - u, which near the end is mostly rounding.
    return (
        Var(_OTHER_SHARE[b.name])
        if _is(a, 1) and isinstance(b, Var) and b.name in _OTHER_SHARE
        else None
    )


_OTHER_SHARE = {"u": "v", "v": "u"}


def _over(a: Formula, b: Formula) -> Formula | None:
    if _is(b, 1):
        return a
    # `start * (1 + cos(pi * u)) / 2` starts at `start * 2 / 2`; doubling and halving lose nothing.
    if _is(b, 2) and isinstance(a, Apply) and a.op == "*" and _is(a.args[1], 2):
        return a.args[0]
    return None


def _power(a: Formula, b: Formula) -> Formula | None:
    return ONE if _is(b, 0) or _is(a, 1) else a if _is(b, 1) else None


_RULES: dict[str, Callable[[Formula, Formula], Formula | None]] = {
    "*": _times,
    "+": _plus,
    "-": _minus,
    "/": _over,
    "^": _power,
}


def substitute(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    """The formula with variables replaced, simplified anew."""
    if isinstance(formula, Var):
        return values.get(formula.name, formula)
    if isinstance(formula, Apply):
        return apply(formula.op, *[substitute(arg, values) for arg in formula.args])
    return formula


def variables(formula: Formula) -> Iterator[str]:
    """The names of the variables in a formula, with repetitions."""
    if isinstance(formula, Var):
        yield formula.name
    elif isinstance(formula, Apply):
        for arg in formula.args:
            yield from variables(arg)


def evaluate(formula: Formula, values: Mapping[str, Any]) -> Any:
    """The value of a formula.

    Raises:
        ArithmeticError, ValueError: where it has none, as ``1 / 0``.
    """
    if isinstance(formula, Const):
        return formula.value
    if isinstance(formula, Var):
        return values[formula.name]
    if formula.op == "if":  # only the branch taken has to have a value
        condition, yes, no = formula.args
        return evaluate(yes if evaluate(condition, values) else no, values)
    args = [evaluate(arg, values) for arg in formula.args]
    return tuple(args) if formula.op == "list" else SCALAR[formula.op](*args)


@record
class Degrees:
    """The powers of the base rate that a value is made of, from lowest to highest.

    ``0.3`` has degree 0, ``base / 2`` degree 1, their sum both. Zero has every degree: it is the
    empty range.
    """

    low: float = math.inf
    high: float = -math.inf

    def __or__(self, other: Degrees) -> Degrees:
        return Degrees(min(self.low, other.low), max(self.high, other.high))

    def plus(self, other: Degrees) -> Degrees:
        """The degrees of a product."""
        if NOTHING in (self, other):
            return NOTHING
        return Degrees(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> Degrees:
        """The degrees of a power, or with -1 of a reciprocal."""
        if self == NOTHING:
            return self
        low, high = sorted((self.low * factor, self.high * factor))
        return Degrees(low, high)


NOTHING = Degrees()
NUMBER = Degrees(0, 0)


def degrees(formula: Formula, of: Callable[[str], Degrees]) -> Degrees:
    """The degrees of a formula in the base rate, given those of its variables.

    Functions that are not powers (``exp``, ``cos``) keep the degrees of their argument, which is
    the cautious answer: what it reports as free of ``base`` is free of it.
    """
    if isinstance(formula, Const):
        return NUMBER if formula.value else NOTHING
    if isinstance(formula, Var):
        return of(formula.name)
    if formula.op in COMPARISONS:
        return NUMBER
    parts = [degrees(arg, of) for arg in formula.args]
    if formula.op in FUNCTIONS and FUNCTIONS[formula.op].scaled_by is not None:
        parts = [parts[place] for place in FUNCTIONS[formula.op].scaled_by or ()] or [NUMBER]
    elif formula.op == "*":
        return parts[0].plus(parts[1])
    elif formula.op == "/":
        return parts[0].plus(parts[1].times(-1))
    elif formula.op == "^":
        exponent = formula.args[1]
        return parts[0].times(exponent.value) if isinstance(exponent, Const) else parts[0]
    elif formula.op == "sqrt":
        return parts[0].times(0.5)
    found = NOTHING
    for part in parts:
        found |= part
    return found
