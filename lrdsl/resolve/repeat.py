"""Repetitions: how long each cycle is, and one block for each length that occurs."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import Repeat
from lrdsl.resolve.measure import nearest, repeated
from lrdsl.schedule.block import Block
from lrdsl.schedule.repeat import Even, Listed, RepeatBlock
from lrdsl.text.numbers import divide
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational


# The parts of a step that the length of a cycle is rounded to, where it has more digits.
_FINEST = 10**18


def repeat(layout: Layout, tree: Repeat, room: Room) -> Block:
    """The block of a repetition that fills its room."""
    end = room.fill
    first = _first(layout, tree, room)
    if first is None or not _long_enough(layout, tree, first):
        return layout.block(tree.body, room)
    if tree.stretch == 1:
        bounds: Even | Listed = Even(first, tree.times)
        lengths = {first.numerator // first.denominator, -(-first.numerator // first.denominator)}
    else:
        starts = _starts(layout, tree, first, end)
        if starts is None:
            return layout.block(tree.body, room)
        bounds = Listed(starts)
        lengths = {b - a for a, b in pairwise(starts)}
    blocks: dict[int, Block] = {}
    for length in sorted(lengths):
        scale = divide(room.scale * length, first)
        blocks[length] = layout.chain(tree.body, type(room)(room.enclosing, length, scale))
    lasts = math.inf if end is None else end
    return RepeatBlock(tree.span, tree.name, lasts, None, tree.through, bounds, blocks, tree.decay)


def _first(layout: Layout, tree: Repeat, room: Room) -> Rational | None:
    """The exact length of the first cycle, or None (which is reported)."""
    cycle = layout.size(tree.body, room)
    if cycle is not None:
        return cycle
    if tree.times is None or room.fill is None:
        message = "a cycle of `repeat` needs a length, and what is left over is not known"
        help = (
            "give every part inside a length; or give `times` and pass the run's length: "
            "`total=` (`--total`)"
        )
        needs = "--total" if tree.times else ""
        layout.measure.report("missing-length", tree.body.span, message, help, needs)
        return None
    return divide(room.fill, repeated(tree.stretch, tree.times))


def _long_enough(layout: Layout, tree: Repeat, cycle: Rational) -> bool:
    if cycle >= 1:
        return True
    message = (
        f"a cycle of `repeat` lasts at least one step, and this one lasts {number(float(cycle))}"
    )
    layout.measure.report("short-cycle", tree.body.span, message, "make what is inside longer")
    return False


def _starts(layout: Layout, tree: Repeat, first: Rational, end: int | None) -> list[int] | None:
    """The starts of cycles that grow or shrink, and the step behind the last."""
    starts, cycle = [0], first
    exact: Rational = 0
    limit = limits.STEPS if end is None else end
    while starts[-1] < limit and (tree.times is None or len(starts) <= tree.times):
        exact += cycle
        starts.append(nearest(exact))
        if starts[-1] == starts[-2] or len(starts) > limits.CYCLES + 1:
            _report_cycles(layout, tree, len(starts) - 1)
            return None
        layout.spend(1, tree.span)
        cycle *= tree.stretch
        # Far out only the rounded length matters, and exact fractions would grow without end.
        if cycle.denominator > _FINEST:
            cycle = divide(nearest(cycle * _FINEST), _FINEST)
    return starts


def _report_cycles(layout: Layout, tree: Repeat, count: int) -> None:
    if count <= limits.CYCLES:
        message = f"cycle {count} of `repeat` would last less than a step"
        help = "limit it with `times`, or bring `stretch` closer to 1"
        layout.measure.report("short-cycle", tree.span, message, help)
        return
    message = f"`repeat` has more than {limits.CYCLES:,} cycles, each of another length"
    help = "limit it with `times`; without `stretch` there is no limit"
    layout.measure.report("too-many-cycles", tree.span, message, help)
