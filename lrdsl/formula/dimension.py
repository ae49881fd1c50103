"""The power of time in a formula: whether a curve depends on the unit that time is counted in."""

from __future__ import annotations

from collections.abc import Collection

from lrdsl.formula.formula import Const, Formula, Var
from lrdsl.formula.functions import COMPARISONS

# A power of time; None for 0, which is as many of any unit.
Power = float | None
_TIME = frozenset(["t", "length"])


class MixedTimeError(Exception):
    """Time is added to, or compared with, a plain number."""


def power(formula: Formula, lengths: Collection[str]) -> Power:
    """The power of time in a formula.

    Args:
        formula: a formula.
        lengths: its parameters that are lengths.

    Raises:
        MixedTimeError: it has none: it depends on the unit that time is counted in.
    """
    if isinstance(formula, Const):
        return 0 if formula.value else None
    if isinstance(formula, Var):
        return 1 if formula.name in _TIME or formula.name in lengths else 0
    op, args = formula.op, [power(arg, lengths) for arg in formula.args]
    if op == "*":
        return None if None in args else sum(arg or 0 for arg in args)
    if op == "/":
        return None if args[0] is None else args[0] - (args[1] or 0)
    if op in {"^", "sqrt"}:
        exponent = formula.args[1] if op == "^" else Const(0.5)
        if isinstance(exponent, Const):
            return None if args[0] is None else args[0] * exponent.value
        return _same(args, plain=True)
    if op in COMPARISONS or op == "ascending":
        _same(args)
        return 0
    if op == "if":
        return _same(args[1:])
    if op in {"+", "-", "min", "max", "list", "abs", "last"}:
        return _same(args)
    if op == "passed":
        _same(args)
        return 0
    if op == "interpolate":
        _same(args[:2])
        return args[2]
    if op == "pick":
        return args[0]
    if op == "count":
        return 0
    return _same(args, plain=True)


def _same(powers: list[Power], *, plain: bool = False) -> Power:
    """The one power of several terms; 0 if they have to be plain numbers."""
    found = {each for each in powers if each is not None}
    if len(found) > 1 or (plain and found - {0}):
        raise MixedTimeError
    return 0 if plain else next(iter(found), None)
