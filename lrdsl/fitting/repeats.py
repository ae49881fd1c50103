"""Curves that repeat: all cycles are laid over the first one, which is explained on its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.readings import Readings
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    from lrdsl.fitting.families import Floats

# The fewest times that a curve turns upward before it is taken for cycles.
_FEWEST = 3
# Lengths of a cycle that are looked at, those that are likely, and those that are tried.
_MOST, _LIKELY, _TRIED = 2_000, 12, 3
# How many times as rough as the smoothest cycle the others may be.
_ROUGH = 4.0
# A cycle goes up and down once; what climbs more than this share further is no cycle.
_SLACK = 1.1


@entity
class Cycle:
    """The first cycle of a curve.

    Attributes:
        length: its updates.
        readings: the readings of all cycles, as those of the first one.
    """

    length: int
    readings: Readings


def repeated(readings: Readings) -> list[Cycle]:
    """The cycles that a curve may have from its start, the likeliest one first.

    Args:
        readings: the curve.
    """
    turns = _turns(readings)
    if len(turns) < _FEWEST:
        return []
    gap = float(np.max(np.diff(readings.updates)))
    cycles = len(turns) - 1
    length = float(turns[-1] - turns[0]) / cycles
    if np.max(np.abs(np.diff(turns) - length)) > 2 * gap:
        return []
    room = 2 * gap / cycles
    first, last = math.ceil(max(length - room, 2.0)), math.floor(length + room)
    if last - first > _MOST:
        return []
    height = float(np.ptp(readings.rates))
    ranked = sorted((_climb(readings, n), n) for n in range(first, last + 1))
    likely = [n for climb, n in ranked[:_LIKELY] if climb <= 2 * _SLACK * height]
    folds = [Cycle(n, fold) for n in likely if (fold := _folded(readings, n)) is not None]
    ranked_folds = sorted((_bend(one.readings), place) for place, one in enumerate(folds))
    # Cycles that are laid over each other at a wrong length are rough.
    return [folds[at] for bend, at in ranked_folds[:_TRIED] if bend <= _ROUGH * ranked_folds[0][0]]


def _bend(readings: Readings) -> float:
    """How much the slope of a curve changes from reading to reading."""
    return float(np.sum(np.abs(np.diff(np.diff(readings.rates) / np.diff(readings.updates)))))


def _turns(readings: Readings) -> Floats:
    """Where a curve turns upward, or jumps up."""
    rates, tolerance = readings.rates, readings.tolerance
    moves = np.diff(rates)
    at = np.flatnonzero(np.abs(moves) > tolerance[1:] + tolerance[:-1])
    rises = moves[at] > 0
    return readings.updates[at[1:][rises[1:] & ~rises[:-1]]]


def _climb(readings: Readings, length: int) -> float:
    """How far a curve goes up and down, if all its cycles are laid over the first one."""
    order = np.argsort(readings.updates % length, kind="stable")
    rates = readings.rates[order]
    return float(np.sum(np.abs(np.diff(rates))) + abs(rates[0] - rates[-1]))


def _folded(readings: Readings, length: int) -> Readings | None:
    """All cycles laid over the first one; None if they differ at the same update."""
    within = readings.updates % length
    order = np.argsort(within, kind="stable")
    t, rates, tolerance = within[order], readings.rates[order], readings.tolerance[order]
    is_again = np.diff(t) == 0
    if np.any(np.abs(np.diff(rates)) > tolerance[1:] + tolerance[:-1], where=is_again):
        return None
    kept = np.concatenate(([True], ~is_again))
    return replace(readings, updates=t[kept], rates=rates[kept], tolerance=tolerance[kept])
