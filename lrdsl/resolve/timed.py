"""Schedules that are cut, or entered later: where, and the room of what is inside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Every, Pointwise, Sequence, Skip, Timed, Tree, Until, flat
from lrdsl.record import replace
from lrdsl.schedule.repeat import Even
from lrdsl.schedule.window import EveryBlock, WindowBlock
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.schedule.block import Block
    from lrdsl.text.numbers import Rational


def timed(layout: Layout, tree: Timed, room: Room) -> Block:
    """The block of a schedule that is cut, or entered later.

    Args:
        layout: lays it out.
        tree: the schedule.
        room: its own room.
    """
    inner, length = inside(layout, tree, room), given(layout, tree, room)
    chain = layout.chain(tree.body, inner)
    stop = math.inf if room.steps is None else room.steps
    if isinstance(tree, Skip):
        first = inner.step(length)
        return WindowBlock(tree.span, tree.name, stop, None, tree.through, chain, first)
    if isinstance(tree, Every):
        return _every(layout, tree, room, chain)
    assert isinstance(tree, Until)
    cut = room.step(length)
    written = str(tree.length) if cut == stop and not tree.length.in_steps else None
    return WindowBlock(tree.span, tree.name, stop, written, tree.through, chain, cut=cut)


def _every(layout: Layout, tree: Every, room: Room, chain: Block) -> Block:
    """The block of a schedule that changes only so often."""
    length = given(layout, tree, room)
    if length < 1:
        lasts = number(float(length))
        message = f"a stretch of `every` lasts at least one step, and this one lasts {lasts}"
        layout.measure.report("short-cycle", tree.length.span, message, "make it longer")
        return chain
    bounds = Even(length, offset=room.offset)
    return EveryBlock(tree.span, tree.name, chain.length, None, tree.through, chain, bounds)


def given(layout: Layout, tree: Timed, room: Room) -> Rational:
    """The exact length that was written."""
    return layout.measure.steps(tree.length, room.enclosing) * room.scale


def inside(layout: Layout, tree: Timed, room: Room) -> Room:
    """The room of what is inside: that which it would have if nothing cut it."""
    place = (*room.place, 0)
    if isinstance(tree, Skip):
        earlier = _earlier(layout, tree, room)
        size = layout.size(tree.body, earlier)
        if size is None and room.length is not None:
            size = room.length + given(layout, tree, room)
        return replace(earlier, length=size, place=place)
    size = layout.size(tree.body, room)
    if size is None:
        size = room.left if isinstance(tree, Until) else room.length
    return replace(room, length=size, place=place)


def _earlier(layout: Layout, tree: Skip, room: Room) -> Room:
    """A room that starts where what is entered late would have."""
    return room.part(0, None, -given(layout, tree, room))


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
    elif isinstance(tree, Every):
        found = layout.size(tree.body, room)
        assert found is not None
    elif isinstance(tree, Skip):
        found = layout.size(tree.body, _earlier(layout, tree, room))
        assert found is not None
        found = layout.measure.after(tree, given(layout, tree, room), found)
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
        over = layout.measure.told(-room.left)
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
