"""Two rates that are added up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.lints.blocks import value_at
from lrdsl.lints.edits import between
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import SUM
from lrdsl.schedule.block import Block, Scalar, held
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.text.source import Span

_PLACES = 48
# Of what has no end, so many steps are looked at; and so many sums, each of which is evaluated.
_ENDLESS, _SUMS = 10_000, 20


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """Sums of two schedules that rise above both of them."""
    if not line.is_rate:
        return
    for block in islice(_sums(line), _SUMS):
        if _adds_up(line, block):
            message = f"`{block.name}` adds two rates up, and rises above both of them"
            help = "to run one after the other, write `>>` in place of `+`"
            yield warning("sum-of-rates", message, help, block.span, *_joined(block))


def _joined(block: PointwiseBlock) -> tuple[Fix, ...]:
    """The fix that puts the sides of a sum one after the other."""
    gap = between(*block.sides) if len(block.sides) == 2 else None
    if gap is None or gap.text.strip() != "+":
        return ()
    place = gap.start + gap.text.index("+")
    return (fix(Span(gap.source, place, place + 1), ">>"),)


def _sums(line: ScheduleContext) -> Iterator[PointwiseBlock]:
    for _, part, _ in line.blocks:
        for block in part.walk():
            if isinstance(block, PointwiseBlock) and block.op == "+":
                yield block


def _adds_up(line: ScheduleContext, block: PointwiseBlock) -> bool:
    sides = [side for side in block.sides if not _is_constant(side)]
    if len(sides) < 2:  # an offset, or a floor
        return False
    length = block.length if block.length < math.inf else _ENDLESS
    places = sorted({int(length * i / _PLACES) for i in range(_PLACES)} | set(_ends(sides, length)))
    highest = max(_peak(held(side, line.env), places) for side in sides)
    return _peak(block.scalar(line.env), places) > SUM * highest > 0


def _is_constant(block: Block) -> bool:
    return isinstance(block, ShapeBlock) and block.kernel.is_constant


def _ends(sides: list[Block], length: float) -> Iterator[int]:
    """The end of a side, whose value is held while the other side goes on."""
    return (int(side.length) for side in sides if side.length < length)


def _peak(curve: Scalar, places: list[int]) -> float:
    return max(value_at(curve, t) for t in places)
