"""The cycles of a repetition: the length of each, and the boundaries in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import (
    Constant,
    Every,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Skip,
    Timed,
    Tree,
    flat,
)
from lrdsl.record import replace
from lrdsl.resolve.measure import is_exact, nearest, repeated
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational


# The parts of a step that the length of a cycle is rounded to, where it has more digits.
_FINEST = 10**18


def first_cycle(layout: Layout, tree: Repeat, room: Room) -> Rational | None:
    """The exact length of the first cycle, or None (which is reported)."""
    # A `rest` in an `until` has no end in a cycle, unless cycles share a length.
    cycle = layout.size(tree.body, replace(room, left=None))
    if cycle is not None:
        return cycle
    if tree.times is None or room.length is None:
        message = "a cycle of `repeat` needs a length, and what is left over is not known"
        help = (
            "give every part inside a length; or give `times` and pass the run's length: "
            "`total=` (`--total`)"
        )
        needs = "--total" if tree.times else ""
        layout.measure.report("missing-length", tree.body.span, message, help, needs)
        return None
    return divide(room.length, repeated(tree.stretch, tree.times))


def shares_room(layout: Layout, tree: Repeat, room: Room) -> bool:
    """Whether cycles share the room of a repetition, because a part of them is `rest`."""
    return layout.measure.size(tree.body, room.enclosing) is None


def cycle_room(
    tree: Repeat, shares: bool, room: Room, length: Rational, offset: Rational, scale: Rational
) -> Room:
    """The room of a cycle, which may be one of those that share a length."""
    place = (*room.place, 0)
    shared_by, left = (tree, length) if shares else (None, None)
    return type(room)(room.enclosing, length, offset, scale, place, shared_by, left)


def cycles(
    tree: Repeat, room: Room, first: Rational
) -> Iterator[tuple[Rational, Rational, Rational]]:
    """The exact starts, the lengths and the scales of cycles that grow or shrink."""
    limit = limits.STEPS if room.length is None else room.length
    exact = tree.times is not None and is_exact(tree.stretch, tree.times)
    distance: Rational = 0
    cycle, k = first, 0
    while distance < limit and (tree.times is None or k < tree.times):
        k += 1
        if k == tree.times and room.length is not None:
            cycle = room.length - distance
        yield distance, cycle, divide(room.scale * cycle, first)
        distance += cycle
        cycle *= tree.stretch
        # Far out only the rounded length matters, and exact fractions would grow without end.
        if not exact and cycle.denominator > _FINEST:
            cycle = divide(nearest(cycle * _FINEST), _FINEST)


def marks_in(layout: Layout, tree: Tree, room: Room, rounded: list[int]) -> Iterator[Rational]:
    """The exact distances of all boundaries in a tree from its start, its own end included.

    Of a ``repeat`` inside, distances are given up to whole steps.

    Args:
        layout: knows lengths.
        tree: the tree.
        room: its room.
        rounded: takes the lengths in it that are no boundaries, in whole steps.
    """
    distance: Rational = 0
    parts = list(flat(tree))
    for place, (part, length) in enumerate(zip(parts, layout.lengths(parts, room), strict=False)):
        inner = room.part(place, length, distance)
        for mark in _marks_inside(layout, part, inner, rounded):
            yield distance + mark
        if length is None:
            return
        distance += length
        yield distance


def _marks_inside(layout: Layout, part: Tree, room: Room, rounded: list[int]) -> Iterator[Rational]:
    """The same for a part; its own end is left out."""
    if isinstance(part, Shape):
        rounded += layout.whole_steps(part, room)
    elif isinstance(part, Pointwise):
        for side, inner in layout.sides(part, room):
            if not isinstance(side, Constant):
                yield from marks_in(layout, side, inner, rounded)
    elif isinstance(part, Timed):
        yield from _marks_of_timed(layout, part, room, rounded)
    elif isinstance(part, Repeat):
        yield from _marks_of_cycles(layout, part, room)


def _marks_of_timed(
    layout: Layout, tree: Timed, room: Room, rounded: list[int]
) -> Iterator[Rational]:
    skipped: Rational = 0
    if isinstance(tree, Skip | Every):
        given = layout.measure.steps(tree.length, room.enclosing) * room.scale
        if isinstance(tree, Skip):
            skipped = given
            yield -skipped
        elif given >= 1:
            yield from _multiples(layout, tree, given, room.length)
    for mark in marks_in(layout, tree.body, layout.inside(tree, room), rounded):
        yield mark - skipped


def _marks_of_cycles(layout: Layout, tree: Repeat, room: Room) -> Iterator[Rational]:
    if tree.cycles is not None:
        distance: Rational = 0
        for body, length in zip(tree.cycles.bodies, tree.cycles.lengths, strict=True):
            inner = cycle_room(tree, tree.cycles.share, room, length, 0, 1)
            for mark in marks_in(layout, body, inner, []):
                layout.spend(1, tree.span)
                yield distance + mark
            distance += length
        return
    first = first_cycle(layout, tree, room)
    if first is None or first < 1:
        return
    shares = shares_room(layout, tree, room)
    if tree.stretch != 1:
        for distance, cycle, scale in cycles(tree, room, first):
            inner = cycle_room(tree, shares, room, cycle, 0, scale)
            for mark in marks_in(layout, tree.body, inner, []):
                layout.spend(1, tree.span)
                yield distance + mark
        return
    inner = cycle_room(tree, shares, room, first, 0, room.scale)
    marks = {mark % 1 for mark in marks_in(layout, tree.body, inner, [])}
    for start in _multiples(layout, tree, first, room.length, len(marks)):
        for mark in marks:
            yield start + mark


def _multiples(
    layout: Layout, tree: Tree, cycle: Rational, length: Rational | None, work: int = 1
) -> Iterator[Rational]:
    """The exact starts of cycles of one length, until their fractions of a step come again."""
    count = cycle.denominator
    if length is not None:
        count = min(-(-length // cycle), count)
    for k in range(count):
        layout.spend(work, tree.span)
        yield k * cycle


def holds_repeat(tree: Tree | Constant) -> bool:
    """True if there are cycles in a tree: a ``repeat``, or the stretches of an ``every``."""
    if isinstance(tree, Sequence):
        return any(map(holds_repeat, tree.parts))
    if isinstance(tree, Pointwise):
        return any(map(holds_repeat, tree.sides))
    return isinstance(tree, Repeat | Every) or (isinstance(tree, Timed) and holds_repeat(tree.body))
