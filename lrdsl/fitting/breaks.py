"""Where a curve may pass from one shape to another: jumps, kinks, ends of plateaus and extremes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings

# Joints that are looked at; a curve with more of them is a staircase, has cycles, or is noise.
MOST = 10
# A bend counts that is so many times as sharp as those beside it.
_SHARP = 4.0
# Readings that make a plateau, if they are the same.
_PLATEAU = 4


def breaks(readings: Readings) -> list[int]:
    """The readings that may be the first ones of a shape, ascending.

    Args:
        readings: the curve.
    """
    found = plateaus(readings) | _extremes(readings)
    for sharpness, at in sorted(_bends(readings), reverse=True):
        if all(abs(at - other) > 1 for other in found):
            found.add(at)
        if len(found) >= MOST or sharpness < _SHARP:
            break
    return sorted(at for at in found if 0 < at < len(readings))


def plateaus(readings: Readings) -> set[int]:
    """Where rates begin or cease to stay the same, for longer than just beside it."""
    rates, tolerance = readings.rates, readings.tolerance
    same = np.abs(np.diff(rates)) <= np.minimum(tolerance[1:], tolerance[:-1])
    changes = np.flatnonzero(~same) + 1
    edges = np.concatenate(([0], changes, [len(rates)]))
    lengths = np.diff(edges)
    found = set()
    for i in range(len(lengths)):
        if lengths[i] < _PLATEAU:
            continue
        if i and lengths[i - 1] < lengths[i] / 3:
            found.add(int(edges[i]))
        if i + 1 < len(lengths) and lengths[i + 1] < lengths[i] / 3:
            found.add(int(edges[i + 1]))
    return found


def _extremes(readings: Readings) -> set[int]:
    """Where a curve turns."""
    rates, tolerance = readings.rates, readings.tolerance
    moves = np.diff(rates)
    clear = np.abs(moves) > tolerance[1:] + tolerance[:-1]
    at = np.flatnonzero(clear)
    turns = np.flatnonzero(np.sign(moves[at][1:]) != np.sign(moves[at][:-1]))
    return {int(at[i] + 1) for i in turns} if len(turns) <= MOST else set()


def _bends(readings: Readings) -> list[tuple[float, int]]:
    """How sharply the curve bends at each reading, next to how it bends beside it."""
    t, rates, tolerance = readings.updates, readings.rates, readings.tolerance
    if len(t) < 5:
        return []
    gaps = np.maximum(np.diff(t), 1e-9)
    slopes = np.diff(rates) / gaps
    noise = (tolerance[1:] + tolerance[:-1]) / gaps
    bends = np.abs(np.diff(slopes))
    hidden = noise[1:] + noise[:-1]
    clear = np.maximum(bends - hidden, 0)
    padded = np.pad(bends, 2, mode="reflect")
    # A joint between two readings bends the curve at both.
    beside = padded[:-4] + padded[4:] + hidden
    sharpness = clear / np.maximum(beside, 1e-300)
    return [(float(sharpness[i]), int(i) + 1) for i in range(len(bends)) if sharpness[i] >= _SHARP]
