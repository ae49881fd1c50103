"""The functions a formula may call: one entry each, in both readings.

The scalar reading is the definition; the array reading must agree with it to the last places.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv
from typing import Any

from lrdsl.record import record


@record
class Function:
    """A function of formulas.

    Attributes:
        signature: how it is called, as shown to users.
        about: what it gives, in a few words.
        least: the fewest arguments it takes.
        most: the most arguments it takes; None for any number.
        scalar: its reading for one step.
        array: makes its reading for many steps from the numpy module.
        lists: which of its arguments are lists, by position.
        truth: whether it answers yes or no.
        scaled_by: the arguments, by position, whose unit its value has; None for all of them.
    """

    signature: str
    about: str
    least: int
    most: int | None
    scalar: Callable[..., Any]
    array: Callable[[Any], Callable[..., Any]]
    lists: tuple[int, ...] = ()
    truth: bool = False
    scaled_by: tuple[int, ...] | None = None


def _passed(points: Sequence[float], t: float) -> int:
    return bisect_right(points, t)


def _ascending(points: Sequence[float]) -> bool:
    return all(a <= b for a, b in pairwise(points))


def _pick(values: Sequence[float], place: float) -> float:
    if not 0 <= place < len(values):
        raise ValueError("the list has no such item")
    return values[int(place)]


def _pick_array(np: Any) -> Callable[..., Any]:
    return lambda values, place: np.asarray(values, dtype=float)[np.asarray(place, dtype=int)]


def _interpolate(t: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    if not xs:
        raise ValueError("there are no points")
    if t < xs[0]:
        return ys[0]
    right = bisect_right(xs, t)
    if right == len(xs):
        return ys[right - 1]
    x0, x1 = xs[right - 1], xs[right]
    return ys[right - 1] * ((x1 - t) / (x1 - x0)) + ys[right] * ((t - x0) / (x1 - x0))


def _interpolate_array(np: Any) -> Callable[..., Any]:
    def interpolate(t: Any, xs: Sequence[float], ys: Sequence[float]) -> Any:
        x, y = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
        right = np.clip(np.searchsorted(x, t, side="right"), 1, len(x) - 1)
        x0, x1 = x[right - 1], x[right]
        found = y[right - 1] * ((x1 - t) / (x1 - x0)) + y[right] * ((t - x0) / (x1 - x0))
        return np.where(t < x[0], y[0], np.where(t >= x[-1], y[-1], found))

    return interpolate


def _fold(name: str) -> Callable[[Any], Callable[..., Any]]:
    """The array reading of a function of any number of arguments."""

    def make(np: Any) -> Callable[..., Any]:
        pairwise = getattr(np, name)

        def fold(first: Any, *rest: Any) -> Any:
            for other in rest:
                first = pairwise(first, other)
            return first

        return fold

    return make


def _choose(condition: bool, yes: float, no: float) -> float:
    return yes if condition else no


def _pow(x: float, y: float) -> float:
    # math.pow never turns complex, as ** does for a negative base.
    return math.pow(x, y)


def _numpy(name: str) -> Callable[[Any], Callable[..., Any]]:
    return lambda np: getattr(np, name)


def _one(name: str, about: str, array: str | None = None) -> Function:
    """A function of one number that has the same name in ``math`` and numpy."""
    return Function(f"{name}(x)", about, 1, 1, getattr(math, name), _numpy(array or name))


FUNCTIONS: dict[str, Function] = {
    "if": Function(
        "if(condition, yes, no)",
        "one value or the other",
        3,
        3,
        _choose,
        _numpy("where"),
        scaled_by=(1, 2),
    ),
    "cos": _one("cos", "cosine of an angle in radians"),
    "sin": _one("sin", "sine of an angle in radians"),
    "tanh": _one("tanh", "hyperbolic tangent"),
    "exp": _one("exp", "e to the power x"),
    "log": _one("log", "natural logarithm"),
    "sqrt": _one("sqrt", "square root"),
    "floor": _one("floor", "the next whole number at or below"),
    "ceil": _one("ceil", "the next whole number at or above"),
    "abs": Function("abs(x)", "distance from 0", 1, 1, abs, _numpy("abs")),
    "min": Function("min(a, b, …)", "the smallest", 2, None, min, _fold("minimum")),
    "max": Function("max(a, b, …)", "the largest", 2, None, max, _fold("maximum")),
    "passed": Function(
        "passed(list, t)",
        "how many of the ascending points of the list are at or before t",
        2,
        2,
        _passed,
        lambda np: lambda points, t: np.searchsorted(points, t, side="right"),
        lists=(0,),
        scaled_by=(),
    ),
    "interpolate": Function(
        "interpolate(t, xs, ys)",
        "the broken line through the points (x, y), held at both ends",
        3,
        3,
        _interpolate,
        _interpolate_array,
        lists=(1, 2),
        scaled_by=(2,),
    ),
    "ascending": Function(
        "ascending(list)",
        "whether no point of the list is below the one before it",
        1,
        1,
        _ascending,
        lambda np: _ascending,
        lists=(0,),
        truth=True,
        scaled_by=(),
    ),
    "pick": Function(
        "pick(list, n)",
        "item n of the list, counted from 0",
        2,
        2,
        _pick,
        _pick_array,
        lists=(0,),
        scaled_by=(0,),
    ),
    "last": Function(
        "last(list)",
        "the last item of the list",
        1,
        1,
        lambda values: _pick(values, len(values) - 1),
        lambda np: lambda values: values[-1],
        lists=(0,),
        scaled_by=(0,),
    ),
    "count": Function(
        "count(list)",
        "how many items the list has",
        1,
        1,
        len,
        lambda np: len,
        lists=(0,),
        scaled_by=(),
    ),
}

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "^": _pow,
}  # fmt: skip

# The scalar reading of every operator and function.
SCALAR: dict[str, Callable[..., Any]] = {
    **ARITHMETIC, **COMPARISONS, **{name: f.scalar for name, f in FUNCTIONS.items()},
}  # fmt: skip

CONSTANTS = {"pi": math.pi, "true": True, "false": False}
