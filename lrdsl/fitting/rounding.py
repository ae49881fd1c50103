"""How round a number is, and the roundest numbers between two others."""

from __future__ import annotations

import math

# As many digits tell any two floats apart.
_MOST_DIGITS = 12


def digits(value: float) -> int:
    """The digits that it takes to write a number.

    >>> [digits(value) for value in (0, 3e-4, 0.25, 1500, 7727)]
    [1, 1, 2, 2, 4]
    """
    mantissa = f"{value:.{_MOST_DIGITS - 1}e}".partition("e")[0]
    return len(mantissa.lstrip("-").replace(".", "").rstrip("0")) or 1


def roundest(low: float, high: float, most: int) -> list[float]:
    """The roundest numbers between two others, the roundest ones first.

    >>> roundest(0.0094, 0.0112, 4)
    [0.01, 0.0099, 0.0098, 0.0097]
    >>> roundest(0, 9e-10, 3)
    [0.0, 4e-10, 5e-10]

    Args:
        low: the lower one.
        high: the upper one.
        most: how many numbers to give.
    """
    found: list[float] = [0.0] if low <= 0 <= high else []
    size = max(abs(low), abs(high))
    if not size or not math.isfinite(size):
        return found
    exponent = math.floor(math.log10(size)) + 1
    # Of an interval around 0, a number is round at any size.
    for place in range(1, _MOST_DIGITS + 2):
        power = exponent - place
        unit = 10.0**power
        first, last = math.ceil(low / unit - 1e-9), math.floor(high / unit + 1e-9)
        if last - first > 100 * most:
            break
        fresh = [float(f"{n}e{power}") for n in range(first, last + 1)]
        found += [value for value in fresh if value not in found]
        if len(found) >= most:
            break
    middle = (low + high) / 2
    return sorted(found, key=lambda n: (n != 0, digits(n), abs(n - middle)))[:most]


def whole(low: float, high: float, nearest: float, most: int) -> list[int]:
    """Whole numbers between two others, the likeliest ones first.

    >>> whole(997.2, 1001.7, 999.1, 3), whole(100, 900, 480, 2)
    ([1000, 999, 998], [500, 400])

    Args:
        low: the lower one.
        high: the upper one.
        nearest: the one that is expected.
        most: how many numbers to give.
    """
    first, last = math.ceil(low - 1e-6), math.floor(high + 1e-6)
    unit = 1
    while (last - first) // unit > 4 * most:
        unit *= 10
    numbers = range(-(-first // unit) * unit, last + 1, unit)
    return sorted(numbers, key=lambda n: (digits(n), abs(n - nearest)))[:most]


def fewest(low: float, high: float, unit: float = 0.0) -> float:
    """The digits of the roundest number between two others; infinite if there is none.

    >>> fewest(0.0094, 0.0112), fewest(409.2, 419.7), fewest(-1, 3), fewest(7.2, 7.9, unit=1)
    (1, 2, 1, inf)

    Args:
        low: the lower one.
        high: the upper one.
        unit: what the number is a multiple of; 0 if it is any number.
    """
    if low <= 0 <= high:
        return 1
    size = max(abs(low), abs(high))
    if not math.isfinite(size):
        return 1
    exponent = math.floor(math.log10(size))
    for place in range(_MOST_DIGITS + 1):
        step = 10.0 ** (exponent - place)
        if step < unit:
            return math.inf
        first, last = math.ceil(low / step), math.floor(high / step)
        if first <= last:
            # A coarser step has no multiple there, so none of these ends in a 0.
            return max(1, min(place + 1, len(f"{abs(first)}".rstrip("0"))))
    return _MOST_DIGITS


def digits_of(value: float) -> int:
    """How many significant digits a number is written with.

    >>> digits_of(3e-4), digits_of(1.25)
    (1, 3)
    """
    mantissa = f"{value:.16e}" if not math.isfinite(value) else repr(value).split("e")[0]
    return len(mantissa.replace(".", "").replace("-", "").strip("0")) or 1


def shortest(low: float, high: float) -> float:
    """The middle between two numbers, rounded to as few digits as lie between them.

    >>> shortest(0.3332, 0.3341), shortest(1.99, 2.003), shortest(0.0999999999, 0.1000000001)
    (0.334, 2.0, 0.1)
    """
    middle = (low + high) / 2
    for digits in range(1, 18):
        rounded = float(f"{middle:.{digits}g}")
        if low <= rounded <= high:
            return rounded
    return middle
