"""Staircases: a value that is multiplied again and again, at equal distances or at milestones."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.rounding import digits, roundest, whole
from lrdsl.fitting.writing import spelled
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings

# Steps of a staircase whose milestones are written one by one.
_MOST = 24
# A number of more digits is not round.
_ROUND = 9
# The factor by which `step` and `multistep` multiply, if they say none.
_GAMMA = 0.1


@record
class Stairs:
    """A staircase.

    Attributes:
        edges: for each step the last reading before it, and the first one after it.
        values: the value before the first step, and after each.
        first: the first reading that has the value before the first step.
    """

    edges: tuple[tuple[float, float], ...]
    values: tuple[float, ...]
    first: int


def stairs(readings: Readings) -> Stairs | None:
    """The staircase at the end of a curve; None if it ends otherwise.

    Args:
        readings: the curve.
    """
    t, rates, tolerance = readings.updates, readings.rates, readings.tolerance
    same = np.abs(np.diff(rates)) <= np.minimum(tolerance[1:], tolerance[:-1])
    changes = [int(i) + 1 for i in np.flatnonzero(~same)]
    bounds = [0, *changes, len(rates)]
    runs = list(pairwise(bounds))
    steps = len(runs)
    while steps and runs[steps - 1][1] - runs[steps - 1][0] >= (2 if steps < len(runs) else 1):
        steps -= 1
    flat = runs[steps:]
    if len(flat) < 2 or len(flat) > _MOST:
        return None
    edges = tuple((float(t[a - 1]), float(t[a])) for a, _ in flat[1:])
    values = tuple(_held(rates[a], tolerance[a]) for a, _ in flat)
    return Stairs(edges, values, flat[0][0])


def _held(rate: float, tolerance: float) -> float:
    """The roundest number that a rate may have been; the rate itself if none is round."""
    found = roundest(rate - tolerance, rate + tolerance, 1)
    return found[0] if found and digits(found[0]) <= _ROUND else float(rate)


def factor(found: Stairs, value: float, readings: Readings) -> float | None:
    """The roundest number by which every step multiplies; None if there is none.

    Args:
        found: the staircase.
        value: the value before the first step.
        readings: the curve.
    """
    low, high = 0.0, math.inf
    if not value:
        return None
    for k, (_, after) in enumerate(found.edges, start=1):
        at = int(np.argmin(np.abs(readings.updates - after)))
        reached, slack = float(readings.rates[at]), float(readings.tolerance[at])
        low = max(low, (max(reached - slack, 0.0) / value) ** (1 / k))
        high = min(high, ((reached + slack) / value) ** (1 / k))
    if low > high:
        return None
    return roundest(low, high, 1)[0] if not low <= _GAMMA <= high else _GAMMA


def texts(
    found: Stairs, begin: int, value: float, readings: Readings, base: float | None
) -> list[tuple[str, float]]:
    """The texts of a staircase, without its first value, and what each costs.

    Args:
        found: the staircase.
        begin: the update at which its shape begins.
        value: the value before the first step.
        readings: the curve.
        base: the optimizer's own rate; None if it is unknown.
    """
    gamma = factor(found, value, readings)
    spans = [(low - begin, high - begin) for low, high in found.edges]
    start = spelled(value, base)
    if gamma is None:
        milestones = [whole(low + 1, high, high, 1)[0] for low, high in spans]
        values = [value, *found.values[1:]]
        cost = 3.0 + sum(map(digits, [*milestones, *values[1:]]))
        shown = ", ".join(spelled(one, base) for one in values)
        return [(f"stairs({milestones}, [{shown}])", cost)]
    said = "" if gamma == _GAMMA else f", {spelled(gamma)}"
    price = 2.0 + (digits(gamma) if said else 0)
    low = max((a / k for k, (a, _) in enumerate(spans, start=1)), default=0.0)
    high = min(b / k for k, (_, b) in enumerate(spans, start=1))
    low = max(low, (float(readings.updates[-1]) - begin) / (len(spans) + 1))
    result = []
    equal = whole(math.floor(low) + 1, high, high, 3)
    for every in equal:
        result.append((f"step({every}{said}, start = {start})", price + digits(every)))
    milestones = [whole(a + 1, b, b, 1)[0] for a, b in spans]
    cost = price + 0.5 + sum(map(digits, milestones))
    result.append((f"multistep({milestones}{said}, start = {start})", cost))
    return sorted(result, key=lambda one: one[1])
