"""A restart whose cycle the run cuts off."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import NEAR
from lrdsl.schedule.block import Block
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A last cycle that falls, and is cut before it is down."""
    if not (line.is_rate and line.is_comparable):
        return
    total = int(line.total)
    first, block, curve = next(part for part in reversed(line.blocks) if part[0] < total)
    repeat = _repeat(block)
    if repeat is None or total > first + block.length:
        return
    last = total - 1 - first
    number, local, length = repeat.cycle(last)
    start = last - local
    value, top, bottom = curve(last), curve(start), curve(start + length - 1)
    # Up and down is no restart, and the last steps of a fall make no difference.
    if bottom >= top or value - bottom <= NEAR * top:
        return
    low = line.say(bottom) if bottom > NEAR * top else "nearly 0"
    message = (
        f"the run ends {local + 1:,} of {length:,} steps into cycle {number + 1:,}: it stops at"
        f" {line.say(value)}, and never gets down to {low}"
    )
    help = "let the cycles add up to the run: change their length, or that of the run"
    yield warning("unreached-minimum", message, help, block.span)


def _repeat(block: Block) -> RepeatBlock | None:
    """The repetition that a part is, or that it is made of by operators."""
    if isinstance(block, RepeatBlock):
        return block
    if isinstance(block, PointwiseBlock):
        return next(filter(None, map(_repeat, block.sides)), None)
    return None
