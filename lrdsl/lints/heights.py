"""The highest values of a schedule, sampled in every part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl.lints.blocks import Part, value_at
from lrdsl.schedule.block import Block
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.shape import ShapeBlock

# The places in a shape, which mostly has its peak at an end, and in what shapes are combined to.
_SHAPE, _OTHER = 8, 16
# Fewer are looked at where there are more parts than this.
_PARTS = 50


def heights(parts: Sequence[Part]) -> Iterator[tuple[int, float]]:
    """Steps and the values there, from the first on; of an endless shape only its start is known.

    Args:
        parts: the parts of a schedule.
    """
    crowded = len(parts) > _PARTS
    for first, block, curve in parts:
        for t in (0,) if crowded else _places(block):
            yield first + t, value_at(curve, t)


def _places(block: Block) -> Iterator[int]:
    if isinstance(block, RepeatBlock):
        _, _, length = block.cycle(0)
        count = _OTHER
    elif block.length < float("inf"):
        length, count = int(block.length), _SHAPE if isinstance(block, ShapeBlock) else _OTHER
    else:
        yield 0
        return
    yield from dict.fromkeys(max(length - 1, 0) * i // count for i in range(count + 1))
