"""A run that ends before its schedule does."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.written import instead


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """An end value, or a whole part, that the run never comes to."""
    if not line.total < line.length < math.inf:
        return
    stop, total = line.curve(int(line.length)), int(line.total)
    value = line.curve(total - 1)
    if line.blocks[-1][0] < total and alike(value, stop):
        return
    message = f"{line.versus}: it stops at {line.say(value)} and never reaches {line.say(stop)}"
    help = "fit it to the run: a length of `rest`, or lengths in `%`"
    last = line.part(total - 1)
    fixes: tuple[Fix, ...] = ()
    if last is line.blocks[-1][1] and isinstance(last, ShapeBlock):
        fixes = instead(last, "length", "rest")
    yield warning("unreached-end", message, help, last.span, *fixes)
