"""The axis of the rates: its ends, its ticks, and whether it is logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrdsl.wording import number

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_INTERVALS = range(3, 7)
_FLAT = 1e-6
_THOUSAND, _LEAST_DECADE = 1e3, 300


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of the rates.

    Attributes:
        low: The value at the bottom.
        high: The value at the top.
        ticks: The values marked, ascending.
        labels: The text of each tick, all in one form.
        intervals: Number of equal spaces between ticks; 0 where there is a single level to show.
        log: True if equal distances are equal ratios.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    intervals: int
    log: bool = False

    def height(self, value: float) -> float:
        """The place of a rate, from 0 at the bottom to 1 at the top."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if value <= self.low:
            return 0.0
        return math.log(value / self.low) / math.log(self.high / self.low)


def spans_decades(curves: Iterable[Sequence[float]]) -> bool:
    """True if rates are read better on a logarithmic axis.

    That is where they span more than three decades, and none is 0 but at an end of its curve. The
    lowest twentieth of a curve does not count: whatever starts or ends near 0 passes through every
    decade on its way.

    Args:
        curves: The rates of each curve, evenly spread over its steps.
    """
    peak, floor = 0.0, math.inf
    for values in curves:
        shown = _without_zeros_at_ends(values)
        if not shown or min(shown) <= 0:
            return False
        peak = max(peak, *shown)
        floor = min(floor, sorted(shown)[len(shown) // 20])
    return peak > _THOUSAND * (1 + _FLAT) * floor


def _without_zeros_at_ends(values: Sequence[float]) -> Sequence[float]:
    places = [k for k, value in enumerate(values) if value]
    return values[places[0] : places[-1] + 1] if places else ()


def rate_scale(values: Sequence[float], *, log: bool = False) -> Scale:
    """Chooses the axis for these rates.

    Zero is shown unless the rates stay far away from it. Rates that differ by rounding only are
    one level: it is marked by its own value, not by round numbers near it.

    Args:
        values: All rates shown; those that are not finite are passed over.
        log: True if the axis is logarithmic. Where no rate is above 0 it cannot be.

    Returns:
        The axis.
    """
    finite = [value for value in values if math.isfinite(value)]
    if log and any(value > 0 for value in finite):
        return _log_scale([value for value in finite if value > 0])
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    if high - low <= _FLAT * max(abs(low), abs(high)):
        return _level(high)
    if 0 < low <= high / 2:
        low = 0.0
    elif low / 2 <= high < 0:
        high = 0.0
    step, first, last = min(_candidates(low, high), key=lambda c: _badness(c, low, high))
    ticks = tuple(k * step for k in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks, _labels(ticks, step), last - first)


def _log_scale(values: Sequence[float]) -> Scale:
    """Whole decades, of which every second or third is marked where there are many."""
    first = math.floor(math.log10(min(values)) + _FLAT)
    last = max(math.ceil(math.log10(max(values)) - _FLAT), first + 1)
    stride = -(-(last - first) // (len(_INTERVALS) + 2))
    first = max(last - stride * -(-(last - first) // stride), -_LEAST_DECADE)
    powers = range(last, first - 1, -stride)[::-1]
    ticks = tuple(float(f"1e{power}") for power in powers)
    labels = tuple(f"1e{power}" if abs(power) > 3 else number(10.0**power) for power in powers)
    return Scale(ticks[0], ticks[-1], ticks, labels, len(ticks) - 1, log=True)


def _level(value: float) -> Scale:
    """The axis of a constant: zero, the value, and air beyond it."""
    if value == 0:
        return Scale(0.0, 1.0, (0.0,), ("0",), 0)
    ticks = (0.0, value) if value > 0 else (value, 0.0)
    return Scale(min(0.0, 1.5 * value), max(0.0, 1.5 * value), ticks, tuple(map(number, ticks)), 0)


def _candidates(low: float, high: float) -> list[tuple[float, int, int]]:
    """Round steps with the multiples that enclose the range."""
    scales = []
    for intervals in _INTERVALS:
        rough = (high - low) / intervals
        power = 10.0 ** math.floor(math.log10(rough))
        for nice in _NICE:
            step = nice * power
            # A hair of tolerance, or 0.3 / 0.1 would ask for a fourth interval.
            first = math.floor(low / step + _FLAT)
            last = math.ceil(high / step - _FLAT)
            if last - first in _INTERVALS:
                scales.append((step, first, last))
    return scales


def _badness(candidate: tuple[float, int, int], low: float, high: float) -> float:
    """Empty space first, then the number of intervals, then how round the step is."""
    step, first, last = candidate
    empty = 1 - (high - low) / ((last - first) * step)
    quarters = f"{step:.1e}".startswith("2.5")
    return empty + 0.03 * abs(last - first - 4) + 0.05 * quarters


def _labels(ticks: Sequence[float], step: float) -> tuple[str, ...]:
    """Every label with the same decimals, or in powers of ten where zeros would hide the digits."""
    largest = max(abs(tick) for tick in ticks)
    if largest < 1e-3 or largest >= 1e6:
        return tuple(number(tick) for tick in ticks)
    decimals = next((d for d in range(12) if math.isclose(round(step, d), step)), 12)
    return tuple(f"{tick:.{decimals}f}" if tick else "0" for tick in ticks)
