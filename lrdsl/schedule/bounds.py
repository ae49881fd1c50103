"""Bounds of a block: an interval that holds its values over a stretch of local steps."""

from __future__ import annotations

import math

from lrdsl.formula.bounds import Bound, Interval, Undecided, bounds, combined, hull
from lrdsl.formula.formula import UNDEFINED
from lrdsl.schedule.block import Block, Env
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock


def block_bounds(block: Block, env: Env, first: int, last: int) -> Interval:
    """An interval that holds every value of a block from one local step to another.

    Args:
        block: the block.
        env: the values of ``base`` and of the words.
        first: the first step.
        last: the last step, inside the block or at its end.

    Raises:
        Undecided: the block may have no value there, or no bounds are found.
        LrsError: an argument has no value.
    """
    if isinstance(block, ShapeBlock):
        return _of_shape(block, env, first, last)
    if (source := block.source(first, last)) is not None:
        inside, begin, end = source
        return block_bounds(inside, env, begin, end)
    if isinstance(block, PointwiseBlock):
        interval, *others = (_held(side, env, first, last) for side in block.sides)
        for other in others:
            interval = combined(block.op, interval, other)
        return interval
    if isinstance(block, SequenceBlock):
        return _of_sequence(block, env, first, last)
    if isinstance(block, RepeatBlock):
        return _of_repeat(block, env, last)
    raise Undecided


def _held(block: Block, env: Env, first: int, last: int) -> Interval:
    """The bounds of a block that is held after its end."""
    if last > block.length:
        last = int(block.length)
        first = min(first, last)
    return block_bounds(block, env, first, last)


def _of_shape(shape: ShapeBlock, env: Env, first: int, last: int) -> Interval:
    if shape.kernel.is_constant:
        first = last = 0
    variables: dict[str, Bound] = {"t": (first, last)}
    for name, value in shape.values(env).items():
        variables[name] = [(x, x) for x in value] if isinstance(value, tuple) else (value, value)
    length = shape.length
    if 0 < length < math.inf:
        variables["u"] = (first / length, last / length)
        variables["v"] = ((length - last) / length, (length - first) / length)
    elif shape.kernel.needs_length:
        raise Undecided
    return bounds(shape.kernel.formula, variables)


def _of_sequence(sequence: SequenceBlock, env: Env, first: int, last: int) -> Interval:
    interval: Interval | None = None
    stops = (*sequence.starts[1:], math.inf)
    for block, start, stop in zip(sequence.blocks, sequence.starts, stops, strict=True):
        if start <= last and first < stop:
            # Where the next one starts it is the next one's turn.
            inside = block_bounds(
                block, env, max(first - start, 0), int(min(last, stop - 1)) - start
            )
            interval = inside if interval is None else hull(interval, inside)
    if interval is None:
        raise Undecided
    return interval


def _of_repeat(repeat: RepeatBlock, env: Env, last: int) -> Interval:
    """The bounds of whole cycles, from the first one to that of the last step."""

    def whole(block: Block) -> Interval:
        return block_bounds(block, env, 0, int(block.length))

    if repeat.fine is not None:
        interval = repeat.fine.part.bounds(whole)
    else:
        interval, *cycles = map(whole, repeat.blocks)
        for cycle in cycles:
            interval = hull(interval, cycle)
    if repeat.decay == 1:
        return interval
    try:
        # A power is at least as near to 1 as the one after it, rounding included, or almost.
        final = float(repeat.decay ** repeat.bounds.index(last))
    except UNDEFINED:
        raise Undecided from None
    widest = (0.0, 1.0) if repeat.decay < 1 else (1.0, final * (1 + 2.0**-40))
    return combined("*", interval, widest)
