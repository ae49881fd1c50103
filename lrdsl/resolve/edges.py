"""What a part of a nest has to do with its neighbors, and where that changes with its phase."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Tree
from lrdsl.formula.formula import Formula, Var
from lrdsl.record import record
from lrdsl.schedule.block import Block, Ref
from lrdsl.schedule.fine import Cycles, Fine, Leaf
from lrdsl.schedule.fine_parts import Chain, Copies, Sides
from lrdsl.schedule.shape import CONSTANT, ShapeBlock

if TYPE_CHECKING:
    from lrdsl.resolve.boundaries import Room

# What stands before and after a part that is looked at by itself.
_BEFORE, _AFTER = Var("prev"), Var("next")


@record
class Edges:
    """What a part of a nest has to do with its neighbors.

    Attributes:
        starts_alike: True if it starts at one value, whatever its phase.
        ends_alike: True if it ends at one value.
        asks_before: True if it mentions the end value of the part before it.
        asks_after: True if it mentions the start value of the part after it.
        vanishes: True if there may be phases at which it owns no step.
    """

    starts_alike: bool
    ends_alike: bool
    asks_before: bool
    asks_after: bool
    vanishes: bool

    @property
    def asks(self) -> bool:
        """True if it mentions a word of its surroundings."""
        return self.asks_before or self.asks_after


@record
class Placed:
    """A part of a sequence on the clock.

    Attributes:
        tree: the part.
        room: its room.
        start: its exact start, in ticks.
        fine: what it is on the clock.
        edges: what it has to do with its neighbors.
    """

    tree: Tree | Constant
    room: Room
    start: int
    fine: Fine
    edges: Edges


def words_of(block: Block) -> dict[str, Formula]:
    """The words that are used in a block, and what each stands for.

    Args:
        block: a layout of a part.
    """
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


def of_layouts(blocks: tuple[Block, ...], known: list[dict[str, Formula]], vanishes: bool) -> Edges:
    """Compares the layouts of a part.

    Args:
        blocks: the layouts.
        known: what the words of each stand for.
        vanishes: True if there are phases at which it owns no step.
    """
    values = {value for words in known for value in words.values()}
    starts = {block.at(0) for block in blocks}
    ends = {block.at(int(block.length)) for block in blocks}
    # Where a part is removed, its neighbors meet.
    starts_alike, ends_alike = (len(x) == 1 and not vanishes for x in (starts, ends))
    return Edges(starts_alike, ends_alike, _BEFORE in values, _AFTER in values, vanishes)


def around(parts: list[Placed]) -> Edges:
    """What a sequence has to do with what is around it."""
    first, last = parts[0].edges, parts[-1].edges
    return Edges(
        first.starts_alike,
        last.ends_alike,
        any(one.edges.asks_before for one in _outer(parts)),
        any(one.edges.asks_after for one in _outer(reversed(parts))),
        all(one.edges.vanishes for one in parts),
    )


def _outer(parts: Iterable[Placed]) -> Iterator[Placed]:
    """The first part that always owns a step, and those before it."""
    for one in parts:
        yield one
        if not one.edges.vanishes:
            return


def beside(edges: list[Edges], vanishes: bool) -> Edges:
    """What parts that run side by side have to do with what is around them."""
    return Edges(
        all(one.starts_alike for one in edges) and not vanishes,
        all(one.ends_alike for one in edges) and not vanishes,
        any(one.asks_before for one in edges),
        any(one.asks_after for one in edges),
        vanishes,
    )


def irregular(parts: list[Placed]) -> Iterator[list[Placed]]:
    """The runs of parts in which a word depends on how another part is rounded."""
    run = parts[:1]
    for before, after in pairwise(parts):
        joined = _asks(before.edges, after.edges)
        if not (joined or before.edges.vanishes or after.edges.vanishes):
            if _is_irregular(run):
                yield run
            run = []
        run.append(after)
    if _is_irregular(run):
        yield run


def _asks(before: Edges, after: Edges) -> bool:
    return after.asks_before or before.asks_after


def _is_irregular(run: list[Placed]) -> bool:
    edges = [one.edges for one in run]
    return any(
        (after.asks_before and not before.ends_alike)
        or (before.asks_after and not after.starts_alike)
        for before, after in pairwise(edges)
    )


class Marks:
    """The phases from which on the value at a boundary may be another one, each found once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Fine, int], frozenset[int]] = {}

    def of_ends(self, parts: list[Placed]) -> set[int]:
        """Those of the sequence, for both ends of some of its parts."""
        found: set[int] = set()
        for one in parts:
            for distance in (0, int(one.fine.length)):
                found |= self._moved(one.fine, distance, one.start)
        return found

    def _moved(self, part: Fine, distance: int, start: int) -> set[int]:
        """The same as phases of something that the part is in."""
        unit = part.unit
        return {(mark - start) % unit for mark in self.at(part, distance)} | {-start % unit}

    def at(self, part: Fine, distance: int) -> frozenset[int]:
        """The phases of a part from which on its value at a distance may be another one."""
        key = part, distance
        if key not in self._found:
            self._found[key] = frozenset(self._at(part, distance) | {-distance % part.unit})
        return self._found[key]

    def _at(self, part: Fine, distance: int) -> set[int]:
        if isinstance(part, Leaf):
            return set(part.thresholds)
        if isinstance(part, Copies):
            return {*part.thresholds, *(m for copy in part.copies for m in self.at(copy, distance))}
        if isinstance(part, Sides):
            ends = ((side, min(distance, int(side.length))) for side in part.sides)
            return {mark for side, end in ends for mark in self.at(side, end)}
        found: set[int] = set()
        for start, inner in _near(part, distance):
            inside = min(max(distance - start, 0), int(inner.length))
            found |= self._moved(inner, inside, start)
        return found


def _near(part: Fine, distance: int) -> Iterator[tuple[int, Fine]]:
    """The parts or cycles that the step of a boundary can be read from, and their starts.

    The boundary is at most a step before that step, and at the end of all the step before counts.
    """
    unit = part.unit
    if isinstance(part, Chain):
        for start, inner in zip(part.starts, part.parts, strict=True):
            if start < distance + unit and start + inner.length >= distance - unit:
                yield start, inner
        return
    assert isinstance(part, Cycles)
    last = int(part.last) if part.last < math.inf else distance // part.cycle + 1
    first = min(distance // part.cycle, last)
    if first and distance >= part.length and distance - first * part.cycle < unit:
        first -= 1
    for k in range(first, min((distance + unit - 1) // part.cycle, last) + 1):
        yield k * part.cycle, part.part
