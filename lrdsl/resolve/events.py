"""Sequences in which events end parts: what has happened is a boundary, what has not is no end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lrdsl.check.tree import Shape, Tree, UntilEvent, children, flat
from lrdsl.formula.formula import Var
from lrdsl.record import replace
from lrdsl.resolve.measure import nearest
from lrdsl.schedule.events import EventBlock, EventSequence
from lrdsl.schedule.window import WindowBlock
from lrdsl.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lrdsl.check.tree import Constant, Event, Meter
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.resolve.boundaries import Layout, Room
    from lrdsl.schedule.block import Block
    from lrdsl.schedule.sequence import SequenceBlock
    from lrdsl.text.numbers import Rational


def eventful(tree: Tree) -> set[Tree | Constant]:
    """A tree and those in it in which an event ends something.

    Args:
        tree: the tree.
    """
    found: set[Tree | Constant] = set()

    def look(top: Tree | Constant) -> bool:
        inside = [look(child) for child in children(top)]
        if isinstance(top, UntilEvent) or any(inside):
            found.add(top)
            return True
        return False

    look(tree)
    return found


def meters_of(tree: Tree) -> tuple[Meter, ...]:
    """The meters of a tree, those of parts that are laid out only after an event among them.

    Args:
        tree: the tree.
    """
    found: dict[Meter, None] = {}
    stack: list[Tree | Constant] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, Shape) and top.meter is not None:
            found[top.meter] = None
        stack.extend(reversed(children(top)))
    return tuple(found)


# The first events whose order is looked at, and the step of the first one without a total.
_LOOKED_AT, _LATER = 10, 1_000


def samples(events: tuple[Event, ...], total: Rational | None) -> Iterator[dict[str, int]]:
    """Steps at which events may happen: the first ones at once, in the middle, and at the end.

    Args:
        events: the events, in order.
        total: the steps of the run, where they are known.
    """
    names = [event.key for event in events[:_LOOKED_AT]]
    for count in range(1, len(names) + 1):
        some = names[:count]
        yield dict.fromkeys(some, 0)
        if total is None:
            yield {name: _LATER * (place + 1) for place, name in enumerate(some)}
            continue
        last, middle = max(nearest(total) - 1, 0), 0
        steps = {}
        for name in some:
            steps[name] = middle = (middle + last) // 2
        yield steps
        yield dict.fromkeys(some, last)


def said_after(found: Iterable[Diagnostic], events: Mapping[str, int]) -> list[Diagnostic]:
    """Findings that say after which events they are there.

    Args:
        found: the findings.
        events: the step of each event, by name.
    """
    when = f" (after {told(events)})"
    return [replace(d, message=d.message + when) for d in found]


def told(events: Mapping[str, int]) -> str:
    """Events and their steps in words.

    Args:
        events: the step of each, by name.
    """
    steps = {at: [f"`{name}`" for name in events if events[name] == at] for at in events.values()}
    return " and ".join(f"{listed(names)} at step {at:,}" for at, names in steps.items())


def chain(layout: Layout, tree: Tree, room: Room) -> SequenceBlock:
    """A sequence in which events end parts.

    Args:
        layout: lays it out.
        tree: the sequence.
        room: its room.
    """
    line = _Line(layout, tree, room)
    try:
        return line.laid_out()
    finally:
        layout.start = line.start


class _Line:
    """A sequence that is being laid out.

    Exact places count from its first step. An event that has happened is a new origin, at a whole
    step: what follows counts from there.
    """

    def __init__(self, layout: Layout, tree: Tree, room: Room) -> None:
        self.layout, self.tree, self.room = layout, tree, room
        self.start = layout.start
        self.limit = math.inf if room.steps is None else room.steps
        self.origin: Rational = room.offset - nearest(room.offset)
        self.end = None if room.length is None else self.origin + room.length
        self.reach = None if room.left is None else self.origin + room.left
        self.distance: Rational = 0
        self.has_happened = False
        self.first = 0
        self.stop: float = 0
        self.starts: list[int] = []
        self.blocks: list[Block] = []
        self.linked: list[Block] = []

    def laid_out(self) -> SequenceBlock:
        plain: list[Tree] = []
        for place, part in enumerate(flat(self.tree)):
            if not isinstance(part, UntilEvent):
                plain.append(part)
                continue
            self._plain(plain, place, part)
            plain = []
            if self.stop < math.inf and self._until(part, place):
                break
        else:
            self._plain(plain, len(list(flat(self.tree))), None)
        if self.linked and self.linked[-1] not in self.blocks:
            self.starts.append(self.first)
            self.blocks.append(self.linked[-1])
        if not self.blocks:
            inner = self.room.part(0, 0)
            constant = self.layout.constant(self.tree.span, "const", Var("prev"), inner)
            self.starts, self.blocks, self.linked = [0], [constant], [constant]
        tree = self.tree
        return EventSequence(
            tree.span, tree.name, self.stop, None, tree.through,
            tuple(self.starts), tuple(self.blocks), tuple(self.linked),
        )  # fmt: skip

    def _here(self, place: int, length: Rational | None) -> Room:
        """The room of a part that starts where the line has come to."""
        exact = self.origin + self.distance
        left = None if self.reach is None else self.reach - exact
        inner = self.room.part(place, length)
        return replace(inner, offset=exact % 1, left=left)

    def _plain(self, parts: list[Tree], place: int, until: UntilEvent | None) -> None:
        """Lays out parts up to an event, or to the end."""
        lengths = self._lengths(parts, until)
        numbers = range(place - len(parts), place)
        for number, part, length in zip(numbers, parts, lengths, strict=True):
            if self.stop == math.inf:
                return
            inner = self._here(number, length)
            if length is None:
                self.layout._check_endless(part, inner)
                stop = math.inf
            else:
                self.distance += length
                stop = nearest(self.origin + self.distance)
            self._add(part, inner, stop, length)

    def _add(self, part: Tree, inner: Room, stop: float, length: Rational | None) -> None:
        shown = min(stop, self.limit)
        if shown > self.first:
            self.layout.start = self.start + self.first
            block = self.layout.block(part, inner)
            if shown < stop:
                block = WindowBlock(
                    block.span, block.name, shown - self.first, block.written, block.through, block
                )
            self.starts.append(self.first)
            self.blocks.append(block)
            self.linked.append(block)
        elif length and stop <= self.limit:
            self.layout.vanished[part.span] = (part.name, float(length))
        self.stop = shown
        if shown < math.inf:
            self.first = int(shown)

    def _lengths(self, parts: list[Tree], until: UntilEvent | None) -> list[Rational | None]:
        """The exact lengths of parts up to an event, or to the end."""
        layout, sizes = self.layout, []
        before = self.distance
        for part in parts:
            size = layout.size(part, self._here(0, None))
            sizes.append(size)
            self.distance += size or 0
        at, self.distance = self.origin + self.distance, before
        open_ends = [part for part, size in zip(parts, sizes, strict=True) if size is None]
        others = open_ends if until is not None else open_ends[1:]
        for part in others:
            second = until if until is not None else part
            message = "one part of a sequence takes what is left over, and here is a second one"
            name = open_ends[0].name
            layout.measure.report("second-rest", second.span, message, f"give `{name}` a length")
        if not open_ends:
            return sizes
        place = parts.index(open_ends[0])
        if self.end is None and place < len(parts) - 1:
            layout._report_unreached(parts, place)
        rest = None if self.end is None else self.end - at
        if rest is not None and rest < 0 and not self.has_happened:
            layout._report_overfull(open_ends[0], parts, at - self.origin, self.room)
        rest = None if rest is None else max(rest, 0)
        return [rest if size is None else size for size in sizes]

    def _until(self, until: UntilEvent, place: int) -> bool:
        """Lays out what an event ends; returns True if nothing follows."""
        layout = self.layout
        here = self._here(place, None)
        size = layout.size(until.body, here)
        left = None if here.left is None else max(here.left, 0)
        layout.start = self.start + self.first
        inner = replace(here, length=left if size is None else size, place=(*here.place, 0))
        body = layout.chain(until.body, inner)
        step = layout.events.get(until.event.key)
        stop = self.limit
        if step is not None:
            local = step - self.start
            stop = self.first
            if local > self.origin + self.distance:
                self.origin, self.distance = local, 0
                stop = max(local, self.first)
            self.has_happened = True
            stop = min(stop, self.limit)
        event = until.event
        block = EventBlock(
            until.span, until.name, stop - self.first, None, until.through, body, 0, None, event
        )
        self.linked.append(block)
        if stop > self.first:
            self.starts.append(self.first)
            self.blocks.append(block)
        self.stop = stop
        if stop < math.inf:
            self.first = int(stop)
        return step is None
