"""A first update that changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.blocks import leading
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.schedule.window import EveryBlock


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A rate of 0 on the first update, unless it is the first of several steps of a `warmup`."""
    # Groups that a selector names may well be frozen for a while.
    if not line.is_rate or line.driven.target.selector is not None or line.curve(0) != 0:
        return
    block = line.part(0)
    warmups = [shape for shape in leading(block) if shape.name == "warmup"]
    if any(shape.length > 1 for shape in warmups):
        if line.curve(1) != 0 or not isinstance(block, EveryBlock):
            return
        stretch = line.lasts(block.stretch)[0]
        message = f"`every` holds this warm-up at 0 for {stretch}: these updates change nothing"
        help = "start it above 0, as in `warmup(5ep, next / 100)`"
    elif warmups:
        message = "the only update of this warm-up has a rate of 0"
        help = "give it more steps: its first one is at `start`, and its end is that of the next"
    else:
        message = "the first update has a rate of 0, and changes nothing"
        help = "start above 0; the rise of a `warmup`, which starts at 0 by custom, is not reported"
    yield warning("zero-first", message, help, block.span)
