"""A schedule that a metric drives, drawn for a metric that is assumed or was recorded."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import TextIO

from lrdsl.limits import STEPS
from lrdsl.preview.curve import ENDLESS_STEPS, Curve
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule

# Reductions shown of a plateau without an end.
_SHOWN = 5

Reading = tuple[int, float]
"""The number of updates made, and what was measured then."""


def read(stream: TextIO) -> list[Reading]:
    """Reads a recorded metric: a row for each measurement, with the updates made and the value.

    Args:
        stream: CSV with two columns; a first row of names is passed over.

    Raises:
        ValueError: a row is something else, or the steps do not ascend.
    """
    readings: list[Reading] = []
    for line, row in enumerate(_rows(stream), 1):
        if not row or (line == 1 and not row[0].strip().isdecimal()):
            continue
        try:
            step, metric = row
            readings.append((int(step), float(metric)))
        except ValueError:
            shown = ",".join(row)[:80]
            message = f"line {line} is no step and metric, such as `100,0.35`: {shown}"
            raise ValueError(message) from None
        if not 0 <= readings[-1][0] <= STEPS:
            raise ValueError(f"line {line} has no step from 0 to 2^53")
    if any(before >= after for (before, _), (after, _) in pairwise(readings)):
        raise ValueError("its steps do not ascend")
    return readings


def _rows(stream: TextIO) -> Iterator[list[str]]:
    try:
        yield from csv.reader(stream)
    except csv.Error as error:
        raise ValueError(f"it is no CSV: {error}") from None


def never_improving(curves: Sequence[Curve], every: int) -> Iterator[Reading]:
    """A metric that stays as it is, measured again and again.

    Args:
        curves: those of one program; they say how long it is worth looking.
        every: steps from one measurement to the next.
    """
    waits = [meter.wait for curve in curves for meter in curve.schedule.meters]
    ends = [curve.parts[-1] for curve in curves]
    starts = max(part.start_step for part in ends)
    lengths = [part.start_step + part.length for part in ends if part.length < math.inf]
    horizon = max([starts + _SHOWN * every * max(waits), *lengths])
    for step in count(every, every):
        if step > horizon:
            return
        yield step, 1.0


def sampled(curves: Sequence[Curve], every: int = 1) -> list[Curve]:
    """The curves as a metric makes them that never improves; themselves where none drives them.

    Args:
        curves: those of one program, in order.
        every: steps from one measurement to the next.
    """
    if not any(curve.schedule.meters for curve in curves):
        return list(curves)
    return driven(curves, never_improving(curves, every))


def driven(curves: Sequence[Curve], readings: Iterable[Reading]) -> list[Curve]:
    """The curves as a metric makes them.

    Args:
        curves: those of one program, in order.
        readings: the measurements, ascending.
    """
    meters = Meters(dict.fromkeys(meter for one in curves for meter in one.schedule.meters))
    histories: list[list[tuple[int, tuple[float, ...]]]] = [[] for _ in curves]
    last = 0
    for step, metric in readings:
        done, last = max(step - 1, 0), step
        active = [name for curve in curves for name in curve.schedule.active(done)]

        def rates(factors: NamedFactors, done: int = done) -> list[float]:
            return [
                curve.schedule(done, base=curve.base, factors=for_schedule(curve.schedule, factors))
                for curve in curves
            ]

        if meters.observe(metric, active, rates):
            for history, curve in zip(histories, curves, strict=True):
                if own := for_schedule(curve.schedule, meters.factors):
                    history.append((step, own))
    return [
        replace(curve, history=tuple(history), known=last + min(last // 10 + 1, ENDLESS_STEPS))
        for curve, history in zip(curves, histories, strict=True)
    ]
