"""A side of an operator that owns no step: it has ended, and its end value is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.check.tree import Repeat, Timed, Tree, flat
from lrdsl.formula.formula import Const
from lrdsl.record import replace
from lrdsl.resolve.cycles import cycle_room, first_cycle
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.window import WindowBlock

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.schedule.block import Block
    from lrdsl.text.numbers import Rational


def ended(layout: Layout, tree: Tree, room: Room) -> Block:
    """A block without steps, whose value is that at the end of a tree.

    Args:
        layout: lays the tree out.
        tree: a tree that owns no step.
        room: its own room.
    """
    last, inner = _last(layout, tree, room)
    if isinstance(last, Repeat):
        return _repeated(layout, last, inner)
    if isinstance(last, Timed):
        inside = layout.inside(last, inner)
        if inside.steps == 0:
            return ended(layout, last.body, inside)
    block = layout.block(last, inner)
    return replace(block, kernel=block.kernel.ended) if isinstance(block, ShapeBlock) else block


def _last(layout: Layout, tree: Tree, room: Room) -> tuple[Tree, Room]:
    """The last part of a sequence, and its room."""
    parts = list(flat(tree))
    distance: Rational = 0
    inner = room
    for place, (part, length) in enumerate(zip(parts, layout.lengths(parts, room), strict=True)):
        assert length is not None
        inner = room.part(place, length, distance)
        distance += length
        layout.vanish(part, length, room)
    return parts[-1], inner


def _repeated(layout: Layout, tree: Repeat, room: Room) -> Block:
    """The end of a repetition: of its last cycle, or where the first one is cut at once."""
    body, cycle = tree.body, first_cycle(layout, tree, room)
    if tree.cycles is not None:
        body, cycle = tree.cycles.bodies[-1], tree.cycles.lengths[-1]
    shares = layout.size(body, room) is None
    inside = cycle_room(tree, shares, room, cycle or 0, room.offset, room.scale)
    if inside.steps:
        chain = layout.chain(body, inside)
        return WindowBlock(tree.span, tree.name, 0, None, tree.through, chain)
    block = ended(layout, body, inside)
    factor = Const(tree.decay ** ((tree.times or 1) - 1))
    sides = block, layout.constant(tree.span, tree.name, factor, room)
    return PointwiseBlock(tree.span, tree.name, 0, None, tree.through, "*", sides)
