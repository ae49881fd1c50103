"""The functions a formula may call: one entry each, in both readings.

The scalar reading is the definition; the array reading must agree with it to the last places.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import add, eq, ge, gt, le, lt, mul, ne, sub, truediv
from typing import TYPE_CHECKING

from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule

    Scalar = Callable[..., float]
    Vector = Callable[..., Array]


@record
class Function:
    """A function of formulas.

    Attributes:
        signature: its signature, as shown to users.
        about: its value, in a few words.
        least: the fewest arguments it takes.
        most: the most arguments it takes; None for any number.
        scalar: its reading for one step.
        array: makes its reading for many steps from an array library. What runs over steps is an
            array or, where all of them are alike, a number; lists are lists of numbers.
        lists: which of its arguments are lists, by position.
        truth: True if it answers yes or no.
        scaled_by: the arguments, by position, whose unit its value has; None for all of them.
    """

    signature: str
    about: str
    least: int
    most: int | None
    scalar: Scalar
    array: Callable[[ArrayModule], Vector]
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


def _last(values: Sequence[float]) -> float:
    return _pick(values, len(values) - 1)


def _pick_array(xp: ArrayModule) -> Vector:
    def pick(values: Sequence[float], place: Array) -> Array:
        if is_plain(place):
            return _pick(values, place)
        items = [float(value) for value in values]
        return xp.take(items, place if xp.is_whole(place) else xp.whole(place))

    return pick


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


def _interpolate_array(xp: ArrayModule) -> Vector:
    count = _counted(xp)

    def interpolate(t: Array, xs: Sequence[float], ys: Sequence[float]) -> Array:
        if len(xs) == 1:
            return float(ys[0])
        if is_plain(t):
            return _interpolate(t, xs, ys)
        if xp.is_whole(t):
            # Steps are subtracted as whole numbers, so that far out no digit of them is lost.
            if all(x == int(x) and x <= xp.largest for x in xs):
                xs = [int(x) for x in xs]
            else:
                t = xp.real(t)
        right = xp.minimum(xp.maximum(count(xs, t), 1), len(xs) - 1)
        # Two points at one step have nothing between them: any width will do.
        width = xp.take([float(x1 - x0) or 1.0 for x0, x1 in pairwise(xs)], right - 1)
        y = [float(value) for value in ys]
        before = xp.take(y, right - 1) * (xp.real(xp.take(xs, right) - t) / width)
        after = xp.take(y, right) * (xp.real(t - xp.take(xs, right - 1)) / width)
        return xp.where(t < xs[0], y[0], xp.where(t < xs[-1], before + after, y[-1]))

    return interpolate


def _passed_array(xp: ArrayModule) -> Vector:
    count = _counted(xp)

    def passed(points: Sequence[float], t: Array) -> Array:
        if is_plain(t):
            return _passed(points, t)
        # As floats, like all that formulas compute with.
        return xp.real(count(points, t)) if points else 0.0

    return passed


def _counted(xp: ArrayModule) -> Callable[[Sequence[float], Array], Array]:
    """The whole number of ascending points that are at or before each step."""

    def count(points: Sequence[float], t: Array) -> Array:
        if xp.is_whole(t):
            # A whole number has passed a point where it has passed the next whole number.
            points = [math.ceil(x) for x in points if x <= xp.largest]
        return xp.passed(points, t)

    return count


def _fold(scalar: Scalar, name: str) -> Callable[[ArrayModule], Vector]:
    """The array reading of ``min`` and ``max``, of any number of arguments."""

    def make(xp: ArrayModule) -> Vector:
        pair: Vector = getattr(xp, name)

        def fold(first: Array, *rest: Array) -> Array:
            for other in rest:
                plain = is_plain(first) and is_plain(other)
                first = scalar(first, other) if plain else pair(first, other)
            return first

        return fold

    return make


def _choose(condition: bool, yes: float, no: float) -> float:
    return yes if condition else no


def _pow(x: float, y: float) -> float:
    # math.pow never turns complex, as ** does for a negative base.
    return math.pow(x, y)


# numpy's own scalars are floats too, and have no value where `math` raises.
_PLAIN = (float, int, bool)


def is_plain(value: object) -> bool:
    """True if a value is one number rather than an array of them."""
    return type(value) in _PLAIN


def power_array(xp: ArrayModule) -> Vector:
    """The array reading of ``^``."""
    return lambda x, y: _pow(x, y) if is_plain(x) and is_plain(y) else xp.power(x, y)


def _same(scalar: Scalar, name: str) -> Callable[[ArrayModule], Vector]:
    """The array reading of a function of one number."""

    def make(xp: ArrayModule) -> Vector:
        array = xp.function(name)
        return lambda x: scalar(x) if is_plain(x) else array(x)

    return make


def _one(name: str, about: str) -> Function:
    """A function of one number that has the same name in ``math`` and in array libraries."""
    scalar = getattr(math, name)
    return Function(f"{name}(x)", about, 1, 1, scalar, _same(scalar, name))


FUNCTIONS: dict[str, Function] = {
    "if": Function(
        "if(condition, yes, no)",
        "yes if the condition is true, otherwise no",
        3,
        3,
        _choose,
        lambda xp: xp.where,
        scaled_by=(1, 2),
    ),
    "cos": _one("cos", "cosine of an angle in radians"),
    "sin": _one("sin", "sine of an angle in radians"),
    "tanh": _one("tanh", "hyperbolic tangent"),
    "exp": _one("exp", "e to the power x"),
    "log": _one("log", "natural logarithm"),
    "sqrt": _one("sqrt", "square root"),
    "floor": _one("floor", "the largest whole number not above x"),
    "ceil": _one("ceil", "the smallest whole number not below x"),
    "abs": Function("abs(x)", "absolute value", 1, 1, abs, _same(abs, "abs")),
    "min": Function("min(a, b, …)", "the smallest", 2, None, min, _fold(min, "minimum")),
    "max": Function("max(a, b, …)", "the largest", 2, None, max, _fold(max, "maximum")),
    "passed": Function(
        "passed(list, t)",
        "the number of points of the ascending list at or before t",
        2,
        2,
        _passed,
        _passed_array,
        lists=(0,),
        scaled_by=(),
    ),
    "interpolate": Function(
        "interpolate(t, xs, ys)",
        "linear interpolation between the points (x, y), constant beyond both ends",
        3,
        3,
        _interpolate,
        _interpolate_array,
        lists=(1, 2),
        scaled_by=(2,),
    ),
    "ascending": Function(
        "ascending(list)",
        "true if no item of the list is below the one before it",
        1,
        1,
        _ascending,
        lambda xp: _ascending,
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
        _last,
        lambda xp: _last,
        lists=(0,),
        scaled_by=(0,),
    ),
    "count": Function(
        "count(list)",
        "the number of items of the list",
        1,
        1,
        len,
        lambda xp: len,
        lists=(0,),
        scaled_by=(),
    ),
}

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": add, "-": sub, "*": mul, "/": truediv, "^": _pow,
}  # fmt: skip

# The scalar reading of every operator and function.
SCALAR: dict[str, Scalar] = {
    **ARITHMETIC, **COMPARISONS, **{name: f.scalar for name, f in FUNCTIONS.items()},
}  # fmt: skip

CONSTANTS = {"pi": math.pi, "true": True, "false": False}
