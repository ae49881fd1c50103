"""A warm-up from 0 in every cycle of a repetition."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.blocks import leading
from lrdsl.lints.edits import ignored
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import VANISHED
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.written import with_argument


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Repetitions of two cycles or more, each of which starts with a `warmup` from 0."""
    if not line.is_rate:
        return
    for leaf in line.leaves:
        shape = leaf.block
        repeat = next((b for b in reversed(leaf.inside) if isinstance(b, RepeatBlock)), None)
        if repeat is None or shape.name != "warmup" or shape.length == math.inf:
            continue
        _, _, cycle = repeat.cycle(0)
        end = min(repeat.bounds.stop, repeat.length, min(line.total, leaf.stop) - leaf.first)
        if end <= cycle or shape not in leading(repeat.block(0)):
            continue
        curve = shape.scalar(line.env)
        if curve(0) <= VANISHED * curve(int(shape.length)):
            message = f"`repeat` warms up from {line.say(curve(0))} again in every cycle"
            help = (
                "start it above 0, as in `warmup(5, next / 10)`, or warm up once, before the"
                " `repeat`; if every cycle is meant to, say `# lrs: ignore[repeated-warmup]`"
            )
            fixes = with_argument(shape, "start", "next / 10")
            meant = ignored("repeated-warmup", shape.span)
            yield warning("repeated-warmup", message, help, shape.span, *fixes, *meant)
