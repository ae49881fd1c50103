"""The rules for the arguments that describe a run: plain functions which raise ``ValueError``.

``lrdsl.resolve.run`` reports to the caller of ``resolve`` what they say, and ``lrdsl.context``
wraps them for pydantic.
"""

from __future__ import annotations

import math
import re

from lrdsl import limits
from lrdsl.check.conversions import respelled
from lrdsl.outside import as_number
from lrdsl.resolve.run_arguments import UNITS
from lrdsl.text import numbers

# The bits of an integer of as many digits as a number may have.
_MOST_BITS = (10**limits.DIGITS).bit_length()
_UNIT = r"[A-Za-z_]\w*"


def literal(value: object) -> str:
    """A number or a length, as the language spells it.

    Args:
        value: a number, or a text that spells one.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        text = value.strip()
    else:
        try:
            number = as_number(value)
        except ValueError:
            raise ValueError("this is neither a number nor a length") from None
        if isinstance(number, int) and number.bit_length() > _MOST_BITS:
            raise ValueError(f"a number has at most {limits.DIGITS} digits")
        text = repr(number)
    quantity = numbers.read(text.removeprefix("-"))
    try:
        quantity.nearest  # noqa: B018 - it has to exist
    except OverflowError:
        raise ValueError("a number is at most 1.8e308") from None
    return text


def total(value: object) -> str:
    """The length of a run, as the language spells it.

    Args:
        value: whole steps, or a text such as ``"90ep"``.

    Raises:
        ValueError: it is no length, or none that a run can have.
    """
    text = literal(value)
    quantity = numbers.read(text.removeprefix("-"))
    if quantity.unit == "%":
        raise ValueError("the length of the run cannot be a share of itself")
    if text.startswith("-") or not quantity.exact:
        raise ValueError("the length of the run is above 0")
    if not quantity.unit and quantity.exact.denominator != 1:
        raise ValueError("a bare number counts whole steps")
    return text


def amount(value: object) -> float:
    """A number of epochs or units: a number above 0.

    Args:
        value: a number of any kind, or a text that spells one.

    Raises:
        ValueError: it is no such number.
    """
    number = _spelled(value.strip()) if isinstance(value, str) else _number(value)
    if not math.isfinite(number):
        raise ValueError("input should be a finite number")
    if number <= 0:
        raise ValueError("input should be greater than 0")
    return number


def _number(value: object) -> float:
    try:
        return float(as_number(value))
    except (ValueError, OverflowError):
        raise ValueError("input should be a valid number") from None


def _spelled(text: str) -> float:
    try:
        quantity = numbers.read(text.removeprefix("-"))
        if not quantity.unit:
            return -quantity.nearest if text.startswith("-") else quantity.nearest
    except (ValueError, OverflowError):
        pass
    try:
        return float(text)  # which knows inf and nan, and spells some numbers otherwise
    except ValueError:
        reason = "input should be a valid number, unable to parse string as a number"
        raise ValueError(reason) from None


def unit(name: object) -> str:
    """The name of a unit of the caller's.

    Args:
        name: what is proposed.

    Raises:
        ValueError: it cannot be one.
    """
    if not isinstance(name, str):
        raise ValueError("input should be a valid string")
    if name in UNITS:
        raise ValueError(f"give `{UNITS[name][0]}` instead")
    if name == "st" or respelled(name):
        raise ValueError("it stands for a unit of the language already")
    if not re.fullmatch(_UNIT, name):
        raise ValueError("a name is made of the letters a to z, digits and `_`")
    if name[0] in numbers.SUFFIXES:
        raise ValueError("a unit cannot start with k, M or B, which stand for thousands and more")
    return name


def param(name: object) -> str:
    """The name of a ``param``, which need not be one of the program.

    Args:
        name: what is proposed.

    Raises:
        ValueError: it is no text.
    """
    if not isinstance(name, str):
        raise ValueError("input should be a valid string")
    return name
