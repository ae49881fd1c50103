"""A rate that goes up again when training ends."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, alike, warning

_PLACES = 512


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A rate that has fallen, and rises over the last updates."""
    end = line.end
    if not (line.is_rate and line.is_comparable and 3 <= end < math.inf):
        return
    last = int(end) - 1
    value = line.curve(last)
    if not line.curve(last - 2) < line.curve(last - 1) < value:
        return
    places = {last * i // _PLACES for i in range(_PLACES)}
    places |= {step for first, _, _ in line.blocks for step in (first - 1, first)}
    highest, lowest, at = 0.0, math.inf, 0
    for step in sorted(step for step in places if 0 <= step < last):
        height = line.curve(step)
        if height < lowest and height < highest:
            lowest, at = height, step
        highest = max(highest, height)
    # A rate that only ever rises, as in a range test, is meant to.
    if lowest >= value or alike(lowest, value) or alike(lowest, highest):
        return
    message = (
        f"the rate rises when training ends: {line.say(value)} on the last update, and"
        f" {line.say(lowest)} about step {at:,}"
    )
    help = "let it end with a fall: shorten it to whole cycles, or put a part that falls after it"
    yield warning("rising-tail", message, help, line.part(last).span)
