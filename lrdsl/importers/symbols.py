"""Numbers of other systems that know how lrdsl writes them, whether or not their value is known.

``len(loader) * epochs`` of a script has no value before it runs. An importer computes with it all
the same: such a number has a value to try the translation with, and the expression that stands for
it in the text.

>>> epochs = Whole(30, "epochs")
>>> f"warmup(5) >> cosine({epochs - 5})", int(epochs - 5)
('warmup(5) >> cosine(epochs - 5)', 25)
>>> f"warmup(5) >> cosine({Whole(90) - 5}, end = {Real(1e-05)})"
'warmup(5) >> cosine(85, end = 1e-5)'
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from operator import add, mul, pow, sub, truediv
from typing import Any

from lrdsl.importers.refusal import Refused
from lrdsl.outside import is_number

# How tightly an expression holds together; what has no operator holds tightest.
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
# The updates of an epoch.
EPOCH = "1ep"
_LENGTH = re.compile(r"(?<![\w.])[\d.]+ep\b")
_HOLDS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}


class _Number:
    """What both kinds share: the expression, and arithmetic that keeps it.

    Attributes:
        text: the number as lrdsl writes it.
        is_known: True if it has no name in it: its value is the number itself.
    """

    text: str
    is_known: bool
    holds: int

    def _note(self, text: str | None, holds: int, value: float) -> None:
        self.text = spelled(value) if text is None else text
        self.is_known = text is None
        self.holds = holds

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def __format__(self, _: str) -> str:
        return self.text

    def __add__(self, other: Any) -> Any:
        return _apply(add, "+", self, other)

    def __radd__(self, other: Any) -> Any:
        return _apply(add, "+", other, self)

    def __sub__(self, other: Any) -> Any:
        return _apply(sub, "-", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _apply(sub, "-", other, self)

    def __mul__(self, other: Any) -> Any:
        return _apply(mul, "*", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _apply(mul, "*", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _apply(truediv, "/", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _apply(truediv, "/", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return floor(_apply(truediv, "/", self, other))

    def __rfloordiv__(self, other: Any) -> Any:
        return floor(_apply(truediv, "/", other, self))

    def __pow__(self, other: Any) -> Any:
        return _apply(pow, "^", self, other)

    def __neg__(self) -> Any:
        return _apply(sub, "-", 0, self)


class Whole(_Number, int):  # type: ignore[misc]  # int's `**` takes a third argument
    """A whole number.

    Args:
        value: the number, or one to try.
        text: how it is written, if it is not known.
        holds: how tightly that holds together.
    """

    def __new__(cls, value: int, text: str | None = None, holds: int = _ATOM) -> Whole:  # noqa: D102
        self = int.__new__(cls, value)
        self._note(text, holds, value)
        return self


class Real(_Number, float):  # type: ignore[misc]  # likewise
    """Any other number.

    Args:
        value: the number, or one to try.
        text: how it is written, if it is not known.
        holds: how tightly that holds together.
    """

    def __new__(cls, value: float, text: str | None = None, holds: int = _ATOM) -> Real:  # noqa: D102
        self = float.__new__(cls, value)
        self._note(text, holds, value)
        return self


Number = Whole | Real


def written(value: float, text: str | None = None, holds: int = _ATOM) -> Number:
    """A number with what stands for it.

    Args:
        value: its value.
        text: how it is written, if it is not known.
        holds: how tightly that holds together.
    """
    if isinstance(value, Whole | Real):
        return value
    return Whole(value, text, holds) if isinstance(value, int) else Real(value, text, holds)


def is_known(value: float) -> bool:
    """True for a number whose value is not one that was chosen to try."""
    return not isinstance(value, _Number) or value.is_known


def spelled(value: float) -> str:
    """A number as lrdsl writes it, with every digit that tells it from others.

    >>> spelled(30), spelled(0.1), spelled(1e-05), spelled(2.5e+20), spelled(3.0)
    ('30', '0.1', '1e-5', '2.5e20', '3')
    """
    mantissa, mark, exponent = repr(plain(value)).partition("e")
    return f"{mantissa.removesuffix('.0')}{mark}{int(exponent) if mark else ''}"


def _apply(operate: Callable[[Any, Any], Any], sign: str, left: Any, right: Any) -> Any:
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return NotImplemented
    value = operate(plain(left), plain(right))
    if is_known(left) and is_known(right):
        return written(value)
    if sign in "+-" and is_known(right) and not right:
        return written(left)
    level = _HOLDS[sign]
    for factor, epoch in ((left, right), (right, left)) if sign == "*" else ():
        if str(epoch) == EPOCH and is_known(factor) and factor >= 0:
            return written(value, f"{written(factor)}ep")
    # To the right of `-` and `/` a term of the same strength needs its parentheses.
    return written(value, f"{_held(left, level)} {sign} {_held(right, level + 1)}", level)


def plain(value: Any) -> Any:
    """A value as a package takes it: its numbers without their texts, those of a list too.

    Args:
        value: a number, a list or anything else.

    >>> plain([Whole(3, "n"), Real(0.5), "cosine", True])
    [3, 0.5, 'cosine', True]
    """
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if not is_number(value):
        return value
    return int(value) if isinstance(value, int) else float(value)


def _held(value: float, level: int) -> str:
    number = written(value)
    is_negative = number.is_known and number < 0
    return f"({number})" if number.holds < level or is_negative else number.text


def _rounded(value: float, name: str, by: Callable[[float], int]) -> Whole:
    if isinstance(value, Whole):
        return value
    if not is_known(value) and _LENGTH.search(str(value)):
        raise Refused(
            f"{value} is rounded to whole updates, and the source does not say how many an epoch"
            " has: pass --steps-per-epoch"
        )
    return Whole(by(float(value)), None if is_known(value) else f"{name}({value})")


def ceil(value: float) -> Whole:
    """The next whole number above."""
    return _rounded(value, "ceil", math.ceil)


def floor(value: float) -> Whole:
    """The next whole number below, which is `int` of what is not negative."""
    return _rounded(value, "floor", math.floor)


def rounded(value: float) -> Whole:
    """Python's ``round``: to the nearest whole number, a half to an even one. It has to be known.

    Args:
        value: the number.

    Raises:
        ValueError: its value is not known; lrdsl's formulas have no such rounding.
    """
    if not is_known(value):
        raise ValueError(f"`round({value})` cannot be written before it has a value")
    return Whole(round(float(value)))
