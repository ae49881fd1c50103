"""The blocks of a schedule as lints look at them: however a product with a number is spelled."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from lrdsl.formula.formula import UNDEFINED
from lrdsl.record import entity
from lrdsl.schedule.block import Block, Env, Scalar
from lrdsl.schedule.pointwise import PointwiseBlock, combined
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.window import WindowBlock, seen

Part = tuple[int, Block, Scalar]


@entity
class Leaf:
    """A shape, wherever it stands.

    Attributes:
        block: the shape.
        first: the step of the schedule at which its clock starts, for the first time.
            It is negative where a `skip` enters the schedule later.
        inside: the blocks around it, the outermost first.
        stop: the step from which on an `over` or an `until` around it shows nothing of it.
    """

    block: ShapeBlock
    first: int
    inside: tuple[Block, ...]
    stop: float


def is_number(block: Block) -> bool:
    """True if a block is a plain number, which is one side of an operation."""
    return isinstance(block, ShapeBlock) and block.definition is None and block.meter is None


def moving(block: PointwiseBlock) -> tuple[Block, ...]:
    """The sides of an operation that are schedules."""
    return tuple([side for side in block.sides if not is_number(side)])


def parts_of(first: int, block: Block, env: Env) -> list[Part]:
    """A part; or its parts, where it is a sequence that is scaled or limited by a number.

    So what is found in ``1e-3 * (a >> b)`` is found in ``(a >> b) * 1e-3`` and in ``a >> b``.

    Args:
        first: its first step.
        block: the part.
        env: the values of ``base`` and of the words.
    """
    return list(_parts(first, block, env, lambda curve: curve))


def _parts(
    first: int, block: Block, env: Env, around: Callable[[Scalar], Scalar]
) -> Iterator[Part]:
    if isinstance(block, PointwiseBlock):
        sides = moving(block)
        if len(sides) == 1 and isinstance(sides[0], SequenceBlock | PointwiseBlock):

            def outer(curve: Scalar) -> Scalar:
                curves = [curve if side is sides[0] else side.scalar(env) for side in block.sides]
                return around(combined(block.op, curves))

            yield from _parts(first, sides[0], env, outer)
            return
    elif isinstance(block, SequenceBlock):
        for start, inner in zip(block.starts, block.blocks, strict=True):
            yield from _parts(first + start, inner, env, around)
        return
    yield first, block, around(block.scalar(env))


def leaves(parts: Iterable[Part]) -> Iterator[Leaf]:
    """Every shape of a schedule; of the cycles of a repetition, those of the first one.

    Args:
        parts: the parts of the schedule.
    """
    for first, block, _ in parts:
        yield from _leaves(block, first, ())


def _leaves(
    block: Block, first: int, inside: tuple[Block, ...], stop: float = math.inf
) -> Iterator[Leaf]:
    if isinstance(block, ShapeBlock):
        if not is_number(block):
            yield Leaf(block, first, inside, stop)
    elif isinstance(block, SequenceBlock):
        for start, part in zip(block.starts, block.blocks, strict=True):
            yield from _leaves(part, first + start, (*inside, block), stop)
    elif isinstance(block, RepeatBlock):
        yield from _leaves(block.block(0), first, (*inside, block), stop)
    elif isinstance(block, WindowBlock):
        end = min(stop, first + block.length)
        for start, part in shown(block):
            yield from _leaves(part, first - block.first + start, (*inside, block), end)
    else:
        for child in block.children():
            yield from _leaves(child, first, (*inside, block), stop)


def shown(block: WindowBlock) -> Iterator[tuple[int, Block]]:
    """The parts of what is in a window that it shows steps of, and where they start in it."""
    chain, stop = block.block, block.first + block.length
    if not isinstance(chain, SequenceBlock):  # one part, cut at the end of the run
        yield 0, chain
        return
    for start, part in zip(chain.starts, chain.blocks, strict=True):
        if seen(block.first, stop, start, part) is not None:
            yield start, part


def leading(block: Block) -> Iterator[ShapeBlock]:
    """The shapes that a block starts with: several where sides run together."""
    return _outermost(block, 0)


def closing(block: Block) -> Iterator[ShapeBlock]:
    """The shapes that a block ends with: several where sides run together."""
    return _outermost(block, -1)


def _outermost(block: Block, end: int) -> Iterator[ShapeBlock]:
    """The shapes at one end of a block: 0 for the first ones, -1 for the last."""
    if isinstance(block, ShapeBlock):
        if not is_number(block):
            yield block
        return
    inside: Sequence[Block] = block.children()
    if isinstance(block, RepeatBlock | SequenceBlock):
        inside = block.blocks  # a sequence has children that own no step
    elif isinstance(block, WindowBlock):
        inside = [part for _, part in shown(block)]
    for child in inside if isinstance(block, PointwiseBlock) else [inside[end]]:
        yield from _outermost(child, end)


def value_at(curve: Scalar, t: float) -> float:
    """The value at a local step; infinite where it is too large for a number, or has none."""
    try:
        return curve(int(t))
    except UNDEFINED:
        return math.inf


def milestones(shape: ShapeBlock, env: Env) -> tuple[float, ...]:
    """The local steps at which a shape changes at once; of even stairs, the first one.

    Args:
        shape: the shape.
        env: the values of ``base`` and of the words.
    """
    if "milestones" not in shape.arguments and shape.name != "step":
        return ()
    values = shape.values(env)
    if shape.name == "step":
        every, offset = values["every"], values["offset"]
        assert not isinstance(every, tuple) and not isinstance(offset, tuple)
        return (every - offset % every,)
    places = values["milestones"]
    return places if isinstance(places, tuple) else ()
