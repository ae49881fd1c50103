"""What a shape starts and ends with: a property of its formula, whatever its arguments are."""

from __future__ import annotations

from lrdsl.formula.formula import ONE, ZERO, Apply, Formula, Var, apply


def sole_parameter(value: Formula, word: str) -> str | None:
    """The parameter that a shape's value at one of its ends is exactly.

    Args:
        value: the value there, in terms of the parameters.
        word: what such a parameter is called at this end, if not ``value``: ``start`` or ``end``.

    Returns:
        Its name; None where the value is anything else.
    """
    found = _settled(value)
    return found.name if isinstance(found, Var) and found.name in {word, "value"} else None


def _settled(formula: Formula) -> Formula:
    """A formula without what comes to a number for all parameters that it has a value for.

    ``0 / x`` and ``0 ^ x`` are 0, ``x / x`` is 1, and ``a - x + x`` is a.
    """
    if not isinstance(formula, Apply):
        return formula
    first, *rest = [_settled(arg) for arg in formula.args]
    if formula.op in {"/", "^"} and first == ZERO:
        return ZERO
    if formula.op == "/" and first == rest[0]:
        return ONE
    difference = isinstance(first, Apply) and first.op == "-" and formula.op == "+"
    if difference and first.args[1] == rest[0]:
        return first.args[0]
    return apply(formula.op, first, *rest)
