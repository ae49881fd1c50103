"""What optax's schedules compute, written from ``optax/schedules/*.py`` of 0.2.8."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.importers.optax_calls import cycle_of, parts_of, scaled, scales_of

if TYPE_CHECKING:
    from lrdsl.importers.fields import Fields
    from lrdsl.importers.importer import Rate
    from lrdsl.importers.symbols import Number


def rate_of(kind: str, o: Fields) -> Rate:
    """The rate at each count of updates.

    Args:
        kind: the function that makes the schedule.
        o: its arguments.
    """
    if kind == "constant_schedule":
        return _constant(float(o.number("value")))
    if kind in {"linear_schedule", "polynomial_schedule"}:
        power = 1.0 if kind == "linear_schedule" else float(o.number("power"))
        return _polynomial(
            float(o.number("init_value")), float(o.number("end_value")), power,
            int(o.whole("transition_steps")), int(o.whole("transition_begin", 0)),
        )  # fmt: skip
    if kind == "exponential_decay":
        return _exponential(o, float(o.number("init_value")))
    if kind == "cosine_decay_schedule":
        return _cosine(
            float(o.number("init_value")), int(o.number("decay_steps")),
            float(o.number("alpha", 0.0)), float(o.number("exponent", 1.0)),
        )  # fmt: skip
    if kind.startswith("warmup_"):
        return _warmed(kind, o)
    if kind == "piecewise_constant_schedule":
        return _piecewise(o)
    if kind == "piecewise_interpolate_schedule":
        points = scaled(o.number("init_value"), scales_of(o))
        return _interpolated(o.text("interpolate_type"), points)
    if kind.endswith("_onecycle_schedule"):
        return _interpolated(kind.partition("_")[0], scaled(*cycle_of(kind, o)))
    inner, marks = parts_of(kind, o)
    return _joined([rate_of(*each) for each in inner], [int(mark) for mark in marks])


def _constant(value: float) -> Rate:
    return lambda t: value


def _polynomial(start: float, end: float, power: float, steps: int, begin: int) -> Rate:
    if steps <= 0:
        return _constant(start)
    wait = max(begin, 0)

    def value(t: int) -> float:
        share = 1 - min(max(t - wait, 0), steps) / steps
        return float((start - end) * share**power + end)

    return value


def _exponential(o: Fields, start: float) -> Rate:
    steps, ratio = int(o.whole("transition_steps")), float(o.number("decay_rate"))
    wait = max(int(o.whole("transition_begin", 0)), 0)
    is_stairs = o.truth("staircase", default=False)
    limit = None if o.given("end_value") is None else float(o.number("end_value"))
    if steps <= 0 or ratio == 0:
        return _constant(start)

    def value(t: int) -> float:
        passed = (t - wait) / steps
        passed = math.floor(passed) if is_stairs else passed
        found = start if t <= wait else start * ratio**passed
        if limit is None:
            return found
        return max(found, limit) if ratio < 1 else min(found, limit)

    return value


def _cosine(start: float, steps: int, alpha: float, exponent: float) -> Rate:
    def value(t: int) -> float:
        arc = 0.5 * (1 + math.cos(math.pi * min(t, steps) / steps))
        return float(start * ((1 - alpha) * arc**exponent + alpha))

    return value


def _warmed(kind: str, o: Fields) -> Rate:
    start, peak = float(o.number("init_value")), float(o.number("peak_value"))
    up = int(o.whole("warmup_steps"))
    line = _polynomial(start, peak, 1, up, 0)
    if kind == "warmup_constant_schedule":
        return line
    if kind == "warmup_exponential_decay_schedule":
        return _joined([line, _exponential(o, peak)], [up])
    alpha = 0.0 if peak == 0 else float(o.number("end_value", 0.0)) / peak
    steps = int(o.number("decay_steps")) - up
    return _joined([line, _cosine(peak, steps, alpha, float(o.number("exponent", 1.0)))], [up])


def _joined(rates: list[Rate], marks: list[int]) -> Rate:
    def value(t: int) -> float:
        found = rates[0](t)
        for mark, rate in zip(marks, rates[1:], strict=True):
            found = found if t < mark else rate(t - mark)
        return found

    return value


def _piecewise(o: Fields) -> Rate:
    start, scales = float(o.number("init_value")), scales_of(o)

    def value(t: int) -> float:
        found = start
        for mark, scale in scales:
            found *= 1 if t < mark else float(scale)
        return found

    return value


def _interpolated(shape: str, points: list[tuple[Number, Number]]) -> Rate:
    def value(t: int) -> float:
        last, found = points[-1]
        if t >= last:
            return float(found)
        for (a, start), (b, end) in pairwise(points):
            if a <= t < b:
                share = (t - int(a)) / max(int(b) - int(a), 1)
                low, high = float(end), float(start)
                if shape == "linear":
                    return (low - high) * share + high
                return low + (high - low) / 2 * (math.cos(math.pi * share) + 1)
        return 0.0

    return value
