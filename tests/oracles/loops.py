"""Time, the slow way: exact fractions, and loops that a reader can follow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import accumulate


def half_up(amount: Fraction) -> int:
    """The nearest whole number, half up."""
    return math.floor(amount + Fraction(1, 2))


def boundaries(sizes: Iterable[Fraction]) -> list[int]:
    """The boundaries of a sequence of parts of these exact lengths, from 0 on."""
    return [half_up(total) for total in accumulate(sizes, initial=Fraction(0))]


def cycle_starts(cycle: Fraction, stretch: Fraction, times: int) -> list[int]:
    """The first step of each of some cycles, and the step behind the last."""
    return boundaries(cycle * stretch**k for k in range(times))


def repeated(
    curve: Callable[[int, int], float], starts: list[int], decay: float
) -> Iterator[float]:
    """Every value of a repetition, its end included.

    Args:
        curve: the value of a cycle at a local step, given its length.
        starts: first step of each cycle, and the step behind the last.
        decay: what each cycle is multiplied by, against the one before.
    """
    factor = 1.0
    for k, start in enumerate(starts[:-1]):
        length = starts[k + 1] - start
        for local in range(length):
            yield factor * curve(local, length)
        if k == len(starts) - 2:
            yield factor * curve(length, length)
        factor *= decay


def half_cosine(start: float, end: float) -> Callable[[int, int], float]:
    """Half a cosine from one value to another, in the form that papers print."""

    def curve(t: int, length: int) -> float:
        return end + (start - end) * (1 + math.cos(math.pi * t / length)) / 2

    return curve


def straight(start: float, end: float) -> Callable[[int, int], float]:
    """A straight line from one value to another."""

    def curve(t: int, length: int) -> float:
        return float(Fraction(start) + (Fraction(end) - Fraction(start)) * Fraction(t, length))

    return curve
