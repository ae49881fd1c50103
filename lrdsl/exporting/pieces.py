"""A formula between two steps: divided where its conditions change, and said in whole numbers."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator

from lrdsl.formula.formula import (
    UNDEFINED,
    Apply,
    Const,
    Formula,
    Var,
    apply,
    evaluate,
    substitute,
)

T = Var("t")
# A formula is divided into so many pieces at most; what is left are conditions in the formula.
_PIECES = 16
# Where a part has no end.
_FAR = 2**53


def pieces(formula: Formula, first: int, stop: float) -> list[tuple[int, Formula]]:
    """The formula in pieces without conditions on ``t``, as far as they can be taken out.

    Args:
        formula: in terms of ``t``, whole from ``first`` to below ``stop``.
        first: the first step.
        stop: the step after the last.

    Returns:
        The first step of each piece, and its formula there.
    """
    last = _FAR if stop == math.inf else int(stop) - 1
    found = list(_divided(formula, first, last))
    if len(found) > _PIECES:
        return [(first, formula)]
    return found


def _divided(formula: Formula, first: int, last: int) -> Iterator[tuple[int, Formula]]:
    formula = _decided(formula, first, last)
    place = next(_breaks(formula, first, last), None)
    if place is None:
        yield first, formula
        return
    yield from _divided(formula, first, place - 1)
    yield from _divided(formula, place, last)


def _breaks(formula: Formula, first: int, last: int) -> Iterator[int]:
    """Steps at which a condition or a segment of ``interpolate`` changes."""
    if not isinstance(formula, Apply):
        return
    if formula.op == "if":
        place = _change(formula.args[0], first, last)
        if place is not None:
            yield place
    elif formula.op == "interpolate":
        yield from _corners(formula, first, last)
    for arg in formula.args:
        yield from _breaks(arg, first, last)


def _corners(formula: Apply, first: int, last: int) -> Iterator[int]:
    xs = _numbers(formula.args[1])
    if formula.args[0] == T and xs is not None and len(xs) <= _PIECES:
        for x in xs:
            if first < math.ceil(x) <= last:
                yield math.ceil(x)


def _numbers(formula: Formula) -> list[float] | None:
    """The items of a list of numbers."""
    if not isinstance(formula, Apply) or formula.op != "list":
        return None
    found = [item.value for item in formula.args if isinstance(item, Const)]
    return found if len(found) == len(formula.args) else None


def _change(condition: Formula, first: int, last: int) -> int | None:
    """The step at which a condition becomes another than at the first step; None if unknown."""
    truth = _monotone(condition)
    if truth is None:
        return None
    try:
        before, after = truth(first), truth(last)
        if before == after:
            return None
        low, high = first, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if truth(middle) == before else (low, middle)
    except UNDEFINED:
        return None
    return high


def _monotone(condition: Formula) -> Callable[[int], bool] | None:
    """The truth of an order between a line in ``t`` and a number, by step; None of all else."""
    if not isinstance(condition, Apply) or condition.op not in {"<", "<=", ">", ">="}:
        return None
    left, right = condition.args
    if condition.names != {"t"} or not (is_line(left) and is_line(right)):
        return None
    if "t" in left.names and "t" in right.names:
        return None
    return lambda t: bool(evaluate(condition, {"t": float(t)}))


def is_line(formula: Formula) -> bool:
    """True if a formula rises all the way, falls all the way or is a number."""
    if not isinstance(formula, Apply) or "t" not in formula.names:
        return True
    if formula.op not in {"+", "-", "*", "/"} or not all(map(is_line, formula.args)):
        return False
    left, right = formula.args
    if formula.op == "/":
        return "t" not in right.names
    return "t" not in left.names or "t" not in right.names


def _decided(formula: Formula, first: int, last: int) -> Formula:
    """The formula with the sides of each ``if`` that the steps take."""
    if not isinstance(formula, Apply) or "t" not in formula.names:
        return formula
    if formula.op == "if":
        yes, no = formula.args[1:]
        condition = formula.args[0]
        truth = _monotone(condition)
        if truth is not None:
            side = _side(truth, yes, no, first, last)
            if side is not None:
                return _decided(side, first, last)
    if formula.op == "interpolate" and (line := _segment(formula, first, last)) is not None:
        return line
    if formula.op == "passed" and (count := _count(formula, first, last)) is not None:
        return Const(float(count))
    return apply(formula.op, *[_decided(arg, first, last) for arg in formula.args])


def _count(formula: Apply, first: int, last: int) -> int | None:
    """The points that have been passed, if they are the same at all steps."""
    points, t = formula.args
    numbers = _numbers(points)
    if t != T or numbers is None:
        return None
    count = bisect_right(numbers, first)
    return count if count == bisect_right(numbers, last) else None


def _side(
    truth: Callable[[int], bool], yes: Formula, no: Formula, first: int, last: int
) -> Formula | None:
    """The side of an ``if`` that gives the values at all steps; None if both are needed."""
    try:
        before, after = truth(first), truth(last)
        if before == after:
            return yes if before else no
        here, there = (yes, no) if before else (no, yes)
        # Often both sides meet where one goes over into the other.
        if last - first > 1:
            if truth(last - 1) == before and _at(here, last) == _at(there, last):
                return here
            if truth(first + 1) == after and _at(here, first) == _at(there, first):
                return there
    except UNDEFINED:
        pass
    return None


def _at(formula: Formula, t: int) -> Formula | float:
    found = substitute(formula, {"t": Const(float(t))})
    return found if isinstance(found, Const) else math.nan


def _segment(formula: Apply, first: float, last: float) -> Formula | None:
    """The line between two points, where an ``interpolate`` is nothing else."""
    t, (xs, ys) = formula.args[0], map(_items, formula.args[1:])
    numbers = _numbers(formula.args[1])
    if t != T or numbers is None or not numbers:
        return None
    right = sum(1 for x in numbers if x <= first)
    if right != sum(1 for x in numbers if x <= last):
        return None
    if right in {0, len(numbers)}:
        return ys[max(right - 1, 0)]
    x0, x1 = numbers[right - 1], numbers[right]
    width = Const(x1 - x0)
    before = apply("*", ys[right - 1], apply("/", apply("-", xs[right], t), width))
    after = apply("*", ys[right], apply("/", apply("-", t, xs[right - 1]), width))
    return apply("+", before, after)


def _items(formula: Formula) -> tuple[Formula, ...]:
    return formula.args if isinstance(formula, Apply) else ()


def without_lists(formula: Formula) -> Formula:
    """The formula without what it looks up in lists at known places."""
    if not isinstance(formula, Apply):
        return formula
    args = [without_lists(arg) for arg in formula.args]
    if formula.op == "interpolate" and isinstance(args[0], Const):
        place = args[0].value
        line = _segment(Apply.of("interpolate", T, *args[1:]), place, place)
        return apply(formula.op, *args) if line is None else substitute(line, {"t": args[0]})
    items = _items(args[0]) if args else ()
    if items:
        if formula.op == "last":
            return items[-1]
        if formula.op == "count":
            return Const(float(len(items)))
        if formula.op == "pick" and isinstance(args[1], Const) and 0 <= args[1].value < len(items):
            return items[int(args[1].value)]
    return apply(formula.op, *args)


def operations(formula: Formula) -> set[str]:
    """The operations in a formula."""
    if not isinstance(formula, Apply):
        return set()
    return {formula.op}.union(*map(operations, formula.args))


def is_whole(formula: Formula, wholes: frozenset[str] = frozenset({"t"})) -> bool:
    """True if a formula computes whole numbers from whole numbers.

    Args:
        formula: the formula.
        wholes: the variables that are whole numbers.
    """
    match formula:
        case Const(value):
            return not isinstance(value, bool) and math.isfinite(value) and value == int(value)
        case Var(name):
            return name in wholes
    if formula.op in {"//", "%", "passed"}:
        return True
    return formula.op in {"+", "-", "*"} and all(is_whole(arg, wholes) for arg in formula.args)


def in_whole_numbers(formula: Formula, wholes: frozenset[str] = frozenset({"t"})) -> Formula:
    """The formula with ``//`` and ``%`` where it takes the floor of whole numbers.

    Args:
        formula: the formula.
        wholes: the variables that are whole numbers.
    """
    if not isinstance(formula, Apply):
        return formula
    args = [in_whole_numbers(arg, wholes) for arg in formula.args]
    if formula.op == "floor":
        if is_whole(args[0], wholes):
            return args[0]
        if isinstance(args[0], Apply) and args[0].op == "/":
            top, bottom = args[0].args
            if is_whole(top, wholes) and is_whole(bottom, wholes):
                return Apply.of("//", top, bottom)
    if formula.op == "-" and (remainder := _remainder(args[0], args[1])) is not None:
        return remainder
    return Apply.of(formula.op, *args)


def _remainder(top: Formula, product: Formula) -> Formula | None:
    """``a % b`` for ``a - b * (a // b)``."""
    if isinstance(product, Apply) and product.op == "*":
        bottom, ratio = product.args
        if ratio == Apply.of("//", top, bottom):
            return Apply.of("%", top, bottom)
    return None
