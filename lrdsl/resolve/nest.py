"""Repetitions in repetitions whose cycles are no whole number of steps, put on an exact clock.

Their cycles are too many to be laid out one by one. What is laid out is each part, once for every
way in which its boundaries can be rounded. Where a word in it depends on how another part of its
sequence is rounded, it is laid out once for every way in which that one can be rounded too.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Every, Over, Pointwise, Repeat, Sequence, Tree, flat
from lrdsl.record import replace
from lrdsl.resolve.cycles import cycle_room, first_cycle, marks_in, shares_room
from lrdsl.resolve.edges import (
    Edges,
    Marks,
    Placed,
    around,
    beside,
    irregular,
    of_layouts,
    words_of,
)
from lrdsl.resolve.ended import ended
from lrdsl.resolve.fractions import Irregular, grown, holds_fraction, is_fraction, lengths_in
from lrdsl.resolve.phases import Phases
from lrdsl.schedule.block import Block
from lrdsl.schedule.fine import Cycles, Fine, Leaf
from lrdsl.schedule.fine_parts import Chain, Copies, Grown, Sides
from lrdsl.schedule.nest import NestBlock
from lrdsl.schedule.repeat import Even, Listed, RepeatBlock
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational

Place = tuple[int, ...]
# What a layout of a part costs beside its block, in cycles found.
_A_LAYOUT = 5


def nested(layout: Layout, tree: Repeat, room: Room, cycle: Rational) -> NestBlock | None:
    """The block of a repetition whose cycles cannot be laid out one by one.

    None if they can, or if only that is sound.

    Args:
        layout: lays parts out.
        tree: the repetition.
        room: its room.
        cycle: the exact length of a cycle.
    """
    if layout.nest is not None or tree in layout.irregular:
        return None
    if layout.measure.bounded and shares_room(layout, tree, room):
        return None  # some `rest` in it depends on where in the cycle it stands
    inner = cycle_room(tree, False, room, cycle, 0, room.scale)
    vanished = dict(layout.vanished)
    try:
        if not holds_fraction(layout, tree.body, inner):
            return None
        half = divide(1, 2)
        lengths = [room.offset, half, cycle, *lengths_in(layout, tree.body, inner)]
        if room.length is not None:
            lengths.append(room.length)
        layout.nest = nest = Nest(layout, math.lcm(*(x.denominator for x in lengths)))
        return nest.add(tree, room)
    except Irregular:
        layout.irregular.add(tree)
        layout.vanished = vanished
        return None
    finally:
        layout.nest = None


class Nest:
    """Repetitions in each other, and what is known of their parts by place.

    Args:
        layout: lays parts out.
        unit: the ticks of a step, of which every exact length is a whole number.
    """

    def __init__(self, layout: Layout, unit: int) -> None:
        self._layout, self._unit = layout, unit
        self._parts: dict[Place, Fine] = {}
        # What is in each copy of a part, by place.
        self._copied: dict[Fine, dict[Place, Fine]] = {}
        self._marks = Marks()
        self._numbers: dict[tuple[tuple[int, ...], Place, int], int] = {}
        self._seen: dict[Place, int] = {}
        # Which copy, and which layout, has numbers of its own, from the outside in.
        self._copy: tuple[int, ...] = ()

    def number(self, place: Place, new: int) -> int:
        """The number of a leaf, which is one for all layouts of its part whose words are alike.

        Args:
            place: where it is.
            new: the number it gets if it has none yet.
        """
        self._seen[place] = self._seen.get(place, 0) + 1
        return self._numbers.setdefault((self._copy, place, self._seen[place]), new)

    def found(self, tree: Tree | Constant, room: Room) -> Block | None:
        """The block of a part, if it has been laid out or is a repetition of the nest."""
        part = self._parts.get(room.place)
        if isinstance(part, Copies):
            part = part.copy(self._phase(room))
            self._parts |= self._copied[part]
        if isinstance(part, Leaf):
            return part.block(self._phase(room))
        if isinstance(part, Grown):
            return self._grown_block(tree, room, part)
        return self.block(tree, room, part) if isinstance(part, Cycles) else None

    def _phase(self, room: Room) -> int:
        return int((room.offset + divide(1, 2)) % 1 * self._unit)

    def _ticks(self, length: Rational) -> int:
        return int(length * self._unit)

    def add(self, tree: Repeat, room: Room) -> NestBlock:
        """Puts a repetition, and all that is in it, on the clock."""
        cycles, _ = self._cycles(tree, room, Phases(self._unit, [self._phase(room)], self._unit))
        return self.block(tree, room, cycles)

    def block(self, tree: Tree | Constant, room: Room, cycles: Cycles) -> NestBlock:
        """The block of a repetition that is on the clock."""
        layout = self._layout
        assert isinstance(tree, Repeat)
        cycle = divide(cycles.cycle, self._unit)
        shares = shares_room(layout, tree, room)
        inner = cycle_room(tree, shares, room, cycle, room.offset, room.scale)
        first = layout.chain(tree.body, inner)
        inside = set(first.walk())
        leaves = (part for part in cycles.walk() if isinstance(part, Leaf))
        others = tuple(block for leaf in leaves for block in leaf.blocks if block not in inside)
        steps = room.steps
        length = math.inf if steps is None else steps
        bounds = Even(cycle, tree.times, room.offset)
        return NestBlock(
            tree.span, tree.name, length, None, tree.through, bounds, (first,), tree.decay,
            self._phase(room), cycles, others,
        )  # fmt: skip

    def _cycles(self, tree: Repeat, room: Room, phases: Phases) -> tuple[Cycles, Edges]:
        layout = self._layout
        first = first_cycle(layout, tree, room)
        if first is None or first < 1:
            raise Irregular  # which is reported where it is laid out
        layout.spend(1, tree.span)
        cycle = self._ticks(first)
        length = math.inf if room.length is None else self._ticks(room.length)
        last = math.inf if length == math.inf else -(-int(length) // cycle) - 1
        if tree.times is not None:
            last = min(last, tree.times - 1)
        inner = cycle_room(tree, False, room, first, 0, room.scale)
        chain, edges = self._chain(tree.body, inner, phases.cycles(cycle, last + 1))
        part = self._parts[room.place] = Cycles(
            self._unit, length, chain, cycle, last, float(tree.decay)
        )
        whole = length == math.inf or int(length) % cycle == 0
        vanishes = length < self._unit
        edges = replace(edges, ends_alike=edges.ends_alike and whole)
        return part, beside([edges], vanishes)

    def _grown(self, tree: Repeat, room: Room, phases: Phases) -> tuple[Grown, Edges]:
        """Cycles that grow or shrink, each with words of its own."""
        assert room.length is not None
        around_it = self._copy
        starts: list[int] = []
        chains: list[Chain] = []
        edges: list[Edges] = []
        stop: Rational = 0
        for distance, inner in grown(self._layout, tree, room):
            assert inner.length is not None
            self._copy = *around_it, len(starts)
            starts.append(self._ticks(distance))
            chain, around_cycle = self._chain(tree.body, inner, phases.after(starts[-1]))
            self._copied[chain] = self._forget(inner.place)
            chains.append(chain)
            edges.append(around_cycle)
            stop = distance + inner.length
        self._copy = around_it
        length = self._ticks(room.length)
        part = self._parts[room.place] = Grown(
            self._unit, length, tuple(starts), tuple(chains), phases.one, float(tree.decay)
        )
        together = beside(edges, length < self._unit)
        ends_alike = edges[-1].ends_alike and stop == room.length
        return part, replace(together, starts_alike=edges[0].starts_alike, ends_alike=ends_alike)

    def _grown_block(self, tree: Tree | Constant, room: Room, part: Grown) -> RepeatBlock:
        """The block of such cycles, for one phase."""
        layout = self._layout
        assert isinstance(tree, Repeat)
        starts, blocks = [0], list[Block]()
        for (distance, inner), cycle in zip(grown(layout, tree, room), part.parts, strict=True):
            assert inner.length is not None
            self._parts |= self._copied[cycle]
            starts.append(room.step(distance + inner.length))
            offset = (room.offset + distance) % 1
            blocks.append(layout.chain(tree.body, replace(inner, offset=offset)))
        steps = room.steps
        assert steps is not None
        bounds = Listed(starts, list(range(len(blocks))))
        return RepeatBlock(
            tree.span, tree.name, steps, None, tree.through, bounds, tuple(blocks), tree.decay
        )

    def _chain(self, tree: Tree, room: Room, phases: Phases) -> tuple[Chain, Edges]:
        layout, parts = self._layout, list(flat(tree))
        found: list[Placed] = []
        ticks = 0
        lengths = layout.lengths(parts, room)
        for place, (part, length) in enumerate(zip(parts, lengths, strict=False)):
            if length is None:
                raise Irregular
            if length:
                inner = room.part(place, length)
                fine = self._part(part, inner, phases.after(ticks))
                if fine is not None:
                    found.append(Placed(part, inner, ticks, *fine))
                ticks += self._ticks(length)
        if not found:
            raise Irregular
        for run in list(irregular(found)):
            marks = self._marks.of_ends(run)
            for one in run:
                if one.edges.asks:
                    found[found.index(one)] = self._apart(one, phases.after(one.start), marks)
        starts = tuple(one.start for one in found)
        fines = tuple(one.fine for one in found)
        return Chain(self._unit, ticks, starts, fines, phases.one), around(found)

    def _apart(self, one: Placed, phases: Phases, marks: Iterable[int]) -> Placed:
        """A part with copies of its own words wherever its neighbors are rounded otherwise."""
        unit, copies = self._unit, dict[int, Fine]()
        thresholds = sorted({(mark + one.start) % unit for mark in marks} - {0})
        place = one.room.place
        self._forget(place)
        if isinstance(one.fine, Leaf):
            found = self._leaf(one.tree, one.room, phases, thresholds)
            assert found is not None
            return Placed(one.tree, one.room, one.start, *found)
        around_it = self._copy
        limits = [0, *thresholds, unit]
        chosen = phases.of_layouts(thresholds)
        for key in chosen:
            self._copy = *around_it, key
            inside = phases.within(limits[key], limits[key + 1])
            copy = self._part(one.tree, one.room, inside)
            assert copy is not None
            copies[key] = copy[0]
            self._copied[copy[0]] = self._forget(place)
        self._copy = around_it
        fine = self._parts[place] = Copies(
            unit,
            one.fine.length,
            tuple(thresholds),
            _numbered(copies, thresholds),
            tuple(copies.values()),
            tuple(chosen.values()),
        )
        return replace(
            one, fine=fine, edges=replace(one.edges, starts_alike=False, ends_alike=False)
        )

    def _forget(self, place: Place) -> dict[Place, Fine]:
        """Takes out what there is at a place and in it."""
        found = [other for other in self._parts if other[: len(place)] == place]
        return {other: self._parts.pop(other) for other in found}

    def _part(
        self, tree: Tree | Constant, room: Room, phases: Phases, *, side: bool = False
    ) -> tuple[Fine, Edges] | None:
        """A part on the clock; None if it never owns a step."""
        layout = self._layout
        if isinstance(tree, Constant) or not is_fraction(layout, tree, room):
            return self._leaf(tree, room, phases, side=side)
        assert room.length is not None
        if side and room.length < 1:
            layout.cut = tree.span
            raise Irregular  # which owns no step at some phases, and its end is held
        if isinstance(tree, Repeat) and tree.stretch != 1:
            if room.length < 1:
                raise Irregular
            return self._grown(tree, room, phases)
        if isinstance(tree, Repeat):
            return self._cycles(tree, room, phases)
        if isinstance(tree, Sequence):
            return self._chain(tree, room, phases)
        sides: list[tuple[Fine, Edges]]
        if isinstance(tree, Over):
            op, sides = "", [self._chain(tree.body, layout.inside(tree, room), phases)]
            if sides[0][0].length < self._unit <= room.length * self._unit:
                layout.cut = tree.body.span
                raise Irregular
        else:
            assert isinstance(tree, Pointwise)
            op = tree.op
            sides = [
                one
                for inside, inner in layout.sides(tree, room)
                if (one := self._part(inside, inner, phases, side=True)) is not None
            ]
        edges = beside([edges for _, edges in sides], room.length < 1)
        fines = tuple(fine for fine, _ in sides)
        return Sides(self._unit, self._ticks(room.length), op, fines), edges

    def _leaf(
        self,
        tree: Tree | Constant,
        room: Room,
        phases: Phases,
        marks: Iterable[int] | None = None,
        *,
        side: bool = False,
    ) -> tuple[Leaf, Edges] | None:
        """A part that is laid out in every way in which it can be rounded.

        Args:
            tree: the part.
            room: its room.
            phases: the phases it can have.
            marks: those from which on its words may stand for something else; None if they stand
                for the same in all layouts, unless the layouts show that they do not.
            side: True if it is a side of an operator.
        """
        layout, unit = self._layout, self._unit
        assert room.length is not None
        layout.timed = tree if isinstance(tree, Every) else None
        distances = [] if isinstance(tree, Constant) else marks_in(layout, tree, room, [])
        later = {math.ceil(unit * (1 - distance % 1)) for distance in distances}
        thresholds = sorted({*later, *(marks or ())} - {unit})
        chosen = phases.of_layouts(thresholds)
        blocks: dict[int, Block] = {}
        vanishes = False
        around_it = self._copy
        for key, phase in sorted(chosen.items()):
            inner = replace(room, offset=divide(2 * phase + unit, 2 * unit) % 1)
            layout.spend(_A_LAYOUT, tree.span)
            self._seen.clear()
            if marks is not None:
                self._copy = *around_it, key
            if inner.steps or isinstance(tree, Constant):
                blocks[key] = layout.block(tree, inner)
                continue
            vanishes = True
            if side:
                blocks[key] = ended(layout, tree, inner)
            else:
                layout.vanish(tree, room.length, room)
        self._copy, layout.timed = around_it, None
        if not blocks:
            return None
        laid_out = tuple(blocks.values())
        known = [words_of(block) for block in laid_out]
        if marks is None and any(words != known[0] for words in known):
            return self._leaf(tree, room, phases, (), side=side)
        leaf = self._parts[room.place] = Leaf(
            unit,
            self._ticks(room.length),
            tuple(thresholds),
            _numbered(blocks, thresholds),
            laid_out,
            tuple([chosen[key] for key in blocks]),
        )
        return leaf, of_layouts(laid_out, known, vanishes)


def _numbered(made: Collection[int], thresholds: Collection[int]) -> tuple[int, ...]:
    """The number of what was made for each count of thresholds passed; 0 if nothing was."""
    numbers = {key: n for n, key in enumerate(made)}
    return tuple([numbers.get(key, 0) for key in range(len(thresholds) + 1)])
