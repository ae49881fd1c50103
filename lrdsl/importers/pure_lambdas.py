"""A ``lambda`` of a script that is arithmetic of the step: computed from its syntax, never run."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from operator import add, eq, floordiv, ge, gt, le, lt, mod, mul, ne, neg, pos, sub, truediv
from typing import Any

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: truediv, ast.FloorDiv: floordiv,
    # As floats: whole numbers may become longer than there is memory.
    ast.Mod: mod, ast.Pow: lambda base, power: float(base) ** float(power),
    ast.USub: neg, ast.UAdd: pos,
    ast.Eq: eq, ast.NotEq: ne, ast.Lt: lt, ast.LtE: le, ast.Gt: gt, ast.GtE: ge,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": min, "max": max, "abs": abs, "int": int, "float": float,
    "math.cos": math.cos, "math.sin": math.sin, "math.exp": math.exp, "math.sqrt": math.sqrt,
    "math.log": math.log, "math.floor": math.floor, "math.ceil": math.ceil,
    "math.pow": math.pow,
}  # fmt: skip
_CONSTANTS = {"math.pi": math.pi, "math.e": math.e}


class PureLambda:
    """A function of the step that a script writes as arithmetic.

    Args:
        node: the ``lambda``, with one parameter.
    """

    def __init__(self, node: ast.Lambda) -> None:
        self.__qualname__ = ast.unparse(node)
        self._body = node.body
        self._parameter = node.args.args[0].arg

    def __call__(self, step: int) -> float:
        """Its value at a step.

        Args:
            step: the step.

        Raises:
            ArithmeticError, TypeError, ValueError: Python raises there, or it has no real value.
        """
        return float(_value(self._body, {self._parameter: step}))


def pure_lambda(text: str) -> PureLambda | None:
    """A ``lambda`` of one parameter; None for anything else, and for one of other names.

    Args:
        text: an expression of Python.

    >>> pure_lambda("lambda epoch: 0.5 ** (epoch // 30)")(60)
    0.25
    >>> pure_lambda("lambda epoch: gamma ** epoch") is None
    True
    """
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(node, ast.Lambda) or len(node.args.args) != 1:
        return None
    others = (node.args.posonlyargs, node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
    parameter = node.args.args[0].arg
    if any(others) or parameter in {"math", *_FUNCTIONS} or not _is_pure(node.body, parameter):
        return None
    return PureLambda(node)


def _is_pure(node: ast.expr, parameter: str) -> bool:
    """Whether an expression is made of the parameter, numbers and known functions only."""
    return all(_is_known(inner, parameter) for inner in _inner(node))


def _inner(node: ast.expr) -> list[ast.expr]:
    """The expressions inside of one, itself included; the name that is called is none of them."""
    found, pending = [], [node]
    while pending:
        inner = pending.pop()
        found.append(inner)
        if isinstance(inner, ast.Call):
            pending += inner.args
        elif not isinstance(inner, ast.Attribute):
            pending += [
                child for child in ast.iter_child_nodes(inner) if isinstance(child, ast.expr)
            ]
    return found


def _is_known(node: ast.expr, parameter: str) -> bool:
    match node:
        case ast.Constant():
            return isinstance(node.value, int | float)
        case ast.Name():
            return node.id == parameter
        case ast.Attribute():
            return ast.unparse(node) in _CONSTANTS
        case ast.BinOp() | ast.UnaryOp():
            return type(node.op) in _OPERATORS
        case ast.Compare():
            return all(type(operator) in _OPERATORS for operator in node.ops)
        case ast.Call():
            return ast.unparse(node.func) in _FUNCTIONS and not node.keywords
    return isinstance(node, ast.IfExp)


def _value(node: ast.expr, names: dict[str, float]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names[node.id]
        case ast.BinOp():
            return _OPERATORS[type(node.op)](_value(node.left, names), _value(node.right, names))
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](_value(node.operand, names))
        case ast.IfExp():
            return _value(node.body if _value(node.test, names) else node.orelse, names)
        case ast.Compare():
            sides = [_value(side, names) for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides[:-1], sides[1:], strict=True)
            return all(_OPERATORS[type(op)](left, right) for op, left, right in pairs)
        case ast.Call():
            values = [_value(argument, names) for argument in node.args]
            return _FUNCTIONS[ast.unparse(node.func)](*values)
    return _CONSTANTS[ast.unparse(node)]
