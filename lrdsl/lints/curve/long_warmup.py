"""A warm-up that takes up most of the run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.blocks import moving
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.schedule.block import Block
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.wording import plural


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A `warmup` at the start that is longer than half of the run."""
    _, block, _ = line.blocks[0]
    # Without a run, the schedule is one: but not where it is a warm-up and nothing else.
    known = line.total < math.inf or (len(line.blocks) > 1 and line.length < math.inf)
    if not (line.is_rate and known and _is_warmup(block)):
        return
    if 2 * min(block.length, line.end) > line.end:
        whole = "the run" if line.total < math.inf else "the schedule"
        lasts = plural(int(block.length), "step")
        message = f"the warm-up takes {lasts} of the {int(line.end):,} of {whole}"
        few = max(2, round(0.05 * line.end))
        help = f"shorten it, as in `warmup({few})`, and let what follows take the steps"
        yield warning("long-warmup", message, help, block.span)


def _is_warmup(block: Block) -> bool:
    """True if a part is a warm-up, scaled or not."""
    if isinstance(block, PointwiseBlock):
        sides = moving(block)
        return len(sides) == 1 and _is_warmup(sides[0])
    return block.name == "warmup"
