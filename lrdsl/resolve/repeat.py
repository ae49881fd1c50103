"""Repetitions: the length of each cycle, and a block for each layout that a cycle can have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import Cycles, Repeat, Tree
from lrdsl.resolve.cycles import (
    cycle_room,
    cycles,
    first_cycle,
    holds_repeat,
    marks_in,
    shares_room,
)
from lrdsl.schedule.block import Block
from lrdsl.schedule.repeat import Even, Listed, RepeatBlock
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational


def repeat(layout: Layout, tree: Repeat, room: Room) -> Block:
    """The block of a repetition that fills its room."""
    if tree.cycles is not None:
        return _one_by_one(layout, tree, tree.cycles, room)
    first = first_cycle(layout, tree, room)
    if first is None or not _long_enough(layout, tree, first):
        return layout.block(tree.body, room)
    if tree.stretch == 1 and first.denominator != 1 and holds_repeat(tree.body):
        from lrdsl.resolve.nest import nested

        if (nest := nested(layout, tree, room, first)) is not None:
            return nest
    found = (_even if tree.stretch == 1 else _listed)(layout, tree, room, first)
    if found is None:
        return layout.block(tree.body, room)
    bounds, rooms = found
    blocks = tuple(layout.chain(tree.body, inner) for inner in rooms)
    steps = room.steps
    length = math.inf if steps is None else steps
    return RepeatBlock(tree.span, tree.name, length, None, tree.through, bounds, blocks, tree.decay)


def _long_enough(layout: Layout, tree: Repeat, cycle: Rational) -> bool:
    if cycle >= 1:
        return True
    message = (
        f"a cycle of `repeat` lasts at least one step, and this one lasts {number(float(cycle))}"
    )
    layout.measure.report("short-cycle", tree.body.span, message, "make what is inside longer")
    return False


def _even(
    layout: Layout, tree: Repeat, room: Room, cycle: Rational
) -> tuple[Even, list[Room]] | None:
    """Cycles of one length, and the room of one of each layout."""
    count = tree.times
    if count is None and room.length is not None:
        count = -(-room.length // cycle)
    shares = shares_room(layout, tree, room)
    marks: set[Rational] = set()
    if cycle.denominator != 1:  # otherwise all cycles have the phase of the first
        inner = cycle_room(tree, shares, room, cycle, 0, room.scale)
        marks = {mark % 1 for mark in marks_in(layout, tree.body, inner, [])}
    bounds = Even(cycle, tree.times, room.offset, count, marks)
    layout.spend(len(bounds.offsets), tree.span)
    return bounds, [
        cycle_room(tree, shares, room, cycle, offset, room.scale) for offset in bounds.offsets
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
    irregular = holds_repeat(tree.body)
    shares = shares_room(layout, tree, room)
    for distance, cycle, scale in cycles(tree, room, first):
        if cycle < 1 or len(starts) > limits.CYCLES:
            _report_cycles(layout, tree, len(starts))
            return None
        layout.spend(1, tree.span)
        inner = cycle_room(tree, shares, room, cycle, (room.offset + distance) % 1, scale)
        starts.append(room.step(distance + cycle))
        length = starts[-1] - starts[-2]
        which = len(rooms)
        if length in of_length and not irregular:
            if length not in compared:  # the first one is rounded when there is a second
                compared.add(length)
                other = of_length[length]
                of_rounding[_rounding(layout, tree.body, rooms[other])] = other
            which = of_rounding.setdefault(_rounding(layout, tree.body, inner), which)
        of_length.setdefault(length, which)
        layouts.append(which)
        if which == len(rooms):
            rooms.append(inner)
    return Listed(starts, layouts), rooms


def _one_by_one(layout: Layout, tree: Repeat, cycles: Cycles, room: Room) -> Block:
    """The block of cycles that depend on their place; those that are rounded alike share one."""
    starts: list[int] = [0]
    layouts: list[int] = []
    blocks: list[Block] = []
    known: dict[tuple[int, ...], int] = {}
    distance: Rational = 0
    for body, length in zip(cycles.bodies, cycles.lengths, strict=True):
        if not _long_enough(layout, tree, length):
            return layout.block(body, room)
        layout.spend(1, tree.span)
        inner = cycle_room(tree, cycles.share, room, length, (room.offset + distance) % 1, 1)
        distance += length
        starts.append(room.step(distance))
        which = known.setdefault(_rounding(layout, body, inner), len(blocks))
        if which == len(blocks):
            blocks.append(layout.chain(body, inner))
        layouts.append(which)
    steps = room.steps
    length_of_all = math.inf if steps is None else steps
    bounds = Listed(starts, layouts)
    return RepeatBlock(
        tree.span, tree.name, length_of_all, None, tree.through, bounds, tuple(blocks), tree.decay
    )


def _rounding(layout: Layout, tree: Tree, room: Room) -> tuple[int, ...]:
    """Every whole step that a tree is laid out with."""
    rounded: list[int] = []
    steps = [room.step(mark) for mark in marks_in(layout, tree, room, rounded)]
    return *steps, *rounded


def _report_cycles(layout: Layout, tree: Repeat, count: int) -> None:
    if count <= limits.CYCLES:
        message = f"cycle {count} of `repeat` would last less than a step"
        help = "limit it with `times`, or bring `stretch` closer to 1"
        layout.measure.report("short-cycle", tree.span, message, help)
        return
    message = f"`repeat` has more than {limits.CYCLES:,} cycles, each of another length"
    help = "limit it with `times`; without `stretch` there is no limit"
    layout.measure.report("too-many-cycles", tree.span, message, help)
