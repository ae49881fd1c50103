"""Cycles that are far shorter than the run."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import EARLY
from lrdsl.schedule.block import Block
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.wording import count, plural


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Repetitions to the end of the run, of cycles in bare steps, all below a hundredth of it."""
    if not line.is_rate:
        return
    first, part, _ = next(part for part in reversed(line.blocks) if part[0] < line.total)
    for block in part.walk():
        if not isinstance(block, RepeatBlock) or any(map(_has_unit, block.walk())):
            continue
        longest = max(cycle.length for cycle in block.blocks)
        ends = min(block.bounds.stop, block.length)
        if longest >= EARLY * line.total or first + ends < line.total:
            continue
        cycles = (line.total - first) / longest
        if cycles < math.inf:
            message = (
                f"a cycle lasts {plural(longest, 'step')}, and the run has {count(int(cycles))}"
                " of them"
            )
            help = (
                "a bare number counts updates: write every length in epochs or as a share of the"
                " run, such as `10ep` or `10%`"
            )
            yield warning("short-cycles", message, help, block.span)
            return


def _has_unit(block: Block) -> bool:
    """True if a length was written in a unit, and hardly in the wrong one."""
    return block.written is not None
