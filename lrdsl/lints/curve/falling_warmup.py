"""A warm-up that goes down, or nowhere."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.written import argument, with_argument
from lrdsl.text.nodes import Name


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Parts named `warmup` that end below their start, or at a start that was taken for the end."""
    if not (line.is_rate and line.is_comparable):
        return
    for leaf in line.leaves:
        if leaf.block.name != "warmup" or leaf.block.length == math.inf:
            continue
        curve = leaf.block.scalar(line.env)
        start, end = curve(0), curve(int(leaf.block.length))
        message = ""
        if start > end and not alike(start, end):
            message = f"the warm-up falls, from {line.say(start)} to {line.say(end)}"
        elif start == end and _is_taken_for_the_end(leaf.block):
            message = f"the warm-up starts at {line.say(start)}, where it ends: it changes nothing"
        if message:
            help = (
                "its `start` is a rate: leave it out to start at 0, or write a share of the rate"
                " that it leads to, as in `start = next / 10`"
            )
            fixes = with_argument(leaf.block, "start", "next / 10")
            yield warning("falling-warmup", message, help, leaf.block.span, *fixes)


def _is_taken_for_the_end(warmup: ShapeBlock) -> bool:
    """True if the start is written and the end is not, as in ``warmup(5, 0.1)``."""
    start = argument(warmup, "start")
    goes_on = isinstance(start, Name) and start.id == "prev"
    return start is not None and not goes_on and argument(warmup, "end") is None
