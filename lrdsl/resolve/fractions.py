"""Where in a tree there are cycles of a fraction of a step, and the exact lengths around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import (
    Constant,
    Every,
    Over,
    Pointwise,
    Repeat,
    Sequence,
    Skip,
    Tree,
    Until,
    flat,
)
from lrdsl.resolve.cycles import cycle_room, cycles, first_cycle, holds_repeat, shares_room

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational


# So many parts of cycles that grow are laid out together, in every way they can be rounded.
_FEW = 16


class Irregular(Exception):
    """A repetition has to be laid out cycle by cycle."""


def holds_fraction(layout: Layout, tree: Tree, room: Room) -> bool:
    """True if there are cycles of a fraction of a step in a sequence."""
    parts = list(flat(tree))
    rooms = zip(parts, layout.lengths(parts, room), strict=False)
    return any(is_fraction(layout, part, room.part(i, x)) for i, (part, x) in enumerate(rooms))


def is_fraction(layout: Layout, tree: Tree, room: Room) -> bool:
    """The same of a part."""
    if not holds_repeat(tree):
        return False
    if isinstance(tree, Sequence):
        return holds_fraction(layout, tree, room)
    if isinstance(tree, Pointwise):
        return any(
            is_fraction(layout, side, inner)
            for side, inner in layout.sides(tree, room)
            if not isinstance(side, Constant)
        )
    if isinstance(tree, Over):
        return holds_fraction(layout, tree.body, layout.inside(tree, room))
    if isinstance(tree, Until | Skip | Every):
        if holds_fraction(layout, tree.body, layout.inside(tree, room)):
            layout.timed = tree
            raise Irregular  # a cycle is cut, which the clock of a nest does not know
        return False
    assert isinstance(tree, Repeat)
    first = first_cycle(layout, tree, room)
    if first is None or first < 1:
        raise Irregular
    if tree.stretch != 1:
        return _is_grown(layout, tree, room)
    inner = cycle_room(tree, False, room, first, 0, room.scale)
    return first.denominator != 1 or holds_fraction(layout, tree.body, inner)


def _is_grown(layout: Layout, tree: Repeat, room: Room) -> bool:
    """The same of cycles that grow or shrink; few simple ones are laid out together."""
    rooms = [inner for _, inner in grown(layout, tree, room)]
    layout.spend(len(rooms), tree.span)
    if not holds_repeat(tree.body) and len(rooms) * tree.body.size <= _FEW:
        return False
    return any(
        inner.length is None
        or inner.length.denominator != 1
        or holds_fraction(layout, tree.body, inner)
        for inner in rooms
    )


def grown(layout: Layout, tree: Repeat, room: Room) -> Iterator[tuple[Rational, Room]]:
    """The exact starts of cycles that grow or shrink, and their rooms, all as if at phase 1/2.

    Raises:
        Irregular: there are too many, or one is shorter than a step, which is reported where they
            are laid out.
    """
    first = first_cycle(layout, tree, room)
    if first is None:
        raise Irregular
    shares = shares_room(layout, tree, room)
    for k, (distance, cycle, scale) in enumerate(cycles(tree, room, first)):
        if cycle < 1 or k >= limits.CYCLES:
            raise Irregular
        yield distance, cycle_room(tree, shares, room, cycle, 0, scale)


def lengths_in(layout: Layout, tree: Tree, room: Room) -> Iterator[Rational]:
    """The exact lengths of all parts and cycles in a sequence that holds such cycles."""
    parts = list(flat(tree))
    for place, (part, length) in enumerate(zip(parts, layout.lengths(parts, room), strict=False)):
        if length is None:
            raise Irregular
        yield length
        yield from _lengths_inside(layout, part, room.part(place, length))


def _lengths_inside(layout: Layout, part: Tree, room: Room) -> Iterator[Rational]:
    if isinstance(part, Pointwise):
        for side, inner in layout.sides(part, room):
            if not isinstance(side, Constant):
                assert inner.length is not None
                yield inner.length
                yield from lengths_in(layout, side, inner)
    elif isinstance(part, Over):
        inside = layout.inside(part, room)
        assert inside.length is not None
        yield inside.length
        yield from lengths_in(layout, part.body, inside)
    elif isinstance(part, Repeat) and part.stretch != 1:
        if is_fraction(layout, part, room):
            for distance, inner in grown(layout, part, room):
                assert inner.length is not None
                yield distance
                yield inner.length
                yield from lengths_in(layout, part.body, inner)
    elif isinstance(part, Repeat):
        first = first_cycle(layout, part, room)
        if first is None:
            raise Irregular
        yield first
        yield from lengths_in(
            layout, part.body, cycle_room(part, False, room, first, 0, room.scale)
        )
