"""Repetitions: how long each cycle is, and one block for each layout that a cycle can have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import Constant, Over, Pointwise, Repeat, Sequence, Shape, Tree, flat
from lrdsl.resolve.measure import is_exact, nearest, repeated
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
    first = _first(layout, tree, room)
    if first is None or not _long_enough(layout, tree, first):
        return layout.block(tree.body, room)
    found = (_even if tree.stretch == 1 else _listed)(layout, tree, room, first)
    if found is None:
        return layout.block(tree.body, room)
    bounds, rooms = found
    blocks = tuple(layout.chain(tree.body, inner) for inner in rooms)
    steps = room.steps
    length = math.inf if steps is None else steps
    return RepeatBlock(tree.span, tree.name, length, None, tree.through, bounds, blocks, tree.decay)


def _first(layout: Layout, tree: Repeat, room: Room) -> Rational | None:
    """The exact length of the first cycle, or None (which is reported)."""
    cycle = layout.size(tree.body, room)
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


def _long_enough(layout: Layout, tree: Repeat, cycle: Rational) -> bool:
    if cycle >= 1:
        return True
    message = (
        f"a cycle of `repeat` lasts at least one step, and this one lasts {number(float(cycle))}"
    )
    layout.measure.report("short-cycle", tree.body.span, message, "make what is inside longer")
    return False


def _cycle(
    tree: Repeat, shares: bool, room: Room, length: Rational, offset: Rational, scale: Rational
) -> Room:
    """The room of a cycle, which may be one of those that share a length."""
    place = (*room.place, 0)
    return type(room)(room.enclosing, length, offset, scale, place, tree if shares else None)


def _even(
    layout: Layout, tree: Repeat, room: Room, cycle: Rational
) -> tuple[Even, list[Room]] | None:
    """Cycles of one length, and the room of one of each layout."""
    count = tree.times
    if count is None and room.length is not None:
        count = -(-room.length // cycle)
    shares = layout.size(tree.body, room) is None
    marks: set[Rational] = set()
    if cycle.denominator != 1:  # otherwise all cycles have the phase of the first
        inner = _cycle(tree, shares, room, cycle, 0, room.scale)
        marks = {mark % 1 for mark in _marks(layout, tree.body, inner, [])}
    bounds = Even(cycle, tree.times, room.offset, count, marks)
    layout.spend(len(bounds.offsets), tree.span)
    return bounds, [
        _cycle(tree, shares, room, cycle, offset, room.scale) for offset in bounds.offsets
    ]


def _listed(
    layout: Layout, tree: Repeat, room: Room, first: Rational
) -> tuple[Listed, list[Room]] | None:
    """Cycles that grow or shrink, and the room of one of each layout."""
    starts: list[int] = [0]
    layouts: list[int] = []
    rooms: list[Room] = []
    # Cycles in which everything is rounded alike share a block. Only those of one whole length can.
    of_length: dict[int, int] = {}
    of_rounding: dict[tuple[int, ...], int] = {}
    compared: set[int] = set()
    holds_repeat = _holds_repeat(tree.body)
    shares = layout.size(tree.body, room) is None
    for distance, cycle, scale in _cycles(tree, room, first):
        if cycle < 1 or len(starts) > limits.CYCLES:
            _report_cycles(layout, tree, len(starts))
            return None
        layout.spend(1, tree.span)
        inner = _cycle(tree, shares, room, cycle, (room.offset + distance) % 1, scale)
        starts.append(room.step(distance + cycle))
        length = starts[-1] - starts[-2]
        number = len(rooms)
        if length in of_length and not holds_repeat:
            if length not in compared:  # the first one is rounded when there is a second
                compared.add(length)
                other = of_length[length]
                of_rounding[_rounding(layout, tree.body, rooms[other])] = other
            number = of_rounding.setdefault(_rounding(layout, tree.body, inner), number)
        of_length.setdefault(length, number)
        layouts.append(number)
        if number == len(rooms):
            rooms.append(inner)
    return Listed(starts, layouts), rooms


def _rounding(layout: Layout, tree: Tree, room: Room) -> tuple[int, ...]:
    """Every whole step that a tree is laid out with."""
    rounded: list[int] = []
    steps = [room.step(mark) for mark in _marks(layout, tree, room, rounded)]
    return *steps, *rounded


def _cycles(
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


def _marks(layout: Layout, tree: Tree, room: Room, rounded: list[int]) -> Iterator[Rational]:
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
        if length is None:
            return
        inner = room.part(place, length)
        for mark in _marks_inside(layout, part, inner, rounded):
            yield distance + mark
        distance += length
        yield distance


def _marks_inside(layout: Layout, part: Tree, room: Room, rounded: list[int]) -> Iterator[Rational]:
    """The same for a part; its own end is left out."""
    if isinstance(part, Shape):
        rounded += layout.whole_steps(part, room)
    elif isinstance(part, Pointwise):
        for side, inner in layout.sides(part, room):
            if not isinstance(side, Constant):
                yield from _marks(layout, side, inner, rounded)
    elif isinstance(part, Over):
        yield from _marks(layout, part.body, layout.inside(part, room), rounded)
    elif isinstance(part, Repeat):
        yield from _marks_of_cycles(layout, part, room)


def _marks_of_cycles(layout: Layout, tree: Repeat, room: Room) -> Iterator[Rational]:
    first = _first(layout, tree, room)
    if first is None or first < 1 or room.length is None:
        return
    shares = layout.size(tree.body, room) is None
    if tree.stretch != 1:
        for distance, cycle, scale in _cycles(tree, room, first):
            inner = _cycle(tree, shares, room, cycle, 0, scale)
            for mark in _marks(layout, tree.body, inner, []):
                layout.spend(1, tree.span)
                yield distance + mark
        return
    inner = _cycle(tree, shares, room, first, 0, room.scale)
    marks = {mark % 1 for mark in _marks(layout, tree.body, inner, [])}
    # After so many cycles the fractions of a step come again.
    for k in range(min(-(-room.length // first), first.denominator)):
        layout.spend(len(marks), tree.span)
        for mark in marks:
            yield k * first + mark


def _holds_repeat(tree: Tree | Constant) -> bool:
    if isinstance(tree, Sequence):
        return any(map(_holds_repeat, tree.parts))
    if isinstance(tree, Pointwise):
        return any(map(_holds_repeat, tree.sides))
    return isinstance(tree, Repeat) or (isinstance(tree, Over) and _holds_repeat(tree.body))


def _report_cycles(layout: Layout, tree: Repeat, count: int) -> None:
    if count <= limits.CYCLES:
        message = f"cycle {count} of `repeat` would last less than a step"
        help = "limit it with `times`, or bring `stretch` closer to 1"
        layout.measure.report("short-cycle", tree.span, message, help)
        return
    message = f"`repeat` has more than {limits.CYCLES:,} cycles, each of another length"
    help = "limit it with `times`; without `stretch` there is no limit"
    layout.measure.report("too-many-cycles", tree.span, message, help)
