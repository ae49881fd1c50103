"""Schedules as a table of their values, whatever they are made of."""

from __future__ import annotations

import io
import math
from functools import partial

from lrdsl.exporting.lowering import refuse_running
from lrdsl.exporting.order import Order
from lrdsl.schedule.rows import write_rows


def written(order: Order) -> str:
    """The table: a row for every update, a column for every target.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule depends on what only a running training knows.
        ValueError: the schedules do not end, or one depends on a ``base`` that is not given.
    """
    steps, curves = order.steps, {}
    for label, driven in zip(order.resolved, order.resolved.driven, strict=True):
        schedule, key = driven.schedule, driven.target.key
        refuse_running(schedule)
        if key not in order.bases and not schedule.is_absolute:
            raise ValueError(f"the values of `{label}` depend on `base`: give its value")
        curves[label] = partial(schedule, base=order.bases.get(key, 1.0))
    if steps is None:
        longest = max(schedule.length for schedule in order.resolved.values())
        if longest == math.inf:
            raise ValueError("a schedule has no end: give the number of steps")
        steps = int(longest)
    stream = io.StringIO()
    write_rows(stream, list(curves), list(curves.values()), range(steps))
    return stream.getvalue()
