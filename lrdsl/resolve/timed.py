"""Schedules that are cut: where, and the room of what is inside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Pointwise, Sequence, Timed, Tree, Until, flat
from lrdsl.record import replace
from lrdsl.schedule.window import WindowBlock
from lrdsl.wording import plural

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.schedule.block import Block
    from lrdsl.text.numbers import Rational


def timed(layout: Layout, tree: Timed, room: Room) -> Block:
    """The block of a schedule that is cut.

    Args:
        layout: lays it out.
        tree: the schedule.
        room: its own room.
    """
    assert isinstance(tree, Until)
    steps = room.steps
    assert steps is not None
    chain = layout.chain(tree.body, inside(layout, tree, room))
    cut = room.step(given(layout, tree, room))
    written = None if tree.length.in_steps else str(tree.length)
    return WindowBlock(tree.span, tree.name, steps, written, tree.through, chain, cut=cut)


def given(layout: Layout, tree: Timed, room: Room) -> Rational:
    """The exact length that was written."""
    return layout.measure.steps(tree.length, room.enclosing) * room.scale


def inside(layout: Layout, tree: Timed, room: Room) -> Room:
    """The room of what is cut: that which it would have if nothing cut it."""
    size = layout.size(tree.body, room)
    length = room.left if size is None else size
    return replace(room, length=length, place=(*room.place, 0))


def sizes(layout: Layout, parts: list[Tree], room: Room) -> list[Rational | None]:
    """The exact lengths of the parts of a sequence, each from where it starts.

    One that fills the sequence is None.
    """
    found: list[Rational | None] = []
    distance: Rational = 0
    is_open = False
    for part in parts:
        size = layout.size(part, room.part(0, None, distance))
        if is_open and part in layout.measure.bounded:
            _report_second_rest(layout, part)
        is_open = is_open or size is None
        found.append(size)
        distance += size or 0
    return found


def fitted(layout: Layout, tree: Tree | Constant, room: Room) -> Rational:
    """The exact length of a tree that depends on where it stands."""
    found: Rational | None = None
    if isinstance(tree, Sequence):
        found = sum(size for size in sizes(layout, list(flat(tree)), room) if size is not None)
    elif isinstance(tree, Pointwise):
        sides = [layout.size(side, room) for side in tree.sides if not isinstance(side, Constant)]
        found = max(size for size in sides if size is not None)
    else:
        assert isinstance(tree, Until)
        found = layout.size(tree.body, room)
        if found is None:
            found = _to_the_end(layout, tree, room)
        found = min(found, given(layout, tree, room))
    return found


def _to_the_end(layout: Layout, tree: Until, room: Room) -> Rational:
    """The length of what would last to the end of the enclosing length."""
    assert room.left is not None
    if room.left < 0:
        over = plural(-room.left, "step")
        message = f"nothing is left for `{tree.body.name}`: it would start {over} after the end"
        help = "shorten the parts before it, or give it a length of its own"
        layout.measure.report("nothing-left", tree.body.span, message, help)
    return max(room.left, 0)


def _report_second_rest(layout: Layout, part: Tree) -> None:
    until = next(_bounded(layout, part))
    name = until.body.name
    message = (
        f"`{name}` would last to the end, and a part before it takes what is left over: neither"
        " length follows from the other"
    )
    help = f"give `{name}` a length of its own, or the part before it"
    layout.measure.report("second-rest", until.body.span, message, help)


def _bounded(layout: Layout, tree: Tree | Constant) -> Iterator[Until]:
    """Every ``until`` in a tree that holds a ``rest``."""
    if isinstance(tree, Timed):
        if tree.body in layout.measure.bounded:
            yield from _bounded(layout, tree.body)
        elif isinstance(tree, Until):
            yield tree
    elif isinstance(tree, Sequence | Pointwise):
        for child in tree.parts if isinstance(tree, Sequence) else tree.sides:
            if child in layout.measure.bounded:
                yield from _bounded(layout, child)
