"""A rate of 0 up to the end, with which nothing is learned any more."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.run import early_changes


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A rate that is 0 on the last two updates or more."""
    end = line.end
    if not line.is_rate or line.driven.target.selector is not None or not 2 <= end < math.inf:
        return
    last = int(end) - 1
    if line.curve(last) != 0 or line.curve(last - 1) != 0:
        return
    if line.total < math.inf and any(early_changes.find(line)):
        return  # which says why
    first = _first_zero(line, last)
    (rest,) = line.lasts(end - first)
    over = f"{line.versus}; " if first == line.length < line.total < math.inf else ""
    message = f"{over}{line.since(first)} the rate is 0: the last {rest} change nothing"
    yield warning("zero-rest", message, _way_out(line, first), line.part(first).span)


def _way_out(line: ScheduleContext, first: int) -> str:
    """Suggests a fix for zeros after the schedule, in a part of their own, or inside a part."""
    if first == line.length:
        return "end the run there, or lengthen the schedule to the run"
    before = [block for start, block, _ in line.blocks if start < first]
    if before and any(start == first for start, _, _ in line.blocks):
        return f"let `{before[-1].name}` take these steps too, or end above 0"
    return "hold it above 0, as with `max(…, 1e-5)`"


def _first_zero(line: ScheduleContext, last: int) -> int:
    """The first step of the zeros: a boundary, or a step in the part before it, by bisection."""
    bounds = [0, *(first for first, _, _ in line.blocks[1:] if first <= last)]
    if line.length <= last:
        bounds.append(int(line.length))
    first = last
    for bound in reversed(bounds):
        if not all(line.curve(t) == 0 for t in _some(bound, first)):
            break
        first = bound
    else:
        return 0
    low, high = bound, first
    while high - low > 1:
        middle = (low + high) // 2
        if all(line.curve(t) == 0 for t in _some(middle, high)):
            high = middle
        else:
            low = middle
    return high


def _some(first: int, last: int) -> Iterator[int]:
    """A few steps of a stretch, its ends among them."""
    yield from dict.fromkeys(first + (last - first) * i // 16 for i in range(17))
