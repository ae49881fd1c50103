"""Repetitions in repetitions whose cycles are no whole number of steps, put on an exact clock.

Their cycles are too many to be laid out one by one. What is laid out is each part, once for every
way in which its boundaries can be rounded. That is sound only if no word depends on which of them
it is; otherwise cycles are laid out one by one, as far as that goes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from lrdsl.check.tree import Constant, Over, Pointwise, Repeat, Sequence, Tree, flat
from lrdsl.formula.formula import Formula, Var
from lrdsl.record import record
from lrdsl.resolve.cycles import cycle_room, first_cycle, holds_repeat, marks_in
from lrdsl.resolve.phases import Phases
from lrdsl.schedule.block import Block, Ref
from lrdsl.schedule.fine import Chain, Cycles, Fine, Leaf, Sides
from lrdsl.schedule.nest import NestBlock
from lrdsl.schedule.repeat import Even
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import CONSTANT, ShapeBlock
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.text.numbers import Rational

Place = tuple[int, ...]
# What a part is among others: one of a cycle, of another sequence, or a side of an operator.
Role = Literal["cycle", "chain", "side"]
_BEFORE, _AFTER = Var("prev"), Var("next")


def nested(layout: Layout, tree: Repeat, room: Room, cycle: Rational) -> NestBlock | None:
    """The block of a repetition whose cycles cannot be laid out one by one.

    None if they can, or where nothing else is sound.

    Args:
        layout: lays parts out.
        tree: the repetition.
        room: its room.
        cycle: the exact length of a cycle.
    """
    if layout.nest is not None or tree in layout.irregular:
        return None
    inner = cycle_room(tree, False, room, cycle, 0, room.scale)
    vanished = dict(layout.vanished)
    try:
        if not _holds_fraction(layout, tree.body, inner):
            return None
        half = divide(1, 2)
        lengths = [room.offset, half, cycle, *_lengths(layout, tree.body, inner)]
        if room.length is not None:
            lengths.append(room.length)
        layout.nest = nest = Nest(layout, math.lcm(*(x.denominator for x in lengths)))
        nest.add(tree, room)
        return nest.block(tree, room)
    except Irregular:
        layout.irregular.add(tree)
        layout.vanished = vanished
        return None
    finally:
        layout.nest = None


class Irregular(Exception):
    """The values that a part of a nest passes on depend on its rounding."""


@record
class Edges:
    """How a part of a nest depends on its neighbors.

    Attributes:
        starts_alike: True if all of its layouts start at one value.
        ends_alike: True if they end at one value.
        asks_before: True if it mentions what the part before it ends at.
        asks_after: True if it mentions what the part after it starts at.
    """

    starts_alike: bool
    ends_alike: bool
    asks_before: bool
    asks_after: bool


class Nest:
    """Repetitions in each other, and what is known of their parts by place.

    Args:
        layout: lays parts out.
        unit: the ticks of a step, of which every exact length is a whole number.
    """

    def __init__(self, layout: Layout, unit: int) -> None:
        self._layout, self._unit = layout, unit
        self._parts: dict[Place, Fine] = {}
        self._numbers: dict[tuple[Place, int], int] = {}
        self._seen: dict[Place, int] = {}

    def number(self, place: Place, new: int) -> int:
        """The number of a leaf, which is one for all layouts of its part.

        Args:
            place: where it is.
            new: the number it gets if it has none yet.
        """
        self._seen[place] = self._seen.get(place, 0) + 1
        return self._numbers.setdefault((place, self._seen[place]), new)

    def found(self, tree: Tree | Constant, room: Room) -> Block | None:
        """The block of a part, if it has been laid out or is a repetition of the nest."""
        part = self._parts.get(room.place)
        if isinstance(part, Leaf):
            return part.block(self._phase(room))
        return self.block(tree, room) if isinstance(tree, Repeat) and part is not None else None

    def _phase(self, room: Room) -> int:
        return int((room.offset + divide(1, 2)) % 1 * self._unit)

    def _ticks(self, length: Rational) -> int:
        return int(length * self._unit)

    def add(self, tree: Repeat, room: Room) -> None:
        """Puts a repetition, and all that is in it, on the clock."""
        self._cycles(tree, room, Phases(self._unit, [self._phase(room)], self._unit))

    def block(self, tree: Repeat, room: Room) -> NestBlock:
        """The block of a repetition that is on the clock."""
        layout, cycles = self._layout, self._parts[room.place]
        assert isinstance(cycles, Cycles)
        cycle = divide(cycles.cycle, self._unit)
        shares = layout.size(tree.body, room) is None
        inner = cycle_room(tree, shares, room, cycle, room.offset, room.scale)
        first = layout.chain(tree.body, inner)
        inside = set(first.walk())
        others = tuple(block for block in _blocks(cycles.part) if block not in inside)
        steps = room.steps
        length = math.inf if steps is None else steps
        bounds = Even(cycle, tree.times, room.offset)
        return NestBlock(
            tree.span, tree.name, length, None, tree.through, bounds, (first,), tree.decay,
            self._phase(room), cycles, others, _linked(cycles.part, first),
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
        chain, edges = self._chain(tree.body, inner, phases.cycles(cycle, last + 1), "cycle")
        part = self._parts[room.place] = Cycles(
            self._unit, length, chain, cycle, last, float(tree.decay)
        )
        whole = length == math.inf or int(length) % cycle == 0
        edges = Edges(
            edges.starts_alike, edges.ends_alike and whole, edges.asks_before, edges.asks_after
        )
        return part, edges

    def _chain(
        self, tree: Tree, room: Room, phases: Phases, role: Role = "chain"
    ) -> tuple[Chain, Edges]:
        layout, parts = self._layout, list(flat(tree))
        starts: list[int] = []
        found: list[tuple[Fine, Edges]] = []
        ticks = 0
        for place, (part, length) in enumerate(
            zip(parts, layout.lengths(parts, room), strict=False)
        ):
            if length is None:
                raise Irregular
            if length:
                inner = room.part(place, length)
                fine = self._part(part, inner, phases.after(ticks), role)
                if fine is not None:
                    starts.append(ticks)
                    found.append(fine)
                ticks += self._ticks(length)
        if not found:
            raise Irregular
        edges = [edges for _, edges in found]
        for before, after in pairwise(edges):
            if (after.asks_before and not before.ends_alike) or (
                before.asks_after and not after.starts_alike
            ):
                raise Irregular
        first, last = edges[0], edges[-1]
        around = Edges(first.starts_alike, last.ends_alike, first.asks_before, last.asks_after)
        fines = tuple(fine for fine, _ in found)
        return Chain(self._unit, ticks, tuple(starts), fines), around

    def _part(
        self, tree: Tree | Constant, room: Room, phases: Phases, role: Role
    ) -> tuple[Fine, Edges] | None:
        """A part on the clock; None if it never owns a step."""
        layout = self._layout
        if isinstance(tree, Constant) or not _is_fraction(layout, tree, room):
            return self._leaf(tree, room, phases, role)
        if isinstance(tree, Repeat):
            return self._cycles(tree, room, phases)
        if isinstance(tree, Sequence):
            return self._chain(tree, room, phases)
        sides: list[tuple[Fine, Edges]]
        if isinstance(tree, Over):
            op, sides = "", [self._chain(tree.body, layout.inside(tree, room), phases)]
        else:
            assert isinstance(tree, Pointwise)
            op = tree.op
            sides = [
                one
                for side, inner in layout.sides(tree, room)
                if (one := self._part(side, inner, phases, "side")) is not None
            ]
        edges = [edges for _, edges in sides]
        around = Edges(
            all(one.starts_alike for one in edges),
            all(one.ends_alike for one in edges),
            any(one.asks_before for one in edges),
            any(one.asks_after for one in edges),
        )
        assert room.length is not None
        fines = tuple(fine for fine, _ in sides)
        return Sides(self._unit, self._ticks(room.length), op, fines), around

    def _leaf(
        self, tree: Tree | Constant, room: Room, phases: Phases, role: Role
    ) -> tuple[Leaf, Edges] | None:
        layout, unit = self._layout, self._unit
        assert room.length is not None
        marks = [] if isinstance(tree, Constant) else marks_in(layout, tree, room, [])
        later = {math.ceil(unit * (1 - mark % 1)) for mark in marks}
        thresholds = sorted(later - {unit})
        blocks: list[Block] = []
        layouts: dict[int, int] = {}
        vanishes = False
        for key, phase in sorted(phases.of_layouts(thresholds).items()):
            offset = divide(2 * phase + unit, 2 * unit) % 1
            inner = type(room)(
                room.enclosing, room.length, offset, room.scale, room.place, room.shared_by
            )
            self._seen.clear()
            if inner.steps or isinstance(tree, Constant):
                block = layout.block(tree, inner)
            else:
                vanishes = True
                if role != "side":
                    if layout.size(tree, room) is not None:
                        layout.vanished[tree.span] = (tree.name, float(room.length))
                    continue
                block = layout.chain(tree, inner)
            layouts[key] = len(blocks)
            blocks.append(block)
        if not blocks:
            return None
        edges = self._edges(blocks, vanishes, role)
        keys = range(len(thresholds) + 1)
        found = tuple(layouts.get(key, 0) for key in keys)
        leaf = Leaf(unit, self._ticks(room.length), tuple(thresholds), found, tuple(blocks))
        self._parts[room.place] = leaf
        return leaf, edges

    def _edges(self, blocks: list[Block], vanishes: bool, role: Role) -> Edges:
        """Compares the values of all words in the layouts of a part."""
        known = [self._words(block) for block in blocks]
        # The words of a part that some cycles do without are linked among the parts of a cycle.
        if any(words != known[0] for words in known) or (vanishes and known[0] and role != "cycle"):
            raise Irregular
        values = set(known[0].values())
        starts = {block.at(0) for block in blocks}
        ends = {block.at(int(block.length)) for block in blocks}
        # Where a part is removed, its neighbors meet.
        starts_alike, ends_alike = (len(x) == 1 and not vanishes for x in (starts, ends))
        return Edges(starts_alike, ends_alike, _BEFORE in values, _AFTER in values)

    def _words(self, block: Block) -> dict[str, Formula]:
        """The words that are used in a block, and their values."""
        refs: dict[str, Ref] = {}
        before, after = (
            ShapeBlock(block.span, "", 0, None, (), 0, (), CONSTANT, {"value": word}, ())
            for word in (_BEFORE, _AFTER)
        )
        block.link((before, 0), (after, 0), refs)
        found: dict[str, Formula] = {}
        for inner in block.walk():
            for formula in inner.formulas():
                for name in formula.names & refs.keys():
                    ref = refs[name]
                    assert ref is not None
                    found[name] = ref[0].at(ref[1])
        return found


def _linked(chain: Fine, first: SequenceBlock) -> SequenceBlock:
    """Every part of a cycle once, given the first cycle, in which some may own no step."""
    assert isinstance(chain, Chain)
    present = list(first.blocks)
    blocks: list[Block] = []
    for part in chain.parts:
        if isinstance(part, Leaf) and (not present or present[0] not in part.blocks):
            blocks.append(part.blocks[0])
        else:
            blocks.append(present.pop(0))
    return SequenceBlock(
        first.span, first.name, first.length, None, first.through, chain.starts, tuple(blocks)
    )


def _blocks(part: Fine) -> Iterator[Block]:
    """The blocks of a part, but for those of a repetition in it."""
    if isinstance(part, Leaf):
        yield from part.blocks
    elif isinstance(part, Chain | Sides):
        for inner in part.parts if isinstance(part, Chain) else part.sides:
            yield from _blocks(inner)


def _holds_fraction(layout: Layout, tree: Tree, room: Room) -> bool:
    """True if there are cycles of a fraction of a step in a sequence."""
    parts = list(flat(tree))
    rooms = zip(parts, layout.lengths(parts, room), strict=False)
    return any(_is_fraction(layout, part, room.part(i, x)) for i, (part, x) in enumerate(rooms))


def _is_fraction(layout: Layout, tree: Tree, room: Room) -> bool:
    """The same of a part."""
    if not holds_repeat(tree):
        return False
    if isinstance(tree, Sequence):
        return _holds_fraction(layout, tree, room)
    if isinstance(tree, Pointwise):
        return any(
            _is_fraction(layout, side, inner)
            for side, inner in layout.sides(tree, room)
            if not isinstance(side, Constant)
        )
    if isinstance(tree, Over):
        return _holds_fraction(layout, tree.body, layout.inside(tree, room))
    assert isinstance(tree, Repeat)
    first = first_cycle(layout, tree, room)
    if first is None or first < 1:
        raise Irregular
    if tree.stretch != 1:
        if holds_repeat(tree.body):
            raise Irregular
        return False
    inner = cycle_room(tree, False, room, first, 0, room.scale)
    return first.denominator != 1 or _holds_fraction(layout, tree.body, inner)


def _lengths(layout: Layout, tree: Tree, room: Room) -> Iterator[Rational]:
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
                yield from _lengths(layout, side, inner)
    elif isinstance(part, Over):
        inside = layout.inside(part, room)
        assert inside.length is not None
        yield inside.length
        yield from _lengths(layout, part.body, inside)
    elif isinstance(part, Repeat) and part.stretch == 1:
        first = first_cycle(layout, part, room)
        if first is None:
            raise Irregular
        yield first
        yield from _lengths(layout, part.body, cycle_room(part, False, room, first, 0, room.scale))
