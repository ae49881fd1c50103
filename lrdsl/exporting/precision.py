"""Formulas in forms that lose few digits in float32, where what they start from is rounded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from lrdsl.exporting.curves import Combined, Curve, Cycles, Every, Grid, Leaf
from lrdsl.exporting.pieces import is_line, is_whole
from lrdsl.formula.formula import UNDEFINED, ZERO, Apply, Const, Formula, Var, evaluate
from lrdsl.record import replace

# A power multiplies the error of its base by its exponent; below this there is nothing to mend.
_HIGH = 5
Span = tuple[float, float]


def precise(curve: Curve, span: Span, largest: int) -> Curve:
    """A curve whose values in float32 are nearly as exact as those numbers are.

    * A high power of what lies between 0 and 1 is computed from its distance to 1:
      ``exp(50 * log1p(-t / 100))`` for ``((100 - t) / 100) ^ 50``.
    * The remainder of a multiple with a fraction is that of a whole multiple and the rest:
      ``(11 * t % 45 + (11.5 - 11) * t) % 45`` for ``11.5 * t - 45 * floor(11.5 * t / 45)``.

    Args:
        curve: the curve.
        span: the first and the last ``t``.
        largest: the largest whole number.
    """
    match curve:
        case Leaf(formula):
            return replace(curve, formula=_mended(formula, span, largest))
        case Combined(op, curves):
            return Combined(op, tuple([precise(one, span, largest) for one in curves]))
        case Every(bounds, inner):
            return Every(bounds, precise(inner, span, largest))
        case Cycles(bounds, inner):
            return replace(curve, curve=precise(inner, (0, longest(bounds) - 1), largest))
    return curve  # the parts of a chain have spans of their own


def longest(bounds: Grid | tuple[int, ...]) -> int:
    """The most steps that a cycle has."""
    if isinstance(bounds, Grid):
        return -(-bounds.cycle // bounds.unit)
    return max(end - start for start, end in pairwise(bounds))


def _mended(formula: Formula, span: Span, largest: int) -> Formula:
    if not isinstance(formula, Apply):
        return formula
    found = _power(formula, span) or _remainder(formula, span, largest)
    return found or Apply.of(formula.op, *[_mended(arg, span, largest) for arg in formula.args])


def _power(formula: Apply, span: Span) -> Formula | None:
    """A high power by way of the distance of its base to 1."""
    above: Formula | None = None
    match formula:
        case Apply("^", (Apply("sin", (angle,)), Const(power))) if power > _HIGH:
            power /= 2
            if _is_between(angle, math.pi, span):
                above = Apply.of("-", ZERO, Apply.of("^", _cosine(angle), Const(2.0)))
        case Apply("^", (base, Const(power))) if power > _HIGH and _is_between(base, 1.0, span):
            above = _above_one(base)
    if above is None:
        return None
    return Apply.of("exp", Apply.of("*", Const(power), Apply.of("log1p", above)))


def _cosine(angle: Formula) -> Formula:
    """The cosine of an angle; near a right angle by the sine of what is left to it."""
    match angle:
        case Apply(
            "/",
            (
                Apply("*", (Const(math.pi), Apply("/", (Apply("-", (Const(top), t)), bottom)))),
                Const(2.0),
            ),
        ) if bottom == Const(top):
            left = Apply.of("*", Const(math.pi), Apply.of("/", t, bottom))
            return Apply.of("sin", Apply.of("/", left, Const(2.0)))
    return Apply.of("cos", angle)


def _above_one(base: Formula) -> Formula | None:
    """What a formula is above 1, where that is less rounded than the formula."""
    match base:
        case Apply("/", (Apply("-", (Const(first), rest)), Const(bottom))) if first == bottom:
            top = Apply.of("-", ZERO, rest)
        case Apply("/", (Apply("-", (Const(first), rest)), Const(bottom))):
            top = Apply.of("-", Const(first - bottom), rest)
        case Apply("/", (Apply("-", (rest, Const(first))), Const(bottom))):
            top = Apply.of("-", rest, Const(first + bottom))
        case Apply("/", (rest, Const(bottom))):
            top = Apply.of("-", rest, Const(bottom))
        case Apply("-", (Const(1.0), rest)):
            return Apply.of("-", ZERO, rest)
        case _:
            return None
    return Apply.of("/", top, Const(bottom))


def _is_between(formula: Formula, most: float, span: Span) -> bool:
    """True if a line in ``t`` is between 0 and a number at all steps."""
    if formula.names != {"t"} or not is_line(formula):
        return False
    try:
        ends = [evaluate(formula, {"t": t}) for t in span]
    except UNDEFINED:
        return False
    return all(isinstance(end, float) and 0 <= end <= most for end in ends)


def _remainder(formula: Apply, span: Span, largest: int) -> Formula | None:
    """The remainder of a multiple with a fraction."""
    match formula:
        case Apply(
            "-",
            (
                Apply("*", (Const(factor), step)) as multiple,
                Apply("*", (length, Apply("floor", (Apply("/", (top, bottom)),)))),
            ),
        ) if (top, bottom) == (multiple, length) and is_whole(step) and is_whole(length):
            whole = math.floor(factor)
            if not 0 < whole < factor or whole * span[1] > largest:
                return None
            turns = Apply.of("%", Apply.of("*", Const(float(whole)), step), length)
            part = Apply.of("-", Const(factor), Const(float(whole)))
            return Apply.of("%", Apply.of("+", turns, Apply.of("*", part, step)), length)
    return None


def multiples(formula: Formula, last: float) -> Iterator[float]:
    """The largest multiples of ``t`` that are computed in whole numbers.

    Args:
        formula: the formula.
        last: the last ``t``.
    """
    match formula:
        case Apply("%" | "//", (Apply("*", (Const(factor), Var("t"))), _)):
            yield abs(factor) * last
        case Apply():
            for arg in formula.args:
                yield from multiples(arg, last)
