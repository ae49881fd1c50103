"""Bounds of a formula: an interval that holds every value it takes while its variables vary.

Sums, products, quotients and roots of floats are monotone, rounding included, so computing with
the ends of intervals is exact. Results of the other functions are widened by more than the error of
any mathematics library. What bounds say therefore holds of the values that are computed, not only
of those that are meant.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from lrdsl.formula.formula import UNDEFINED, Apply, Const, Formula, Var

# The least and the greatest value; those of a list are the intervals of its items.
Interval = tuple[float, float]
Bound = Interval | list[Interval]

# More than the relative error of a function of `math`, which is below 2^-52.
_WIDER, _NARROWER = 1 + 2.0**-50, 1 - 2.0**-50
# The angles beyond which nothing is said of a wave but its height.
_FAR = 1e8
_NEAR = 1e-6


class Undecided(Exception):
    """There is no bound, or none was found."""


def bounds(formula: Formula, variables: Mapping[str, Bound]) -> Interval:
    """An interval that holds every value of a formula.

    Args:
        formula: the formula.
        variables: the interval of each variable, or for a list the intervals of its items.

    Raises:
        Undecided: the formula may have no value somewhere, or an infinite one.
    """
    found = _bound(formula, variables)
    if isinstance(found, list):
        raise Undecided
    return found


def _bound(formula: Formula, variables: Mapping[str, Bound]) -> Bound:
    if isinstance(formula, Var):
        return variables[formula.name]
    if isinstance(formula, Const):
        return formula.value, formula.value
    if formula.op == "if":
        return _chosen(formula.args, variables)
    # Variables and numbers, half of all arguments, are spared the call.
    args = [
        variables[arg.name] if isinstance(arg, Var) else _bound(arg, variables)
        for arg in formula.args
    ]
    if formula.op == "list":
        return [item for item in args if isinstance(item, tuple)]
    return combined(formula.op, *args)


def _chosen(args: Sequence[Formula], variables: Mapping[str, Bound]) -> Interval:
    condition, yes, no = args
    low, high = bounds(condition, variables)
    if low > 0 or high < 0:
        return bounds(yes, variables)
    if low == high == 0:
        return bounds(no, variables)
    where_yes, where_no = _narrowed(condition, variables)
    return hull(bounds(yes, where_yes), bounds(no, where_no))


def _narrowed(
    condition: Formula, variables: Mapping[str, Bound]
) -> tuple[Mapping[str, Bound], Mapping[str, Bound]]:
    """The variables where a condition holds, and where it does not, as far as it tells."""
    if not (isinstance(condition, Apply) and condition.op in {"<", "<=", ">", ">="}):
        return variables, variables
    left, right = condition.args
    if not isinstance(left, Var):
        return variables, variables
    (low, high), (least, most) = bounds(left, variables), bounds(right, variables)
    below = {**variables, left.name: (low, min(high, most))}
    above = {**variables, left.name: (max(low, least), high)}
    return (below, above) if condition.op in {"<", "<="} else (above, below)


def hull(a: Interval, b: Interval) -> Interval:
    """The smallest interval that holds two.

    Args:
        a: the one.
        b: the other.
    """
    return min(a[0], b[0]), max(a[1], b[1])


def combined(op: str, *args: Bound) -> Interval:
    """The interval of an operation.

    Args:
        op: an operator, or a function of formulas.
        args: the intervals of what it is applied to.

    Raises:
        Undecided: it may have no value, or an infinite one.
    """
    try:
        low, high = _OPERATIONS[op](*args)
    except (*UNDEFINED, KeyError):
        raise Undecided from None
    # A NaN is not below anything.
    if not -math.inf < low <= high < math.inf:
        raise Undecided
    return low, high


def _sum(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


def _difference(a: Interval, b: Interval) -> Interval:
    return a[0] - b[1], a[1] - b[0]


def _product(a: Interval, b: Interval) -> Interval:
    if a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], a[1] * b[1]
    corners = (a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])
    return min(corners), max(corners)


def _quotient(a: Interval, b: Interval) -> Interval:
    if b[0] <= 0 <= b[1]:
        raise Undecided
    corners = (a[0] / b[0], a[0] / b[1], a[1] / b[0], a[1] / b[1])
    return min(corners), max(corners)


def _power(a: Interval, b: Interval) -> Interval:
    (low, high), (least, most) = a, b
    if low < 0:
        if least != most or least != int(least):
            raise Undecided
        if least % 2 == 0:
            return _power(_distance(a), b)
        if least < 0 and high >= 0:
            raise Undecided
    corners = [_powered(x, y) for x in a for y in b]
    return min(x for x, _ in corners), max(x for _, x in corners)


def _powered(x: float, y: float) -> Interval:
    value = math.pow(x, y)
    # What is next to these is on the side of them that it is on without rounding.
    return (value, value) if x in {0, 1} or y == 0 else _widened(value, value)


def _widened(low: float, high: float) -> Interval:
    """An interval made wider by an error of its ends; 0 stays 0, and no sign changes."""
    return (
        low * (_NARROWER if low > 0 else _WIDER),
        high * (_WIDER if high > 0 else _NARROWER),
    )


def _rising(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """The bounds of a function that never falls, and is exact where it is 0."""

    def found(a: Interval) -> Interval:
        low, high = a
        return _widened(function(low), function(high))

    return found


def _exp(a: Interval) -> Interval:
    low, high = a
    least, most = _widened(math.exp(low), math.exp(high))
    return least if low < 0 else max(least, 1.0), most if high > 0 else min(most, 1.0)


def _tanh(a: Interval) -> Interval:
    low, high = a
    least, most = _widened(math.tanh(low), math.tanh(high))
    return max(least, -1.0), min(most, 1.0)


def _distance(a: Interval) -> Interval:
    low, high = a
    if low >= 0:
        return low, high
    return (-high, -low) if high <= 0 else (0.0, max(-low, high))


def _wave(wave: Callable[[float], float], crest: float) -> Callable[[Interval], Interval]:
    """The bounds of a wave.

    Args:
        wave: the function.
        crest: half of the waves around 0 that lie before a crest: a crest is at pi times this.
    """

    def found(a: Interval) -> Interval:
        low, high = a
        if low < -_FAR or high > _FAR:
            return -1.0, 1.0
        least, most = sorted((wave(low), wave(high)))
        least, most = _widened(least, most)
        first, last = low / math.pi - crest, high / math.pi - crest
        if _passes(first, last, 0):
            most = 1.0
        if _passes(first, last, 1):
            least = -1.0
        return max(least, -1.0), min(most, 1.0)

    return found


def _passes(first: float, last: float, odd: int) -> bool:
    """True if there is an even number, or an odd one, from ``first`` to ``last``, or nearly."""
    return math.floor((last - odd + _NEAR) / 2) >= math.ceil((first - odd - _NEAR) / 2)


def _less(a: Interval, b: Interval) -> Interval:
    return float(a[1] < b[0]), float(a[0] < b[1])


def _at_most(a: Interval, b: Interval) -> Interval:
    return float(a[1] <= b[0]), float(a[0] <= b[1])


def _equal(a: Interval, b: Interval) -> Interval:
    return float(a[0] == a[1] == b[0] == b[1]), float(a[0] <= b[1] and b[0] <= a[1])


def _unequal(a: Interval, b: Interval) -> Interval:
    never, ever = _equal(a, b)
    return 1.0 - ever, 1.0 - never


def _least(*args: Interval) -> Interval:
    return min(low for low, _ in args), min(high for _, high in args)


def _greatest(*args: Interval) -> Interval:
    return max(low for low, _ in args), max(high for _, high in args)


def _points(items: list[Interval]) -> list[float]:
    """The numbers of an ascending list in which nothing varies."""
    points = [low for low, _ in items]
    if any(low != high for low, high in items) or any(a > b for a, b in pairwise(points)):
        raise Undecided
    return points


def _passed(items: list[Interval], t: Interval) -> Interval:
    points = _points(items)
    return bisect_right(points, t[0]), bisect_right(points, t[1])


def _interpolated(t: Interval, xs: list[Interval], ys: list[Interval]) -> Interval:
    points = _points(xs)
    if not points or len(ys) < len(points):
        raise Undecided
    first, last = bisect_right(points, t[0]) - 1, bisect_right(points, t[1])
    crossed = ys[max(first, 0) : min(last, len(points) - 1) + 1]
    least, most = min(low for low, _ in crossed), max(high for _, high in crossed)
    # The two shares of a point add up to 1, with a rounding each.
    room = 2.0**-50 * max(-least, most, 0.0)
    return least - (room if least < 0 else min(room, least)), most + room


def _picked(items: list[Interval], place: Interval) -> Interval:
    low, high = place
    if not 0 <= low <= high < len(items):
        raise Undecided
    found = items[int(low)]
    for item in items[int(low) : int(high) + 1]:
        found = hull(found, item)
    return found


def _last(items: list[Interval]) -> Interval:
    if not items:
        raise Undecided
    return items[-1]


# The interval of every operator and function, given those of its arguments.
_OPERATIONS: dict[str, Callable[..., Interval]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "^": _power,
    "<": _less,
    "<=": _at_most,
    ">": lambda a, b: _less(b, a),
    ">=": lambda a, b: _at_most(b, a),
    "==": _equal,
    "!=": _unequal,
    "cos": _wave(math.cos, 0.0),
    "sin": _wave(math.sin, 0.5),
    "tanh": _tanh,
    "exp": _exp,
    "log": _rising(math.log),
    "sqrt": lambda a: (math.sqrt(a[0]), math.sqrt(a[1])),
    "floor": lambda a: (math.floor(a[0]), math.floor(a[1])),
    "ceil": lambda a: (math.ceil(a[0]), math.ceil(a[1])),
    "abs": _distance,
    "min": _least,
    "max": _greatest,
    "passed": _passed,
    "interpolate": _interpolated,
    "pick": _picked,
    "last": _last,
    "count": lambda items: (len(items), len(items)),
    "ascending": lambda items: (float(bool(_points(items))), 1.0),
}
