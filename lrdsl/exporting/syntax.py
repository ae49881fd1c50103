"""Formulas as Python expressions, with the parentheses that precedence asks for and no others."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from lrdsl.exporting.pieces import is_whole
from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.formula.functions import COMPARISONS
from lrdsl.wording import number

# How tightly Python's operators bind.
CHOICE, COMPARED, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
_BINDING = {
    "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "^": POWER,
    **dict.fromkeys(COMPARISONS, COMPARED),
}  # fmt: skip
# Formatters write powers of names and numbers without spaces.
_SIMPLE = re.compile(r"[\w.]+|\d[\d.]*e-?\d+")
_CONSTANTS = {math.pi: "pi", 2 * math.pi: "tau"}
# Functions that have the same name in `math` and in array libraries.
_SAME = ("cos", "sin", "tanh", "exp", "log", "sqrt", "floor", "ceil")
# Whole numbers from here on have their digits in groups.
_GROUPED = 10_000


def _shortest(value: float) -> str:
    """The fewest digits that read back as the same float."""
    return next(text for n in range(1, 18) if float(text := number(value, n)) == value)


class Syntax:
    """How formulas are written for the standard library of Python.

    Attributes:
        used: the modules and functions that are called.
        base: what ``base`` is called.
    """

    # The functions of formulas, by the names that they have here.
    functions: Mapping[str, str] = MappingProxyType(
        {"abs": "abs", "min": "min", "max": "max", **{name: f"math.{name}" for name in _SAME}}
    )
    constants = "math"
    # The variables that are whole numbers.
    wholes = frozenset({"step", "t", "length", "cycle", "start"})

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.base = "base"

    def text(self, formula: Formula) -> str:
        """A formula as an expression.

        Args:
            formula: the formula. An operation with the name of no other is a call.
        """
        return self._written(formula)[0]

    def real(self, formula: Formula) -> str:
        """A formula as an expression for a float: a number by itself has a decimal point."""
        if isinstance(formula, Const):
            return self.number(formula.value, real=True)
        return self.text(formula)

    def number(self, value: float, *, real: bool = False) -> str:
        """A number, which reads back as the same float.

        Args:
            value: the number.
            real: True if it has to be a float.
        """
        if isinstance(value, bool):
            return str(value)
        if value in _CONSTANTS:
            self.used.add(self.constants)
            return f"{self.constants}.{_CONSTANTS[value]}"
        if not math.isfinite(value):
            self.used.add("math")
            return "math.inf" if value > 0 else "-math.inf" if value < 0 else "math.nan"
        if value == int(value) and abs(value) < 1e15:
            whole = f"{int(value):_}" if abs(value) >= _GROUPED else f"{int(value)}"
            return f"{whole}.0" if real else whole
        return _shortest(value)

    def _written(self, formula: Formula) -> tuple[str, int]:
        """An expression, and how tightly it holds together."""
        if isinstance(formula, Const):
            text = self.number(formula.value)
            return text, SIGN if text.startswith("-") else ATOM
        if isinstance(formula, Var):
            return (self.base if formula.name == "base" else formula.name), ATOM
        op, args = formula.op, formula.args
        if op == "^":
            return self._power(*args)
        if op == "-" and args[0] == Const(0.0):
            return f"-{self._inside(args[1], SIGN)}", SIGN
        if op in _BINDING:
            return self._operation(op, *args)
        return self.call(op, args)

    def _operation(self, op: str, left: Formula, right: Formula) -> tuple[str, int]:
        binding = _BINDING[op]
        if op in {"+", "-"} and isinstance(right, Const) and right.value < 0:
            op, right = "+-"[op == "+"], Const(-right.value)
        before, after = self._inside(left, binding), self._inside(right, binding + 1)
        return f"{before} {op} {after}", binding

    def _inside(self, formula: Formula, binding: int) -> str:
        text, holds = self._written(formula)
        return text if holds >= binding else f"({text})"

    def _power(self, base: Formula, exponent: Formula) -> tuple[str, int]:
        if not self.is_whole(exponent):
            return self.power(base, exponent)
        if isinstance(base, Const):
            left, right = self.number(base.value, real=True), self._inside(exponent, SIGN)
            left = f"({left})" if left.startswith("-") else left
        else:
            left, right = self._inside(base, ATOM), self._inside(exponent, SIGN)
        is_simple = _SIMPLE.fullmatch(left) and _SIMPLE.fullmatch(right)
        return f"{left}{'**' if is_simple else ' ** '}{right}", POWER

    def is_whole(self, formula: Formula) -> bool:
        """True if a formula is a whole number in Python too."""
        return is_whole(formula, self.wholes)

    def power(self, base: Formula, exponent: Formula) -> tuple[str, int]:
        """A power whose exponent may be any number."""
        # Its type is float, and it never turns complex.
        return self._called("math.pow", (base, exponent)), ATOM

    def call(self, op: str, args: tuple[Formula, ...]) -> tuple[str, int]:
        """A call of a function, or what stands for one."""
        match op, args:
            case "if", (condition, yes, no):
                before, after = self._inside(yes, COMPARED), self._inside(no, CHOICE)
                return f"{before} if {self.text(condition)} else {after}", CHOICE
            case "list", _:
                return self._list(map(self.text, args)), ATOM
            case "passed", (points, t):
                return self._called("bisect_right", (points, t)), ATOM
            case "pick", (Apply("list", values), place):
                return f"{self._list(map(self.real, values))}[{self.text(place)}]", ATOM
            case "pick", (items, place):
                return f"{self.text(items)}[{self.text(place)}]", ATOM
        return self._called(self.functions.get(op, op), args), ATOM

    def _list(self, items: Iterable[str]) -> str:
        texts = list(items)
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"

    def _called(self, name: str, args: tuple[Formula, ...]) -> str:
        self.used.add(name.partition(".")[0])
        return f"{name}({', '.join(map(self.text, args))})"
