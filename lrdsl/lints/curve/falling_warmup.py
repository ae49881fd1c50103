"""A warm-up that goes down."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.schedule.written import with_argument


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Parts named `warmup` that end below their start."""
    if not (line.is_rate and line.is_comparable):
        return
    for leaf in line.leaves:
        if leaf.block.name != "warmup" or leaf.block.length == math.inf:
            continue
        curve = leaf.block.scalar(line.env)
        start, end = curve(0), curve(int(leaf.block.length))
        if start > end and not alike(start, end):
            message = f"the warm-up falls, from {line.say(start)} to {line.say(end)}"
            help = (
                "its `start` is a rate: leave it out to start at 0, or write a share of the rate"
                " that it leads to, as in `start = next / 10`"
            )
            fixes = with_argument(leaf.block, "start", "next / 10")
            yield warning("falling-warmup", message, help, leaf.block.span, *fixes)
