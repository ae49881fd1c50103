"""Turns decimals into floats, many at once.

Python takes some 0.4 µs for each number with 17 digits, which is as long as everything else takes
that is done with a line of a table. Here each step of the way is done for all numbers of a piece:
the digits as a whole number m, the power of ten q, and m · 10^q with twice the precision of a
float. What is left over decides whether the float nearest to it is the one nearest to the decimal;
in one case of 2^40 it does not, and Python converts that number.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# The longest decimal that is converted here, without its exponent. A text has so many bytes before
# and after what is looked at.
LONGEST = 32
# The powers of ten for which no step overflows or loses digits.
_LOW, _HIGH = -60, 40
# More than the error of a product of two numbers of twice the precision, as a share of it.
_ERROR = 2.0**-98
# Splits a float into two halves of 26 bits, whose products are exact.
_SPLIT = 2.0**27 + 1
_POINT, _ZERO, _E = ord("."), ord("0"), ord("e")


def floats(text: Bytes, starts: Places, ends: Places) -> tuple[Floats, Flags]:
    """The decimals in a text as floats, each as ``float`` rounds it.

    Args:
        text: bytes, the first and the last `LONGEST` of which belong to no decimal.
        starts: where each decimal starts.
        ends: where it ends.

    Returns:
        The floats, and for each whether it was converted. What is longer, has a very large or small
        exponent, or is no plain decimal at all is not.
    """
    import numpy as np

    ends, powers, is_known = _powers(text, starts, ends)
    signs = text[starts]
    is_negative = signs == ord("-")
    starts = starts + (is_negative | (signs == ord("+")))
    digits, places, is_whole = _digits(text, starts, ends)
    is_known &= is_whole
    powers = powers - places
    if not powers.any():
        values = digits.astype(np.float64)
    else:
        is_known &= (powers >= _LOW) & (powers <= _HIGH)
        values, is_sure = _scaled(digits, np.clip(powers, _LOW, _HIGH))
        is_known &= is_sure
    return (np.where(is_negative, -values, values) if is_negative.any() else values), is_known


def _powers(text: Bytes, starts: Places, ends: Places) -> tuple[Places, Places, Flags]:
    """Where the digits end, the powers of ten after them, and whether these could be read."""
    import numpy as np

    powers = np.zeros(len(ends), np.int64)
    is_known = np.ones(len(ends), bool)
    found = ends
    for length in (2, 3, 4, 5):  # e5, e-5, e-05, e-300
        have = np.flatnonzero(((text[ends - length] | 32) == _E) & (ends - length > starts))
        if not len(have):
            continue
        found = found.copy() if found is ends else found
        found[have] -= length
        first = found[have] + 1
        signs = text[first]
        is_signed = (signs == ord("-")) | (signs == ord("+"))
        is_known[have] &= ~is_signed | (length > 2)
        for place in range(1, length):
            digits = text[found[have] + place] - np.uint8(_ZERO)
            is_digit = digits < 10
            if place > 1:
                is_known[have] &= is_digit
            else:
                is_known[have] &= is_digit | is_signed
            powers[have] = powers[have] * 10 + np.where(is_digit, digits, 0)
        powers[have] = np.where(signs == ord("-"), -powers[have], powers[have])
    return found, powers, is_known


def _digits(text: Bytes, starts: Places, ends: Places) -> tuple[NDArray[np.uint64], Places, Flags]:
    """The digits of decimals as whole numbers, how many follow the point, and which were read."""
    import numpy as np

    lengths = ends - starts
    longest = int(lengths.max(initial=1))
    width = min(-(-max(longest, 1) // 8) * 8, LONGEST)
    windows: NDArray[np.void] = np.ndarray(
        (len(text) - width + 1,), f"V{width}", buffer=text, strides=(1,)
    )
    # A row for each place of the texts, which end in the last one.
    rows = np.ascontiguousarray(windows[ends - width].view(np.uint8).reshape(-1, width).T)
    place = np.arange(width, dtype=np.uint8)[:, None]
    is_inside = place >= np.maximum(width - lengths, 0).astype(np.uint8)
    is_point = (rows == _POINT) & is_inside
    rows -= np.uint8(_ZERO)
    is_digit = (rows < 10) & is_inside
    rows *= is_digit
    points = np.add.reduce(is_point, axis=0, dtype=np.uint8)
    digits = np.add.reduce(is_digit, axis=0, dtype=np.uint8)
    is_known = (digits > 0) & (points <= 1) & (points + digits == lengths)
    places = np.zeros(len(ends), np.int64)
    if points.any():
        point = np.add.reduce(is_point * place, axis=0, dtype=np.uint8)
        places += np.where(points == 1, width - 1 - point, 0)
        # The digits before the point close up to those after it.
        is_before = (place <= point) & (points == 1)
        moving = rows * is_before
        rows -= moving
        rows[1:] += moving[:-1]
    pairs = rows[0::2] * np.uint8(10) + rows[1::2]
    fours = pairs[0::2] * np.uint16(100) + pairs[1::2]
    eights = fours[0::2] * np.uint32(10_000) + fours[1::2]
    total = eights[0].astype(np.uint64)
    for eight in eights[1:]:
        is_known &= total < 10**11
        total = total * np.uint64(10**8) + eight
    return total, places, is_known


@cache
def _tens() -> tuple[Floats, Floats]:
    """The powers of ten, each as a float and what is missing from it."""
    import numpy as np

    exact = [Fraction(10) ** power for power in range(_LOW, _HIGH + 1)]
    high = [float(one) for one in exact]
    low = [float(one - Fraction(near)) for one, near in zip(exact, high, strict=True)]
    return np.array(high), np.array(low)


def _scaled(digits: NDArray[np.uint64], powers: Places) -> tuple[Floats, Flags]:
    """Whole numbers below 10^19 times powers of ten, and which of them are surely rounded well."""
    import numpy as np

    high, low = (table[powers - _LOW] for table in _tens())
    near = digits.astype(np.float64)
    left = (digits - near.astype(np.uint64)).astype(np.int64).astype(np.float64)
    product, error = _exact_product(near, high)
    error += near * low + left * high
    value = product + error
    rest = error - (value - product)
    margin = value * _ERROR
    is_sure = (value + (rest + margin) == value) & (value + (rest - margin) == value)
    return value, is_sure


def _exact_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The product of floats, rounded, and its error, exactly (Dekker 1971)."""
    product = a * b
    a_high, b_high = a * _SPLIT, b * _SPLIT
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error
