"""The formula of a part in 50 digits: what its value would be without any rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath

from lrdsl.formula.formula import Apply, Const, Formula, Var
from lrdsl.schedule.shape import ShapeBlock

mpmath.mp.dps = 50


def _interpolate(t: Any, xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:], strict=False):
        if x0 <= t < x1:
            return y0 + (y1 - y0) * (t - x0) / (x1 - x0)
    return ys[0] if t < xs[0] else ys[-1]


_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": mpmath.power,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "min": min,
    "max": max,
    "passed": lambda points, t: sum(point <= t for point in points),
    "pick": lambda values, place: values[int(place)],
    "interpolate": _interpolate,
    **{
        name: getattr(mpmath, name)
        for name in ("sin", "cos", "tanh", "exp", "log", "expm1", "log1p", "sqrt", "floor", "ceil")
    },
}


def value(leaf: ShapeBlock, arguments: Mapping[str, Any], t: int) -> Any:
    """The value of a part at one of its steps.

    Args:
        leaf: the part.
        arguments: the values of its parameters, as floats; they are taken as exact.
        t: the step.
    """
    known = {name: _exact(argument) for name, argument in arguments.items()}
    known["t"] = mpmath.mpf(t)
    if leaf.length < math.inf:
        length = mpmath.mpf(int(leaf.length))
        known |= {"length": length, "u": t / length, "v": (length - t) / length}
    return _evaluate(leaf.kernel.formula, known)


def _exact(argument: Any) -> Any:
    if isinstance(argument, tuple):
        return tuple(map(_exact, argument))
    return argument if isinstance(argument, bool) else mpmath.mpf(argument)


def _evaluate(formula: Formula, known: Mapping[str, Any]) -> Any:
    if isinstance(formula, Const):
        return mpmath.pi if formula.value == math.pi else _exact(formula.value)
    if isinstance(formula, Var):
        return known[formula.name]
    assert isinstance(formula, Apply)
    if formula.op == "if":
        condition, yes, no = formula.args
        return _evaluate(yes if _evaluate(condition, known) else no, known)
    arguments = [_evaluate(argument, known) for argument in formula.args]
    return tuple(arguments) if formula.op == "list" else _OPERATIONS[formula.op](*arguments)
