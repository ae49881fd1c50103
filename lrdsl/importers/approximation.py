"""A curve as points with straight lines between them: for what cannot be said exactly."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from lrdsl.importers.symbols import spelled
from lrdsl.record import record

# A text with more of them would be no help to anybody who reads it.
MOST = 64
# Where every step is that close, as a share of the peak, more points would add nothing.
_CLOSE = 1e-9
# Digits of a value, beyond which nobody compares learning rates by eye.
_DIGITS = 9


@record
class Approximation:
    """A curve as points.

    Attributes:
        text: the program, in terms of ``base``.
        points: how many there are.
        largest: the largest error, as a share of the peak.
        step: the step at which it is.
    """

    text: str
    points: int
    largest: float
    step: int


def approximated(factors: Sequence[float]) -> Approximation:
    """The points that follow a curve most closely, the worst step becoming the next point.

    Args:
        factors: the curve as shares of ``base``, one for each step.

    >>> approximated([0.0, 0.5, 1.0, 0.5, 0.0]).text
    'points([0, 2, 4], [0, 1, 0]) * base'
    """
    peak = max(map(abs, factors)) or 1.0
    values = [float(f"{factor:.{_DIGITS}g}") for factor in factors]
    knots = {0, len(factors) - 1}
    # The stretches between two points, that with the largest error first.
    stretches: list[tuple[float, int, int, int]] = []
    heappush(stretches, _stretch(factors, values, 0, len(factors) - 1))
    while len(knots) < MOST and -stretches[0][0] > _CLOSE * peak:
        _, worst, first, last = heappop(stretches)
        knots.add(worst)
        heappush(stretches, _stretch(factors, values, first, worst))
        heappush(stretches, _stretch(factors, values, worst, last))
    error, step, *_ = stretches[0]
    times = sorted(knots)
    heights = ", ".join(spelled(values[t]) for t in times)
    text = f"points([{', '.join(map(str, times))}], [{heights}]) * base"
    return Approximation(text, len(times), -error / peak, step)


def _stretch(
    factors: Sequence[float], values: Sequence[float], first: int, last: int
) -> tuple[float, int, int, int]:
    """Minus the largest error between two points, its step, and the two."""
    rise, length = values[last] - values[first], max(1, last - first)
    errors = (
        (-abs(factors[t] - values[first] - rise * (t - first) / length), t)
        for t in range(first, last + 1)
    )
    return (*min(errors), first, last)
