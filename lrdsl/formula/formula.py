"""Formulas: a closed tree of numbers, variables and whitelisted operations.

Everything numeric in a program is a formula, from ``peak / 1000`` to the body of a shape. They are
simplified as they are built, so that the value of a transition at its end says exactly what it
depends on: ``start * 0 + end * 1`` is ``end``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from lrdsl.formula.functions import COMPARISONS, FUNCTIONS, SCALAR
from lrdsl.record import record

# What a formula comes to: a number, a truth value, or a list of numbers.
Known = float | bool | tuple[float, ...]
# The values of variables.
Environment = Mapping[str, Known]

_NO_NAMES: frozenset[str] = frozenset()


@record
class Const:
    """A number, or a truth value."""

    value: float
    size = 1
    depth = 1
    names = _NO_NAMES

    def __hash__(self) -> int:
        return hash(self.value)


@record
class Var:
    """A variable: a parameter of a shape, ``t``, ``base``, or a word bound later."""

    name: str
    size = 1
    depth = 1

    @property
    def names(self) -> frozenset[str]:
        """The variables it depends on: itself."""
        return frozenset((self.name,))

    def __hash__(self) -> int:
        return hash(self.name)


@record
class Apply:
    """An operator, a function, or ``list`` applied to formulas. Made by `of`.

    Attributes:
        op: its name.
        args: its operands.
        size: the number of its operations and leaves.
        depth: the depth of its nesting.
        names: the variables it depends on.
        hashed: its hash. Formulas are kept by what they are, and a large one is asked for it often.
    """

    op: str
    args: tuple[Formula, ...]
    size: int
    depth: int
    names: frozenset[str]
    hashed: int

    @staticmethod
    def of(op: str, *args: Formula) -> Apply:
        """An operation as it stands, not simplified."""
        size, depth, names = 1, 0, _NO_NAMES
        for arg in args:
            size += arg.size
            depth = max(depth, arg.depth)
            names |= {arg.name} if isinstance(arg, Var) else arg.names
        return Apply(op, args, size, depth + 1, names, hash((op, args)))

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Apply):
            return NotImplemented
        same = self.hashed == other.hashed and self.op == other.op
        return self is other or (same and self.args == other.args)

    def __reduce__(self) -> tuple[Callable[..., Apply], tuple[str | Formula, ...]]:
        # Another process hashes text in another way.
        return Apply.of, (self.op, *self.args)


Formula = Const | Var | Apply

# The variables of numbers of a parameter group are called as a program calls for them.
_OWN, _END = 'own("', '")'


def own_name(key: str) -> str:
    """The variable for a number of the parameter group: ``own("lr_scale")``."""
    return f"{_OWN}{key}{_END}"


def own_key(name: str) -> str | None:
    """The number of the parameter group that a variable stands for; None for any other."""
    return name[len(_OWN) : -len(_END)] if name.startswith(_OWN) else None


ZERO, ONE = Const(0.0), Const(1.0)
# What Python raises where arithmetic has no answer.
UNDEFINED = (ArithmeticError, ValueError)


def why(error: Exception) -> str:
    """The reason why arithmetic has no result, in a few words."""
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
    constants: list[Known] = []
    for arg in args:
        if isinstance(arg, Const):
            constants.append(arg.value)
        elif isinstance(arg, Apply) and arg.op == "list":
            items = [item.value for item in arg.args if isinstance(item, Const)]
            if len(items) == len(arg.args):
                constants.append(tuple(items))
    if len(constants) == len(args):
        try:
            return Const(SCALAR[op](*constants))
        except UNDEFINED:
            return Apply.of(op, *args)
    if op == "if" and isinstance(args[0], Const):
        return args[1] if args[0].value else args[2]
    if op in "+-*/^":
        return _simpler(op, args[0], args[1]) or Apply.of(op, *args)
    return Apply.of(op, *args)


def _simpler(op: str, a: Formula, b: Formula) -> Formula | None:
    """The simplified operation if one side is 0 or 1; None if it cannot be simplified."""
    left = a.value if isinstance(a, Const) else None
    right = b.value if isinstance(b, Const) else None
    if op == "*":
        if left == 0 or right == 0:
            return ZERO
        return b if left == 1 else a if right == 1 else None
    if op == "+":
        return b if left == 0 else a if right == 0 else None
    if op == "/":
        # `start * (1 + cos(pi * u)) / 2` starts at `start * 2 / 2`: nothing is lost by halving.
        if right == 2 and isinstance(a, Apply) and a.op == "*" and a.args[1] == Const(2.0):
            return a.args[0]
        return a if right == 1 else None
    if op == "^":
        return ONE if right == 0 or left == 1 else a if right == 1 else None
    if right == 0:
        return a
    # What is left of a part is known better than as 1 - u, which near the end is mostly rounding.
    if left == 1 and isinstance(b, Var) and b.name in _OTHER_SHARE:
        return Var(_OTHER_SHARE[b.name])
    return None


_OTHER_SHARE = {"u": "v", "v": "u"}


def substitute(formula: Formula, values: Mapping[str, Formula]) -> Formula:
    """The formula with variables replaced, simplified where they stood."""
    if isinstance(formula, Var):
        return values.get(formula.name, formula)
    if isinstance(formula, Const) or formula.names.isdisjoint(values):
        return formula
    args: list[Formula] = []
    for arg in formula.args:
        if isinstance(arg, Var):
            args.append(values.get(arg.name, arg))
        else:
            args.append(arg if isinstance(arg, Const) else substitute(arg, values))
    return apply(formula.op, *args)


def renamed(formula: Formula, names: Mapping[str, Formula]) -> Formula:
    """The formula with variables replaced by others, and nothing simplified."""
    if isinstance(formula, Var):
        return names.get(formula.name, formula)
    if isinstance(formula, Const) or formula.names.isdisjoint(names):
        return formula
    return Apply.of(formula.op, *[renamed(arg, names) for arg in formula.args])


def variables(formula: Formula) -> list[str]:
    """The names of the variables in a formula, in its order and with repetitions."""
    found: list[str] = []
    left = [formula]
    while left:
        part = left.pop()
        if isinstance(part, Var):
            found.append(part.name)
        elif isinstance(part, Apply):
            left.extend(reversed(part.args))
    return found


def evaluate(formula: Formula, values: Environment) -> Known:
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
    found: Known = tuple(args) if formula.op == "list" else SCALAR[formula.op](*args)  # type: ignore[arg-type]
    return found


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
