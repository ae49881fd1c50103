"""Formulas in the syntax of the language."""

from __future__ import annotations

from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.text.nodes import ATOM, BINDING
from lrdsl.wording import number

# Formulas of more operations than this tell a reader nothing.
_LONG = 200
_COMPARISON = 2
# Digits of a number; those after them are mostly noise of the arithmetic.
_DIGITS = 12


def written(formula: Formula) -> str:
    """A formula as somebody would write it: ``base / 10``, ``0.3``, ``max(base, 1e-5)``.

    Numbers that a value is multiplied with one after another are one number.

    Args:
        formula: the formula; one that is very long is an ellipsis.
    """
    return _written(formula)[0]


def _written(formula: Formula) -> tuple[str, int]:
    """A formula, and how tightly it holds together."""
    if isinstance(formula, Const):
        return number(formula.value, _DIGITS), ATOM if formula.value >= 0 else BINDING["-"]
    if isinstance(formula, Var):
        return formula.name, ATOM
    factor, rest, count = factored(formula)
    if rest.size > _LONG:
        return "…", ATOM
    if count > 1:
        return _scaled(factor, rest)
    if formula.op == "list":
        return f"[{', '.join(map(written, formula.args))}]", ATOM
    if formula.op in BINDING:
        return _operation(formula.op, BINDING[formula.op], *formula.args)
    if formula.op.isidentifier():
        return f"{formula.op}({', '.join(map(written, formula.args))})", ATOM
    return _operation(formula.op, _COMPARISON, *formula.args)


def _operation(op: str, binding: int, left: Formula, right: Formula) -> tuple[str, int]:
    after = _in_brackets(right, binding + (op != "^"))
    if op == "-" and left == Const(0.0):
        return f"-{after}", binding
    return f"{_in_brackets(left, binding + (op == '^'))} {op} {after}", binding


def _in_brackets(formula: Formula, binding: int) -> str:
    text, holds = _written(formula)
    return text if holds >= binding else f"({text})"


def factored(formula: Formula) -> tuple[float, Formula, int]:
    """A product of numbers and one other formula: the numbers as one, and how many there are."""
    factor, count = 1.0, 0
    while isinstance(formula, Apply) and formula.op in {"*", "/"}:
        left, right = formula.args
        if isinstance(right, Const) and right.value:
            factor = factor * right.value if formula.op == "*" else factor / right.value
            formula = left
        elif isinstance(left, Const) and formula.op == "*":
            factor, formula = factor * left.value, right
        else:
            break
        count += 1
    return factor, formula, count


def _scaled(factor: float, formula: Formula) -> tuple[str, int]:
    text, binding = _in_brackets(formula, BINDING["*"]), BINDING["*"]
    if factor == 1:
        return _written(formula)
    if 0 < factor < 1 and abs(1 / factor - round(1 / factor)) * factor < 1e-12:
        return f"{text} / {number(round(1 / factor), _DIGITS)}", binding
    return f"{number(factor, _DIGITS)} * {text}", binding
