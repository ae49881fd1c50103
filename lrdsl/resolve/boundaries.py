"""Program tree to blocks: every boundary on a whole step, counted from the schedule's start."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import (
    Constant,
    Over,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Timed,
    Tree,
    UntilEvent,
    flat,
)
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Const, Formula, Var, apply, renamed
from lrdsl.record import record
from lrdsl.resolve.measure import Measure, nearest, open_parts
from lrdsl.resolve.products import with_products
from lrdsl.schedule import pointwise
from lrdsl.schedule.block import Block
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import CONSTANT, ShapeBlock, words
from lrdsl.schedule.window import WindowBlock
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.check.tree import Every, Skip, Until
    from lrdsl.resolve.nest import Nest
    from lrdsl.text.numbers import Rational


@record
class Room:
    """The room a tree is laid out in.

    Attributes:
        enclosing: the length, in steps, that percentages refer to.
        length: the exact length there is for ``rest``; None if there is no end.
        offset: the fraction of a step that lies between the last whole step and its exact start.
        scale: the factor of every length in a stretched cycle.
        place: where in the program tree it is. All cycles of a ``repeat`` are in one place.
        shared_by: the ``repeat`` whose cycles share a length, and whose cycle it is a part of.
        left: the exact length from its start to the end of the enclosing length, which is what a
            ``rest`` in an ``until`` fills; None if there is no end.
    """

    enclosing: Rational | None
    length: Rational | None
    offset: Rational = 0
    scale: Rational = 1
    place: tuple[int, ...] = ()
    shared_by: Repeat | None = None
    left: Rational | None = None

    @property
    def steps(self) -> int | None:
        """The whole steps in it; None if there is no end."""
        return None if self.length is None else self.step(self.length)

    def step(self, distance: Rational) -> int:
        """The whole step, counted from its first one, of a boundary at an exact distance.

        The boundary is rounded from the start of the schedule, wherever it is written.
        """
        if not self.offset:
            return nearest(distance)
        return nearest(self.offset + distance) - nearest(self.offset)

    def part(self, number: int, length: Rational | None, distance: Rational = 0) -> Room:
        """The room of one of the trees in it.

        Args:
            number: which of them it is.
            length: its exact length.
            distance: the exact distance from here to its start.
        """
        offset = (self.offset + distance) % 1
        place = (*self.place, number)
        left = None if self.left is None else self.left - distance
        return Room(self.enclosing, length, offset, self.scale, place, self.shared_by, left)


# The largest number of steps that a formula can count with.
_FLOAT = 10**300
# What laying out a part costs, in cycles found.
_A_PART = 5


class Layout:
    """Lays trees out for one run.

    Args:
        measure: measures lengths and collects errors.
        events: the steps of the events that have happened.
    """

    def __init__(self, measure: Measure, events: Mapping[str, int] | None = None) -> None:
        self.measure = measure
        self.events: Mapping[str, int] = events or {}
        # Where in the schedule the sequence starts that is being laid out, if it holds events.
        self.start = 0
        # Parts of some length that own no step: what they are called, where, and how long.
        self.vanished: dict[Span, tuple[str, float]] = {}
        # The repetitions that are being put on an exact clock, and those that cannot be.
        self.nest: Nest | None = None
        self.irregular: set[Repeat] = set()
        # A repetition of fractions of a step that is cut to less than one, which keeps those around
        # it off a clock.
        self.cut: Span | None = None
        # An `until`, `skip` or `every` that does the same; in a nest, the `every` at hand.
        self.timed: Until | Skip | Every | None = None
        self._fitted: dict[tuple[object, ...], Rational] = {}
        self._count = 0
        self._work = 0

    def spend(self, work: int, span: Span) -> None:
        """Counts what is laid out: a `repeat` with `stretch` lays its parts out again and again.

        Raises:
            LrsError: it is too much.
        """
        self._work += work
        if self._work > limits.WORK:
            from lrdsl.resolve.remedies import less_work

            message = f"laying this out takes more than {limits.WORK:,} steps of work"
            raise LrsError([Diagnostic("too-many-parts", message, less_work(self), span)])

    def block(self, tree: Tree | Constant, room: Room) -> Block:
        """The block of a tree.

        The blocks that a plain sequence does without are imported where they are needed.
        """
        if self.nest is not None and (found := self.nest.found(tree, room)) is not None:
            return found
        if isinstance(tree, Shape):
            return self._shape(tree, room)
        if isinstance(tree, Sequence):
            return self.chain(tree, room)
        if isinstance(tree, Pointwise):
            return self._pointwise(tree, room)
        if isinstance(tree, Over):
            return self._over(tree, room)
        if isinstance(tree, Repeat):
            from lrdsl.resolve.repeat import repeat

            return repeat(self, tree, room)
        if isinstance(tree, Timed):
            from lrdsl.resolve.timed import timed

            return timed(self, tree, room)
        if isinstance(tree, UntilEvent):
            return self.chain(tree, room)
        return self.constant(tree.span, tree.name, tree.value, room)

    def size(self, tree: Tree | Constant, room: Room) -> Rational | None:
        """The exact length of a tree in its room; None if it fills it."""
        length = self.measure.size(tree, room.enclosing)
        if length is not None and room.left is not None and tree in self.measure.bounded:
            # Each level of a nest asks for the sizes of all levels inside it.
            key = (tree, room.enclosing, room.scale, room.left)
            if key not in self._fitted:
                from lrdsl.resolve.timed import fitted

                self._fitted[key] = fitted(self, tree, room)
            return self._fitted[key]
        return None if length is None else length * room.scale

    def chain(self, tree: Tree, room: Room) -> SequenceBlock:
        """A sequence; anything else is a sequence of one part."""
        if tree in self.measure.eventful:
            from lrdsl.resolve.events import chain

            return chain(self, tree, room)
        parts = list(flat(tree))
        starts: list[int] = []
        blocks: list[Block] = []
        distance: Rational = 0
        first, stop = 0, 0.0
        places = range(len(parts))
        for place, part, length in zip(places, parts, self.lengths(parts, room), strict=False):
            inner = room.part(place, length, distance)
            if length is None:
                self._check_endless(part, inner)
                stop = math.inf
            else:
                distance += length
                stop = room.step(distance)
            if stop > first:
                starts.append(first)
                blocks.append(self.block(part, inner))
            else:
                self.vanish(part, length, room)
            if length is not None:
                first = int(stop)
        if not blocks:  # nothing changes the value there was before
            constant = self.constant(tree.span, "const", Var("prev"), room.part(len(parts), 0))
            starts, blocks = [0], [constant]
        return SequenceBlock(
            tree.span, tree.name, stop, None, tree.through, tuple(starts), tuple(blocks)
        )

    def vanish(self, part: Tree, length: Rational | None, room: Room) -> None:
        """Notes a part that owns no step, if it was given a length above 0.

        Args:
            part: the part.
            length: its exact length.
            room: the room of its sequence.
        """
        if length and self.size(part, room) is not None:
            self.vanished[part.span] = (part.name, float(length))

    def lengths(self, parts: list[Tree], room: Room) -> list[Rational | None]:
        """The exact lengths of the parts of a sequence.

        They end with the first one that has no end, which is None, or that ends too far out.
        """
        sizes = self._sizes(parts, room)
        open_ends = [i for i, size in enumerate(sizes) if size is None]
        fixed = sum(size for size in sizes if size is not None)
        for i in open_ends[1:]:
            from lrdsl.resolve.remedies import remedy

            message = "one part of a sequence takes what is left over, and here is a second one"
            ways = {remedy(parts[open_ends[0]]): None, remedy(parts[i]): None}
            help = f"give {', or '.join(ways)}" if len(ways) > 1 else "give one of them a length"
            self.measure.report("second-rest", parts[i].span, message, help)
        rest: Rational | None = None
        if open_ends and room.length is not None:
            rest = room.length - fixed
            if rest < 0:
                self._report_overfull(parts[open_ends[0]], parts, fixed, room)
                rest = 0
        elif len(open_ends) == 1 and open_ends[0] < len(parts) - 1:
            self._report_unreached(parts, open_ends[0])
        found: list[Rational | None] = []
        total: Rational = 0
        # The last cycle of a `repeat` with `stretch` may be longer, and is cut where all ends.
        limit = limits.STEPS if room.scale == 1 else _FLOAT
        for part, size in zip(parts, sizes, strict=True):
            length = rest if size is None else size
            found.append(length)
            if length is None:
                break
            total += length
            if total > limit:
                self._report_far(part)
                break
        return found

    def _sizes(self, parts: list[Tree], room: Room) -> list[Rational | None]:
        """The exact lengths of the parts of a sequence, those that fill it left out."""
        if not self.measure.bounded:
            return [self.size(part, room) for part in parts]
        from lrdsl.resolve.timed import sizes

        return sizes(self, parts, room)

    def _report_far(self, part: Tree) -> None:
        message = f"the schedule exceeds 2^53 steps by the end of `{part.name}`"
        help = "a schedule can have about 9e15 steps: shorten this part"
        self.measure.report("too-many-steps", part.span, message, help)

    def _report_overfull(self, part: Tree, parts: list[Tree], fixed: Rational, room: Room) -> None:
        assert room.length is not None
        measure = self.measure
        given = measure.counted(room.length)
        taken = f"the other parts take {measure.told(fixed)}, and there are {given}"
        message = f"nothing is left for `{part.name}`: {taken}"
        help = "shorten the other parts, or lengthen the run (`total`) or the `over(…)` around them"
        if room.shared_by is not None:
            from lrdsl.resolve.remedies import share_of_cycle

            help = share_of_cycle(room.shared_by, parts, room.length, room.enclosing) or help
        self.measure.report("nothing-left", part.span, message, help)

    def _report_unreached(self, parts: list[Tree], i: int) -> None:
        if any(part.kernel.needs_length for part in open_parts(parts[i])):
            return  # reported as such
        from lrdsl.resolve.remedies import remedy

        name, after = parts[i].name, parts[i + 1]
        message = f"`{after.name}` never starts: `{name}` before it has no end"
        help = f"give {remedy(parts[i])}, or pass the run's length: `total=` (`--total`)"
        self.measure.report("after-endless", after.span, message, help, needs="--total")

    def _check_endless(self, tree: Tree, room: Room) -> None:
        """Reports shapes that need a length where there is none to have."""
        for part in open_parts(tree):
            if part.kernel.needs_length:
                message = f"`{part.name}` needs a length, and what is left over is not known"
                help, needs = f"write it, as in `{part.name}(length = 20)`", ""
                if room.enclosing is None:
                    help += ", or pass the run's length: `total=` (`--total`)"
                    needs = "--total"
                self.measure.report("missing-length", part.span, message, help, needs=needs)

    def _number(self, room: Room) -> int:
        """A number for a leaf, by which its words are known."""
        self._count += 1
        return self._count if self.nest is None else self.nest.number(room.place, self._count)

    def _shape(self, part: Shape, room: Room) -> ShapeBlock:
        leaf = self._number(room)
        self.spend(_A_PART * part.size, part.span)
        rename = words(leaf)
        arguments = {name: renamed(formula, rename) for name, formula in part.numbers}
        whole = iter(self.whole_steps(part, room))
        for name, lengths in part.steps:
            if isinstance(lengths, tuple):
                arguments[name] = apply("list", *[Const(float(next(whole))) for _ in lengths])
            else:
                arguments[name] = Const(float(next(whole)))
        steps, kernel = room.steps, part.kernel
        length = math.inf if steps is None else steps
        if steps is not None:
            names = frozenset(["length", *[name for name, _ in part.steps]])
            known = {**arguments, "length": Const(float(steps))}
            kernel, products = with_products(kernel, names, known)
            arguments |= products
        written = None if part.length.is_rest or part.length.in_steps else str(part.length)
        return ShapeBlock(
            part.span, part.name, length, written, part.through, leaf, room.place,
            kernel, arguments, part.guards, part.meter, part.definition, part.functions,
        )  # fmt: skip

    def whole_steps(self, part: Shape, room: Room) -> list[int]:
        """The lengths among a shape's arguments, each rounded by itself."""
        found: list[int] = []
        for _, lengths in part.steps:
            for length in lengths if isinstance(lengths, tuple) else (lengths,):
                steps = self.measure.steps(length, room.enclosing)
                found.append(nearest(steps * room.scale))
        return found

    def constant(self, span: Span, name: str, value: Formula, room: Room) -> ShapeBlock:
        """The block of a plain value."""
        leaf = self._number(room)
        arguments = {"value": renamed(value, words(leaf))}
        return ShapeBlock(span, name, 0, None, (), leaf, room.place, CONSTANT, arguments, ())

    def _pointwise(self, tree: Pointwise, room: Room) -> Block:
        blocks: list[Block] = []
        for side, inner in self.sides(tree, room):
            found = None if self.nest is None else self.nest.found(side, inner)
            if found is not None:
                blocks.append(found)
            elif isinstance(side, Constant) or inner.steps != 0:
                blocks.append(self.block(side, inner))
            else:
                from lrdsl.resolve.ended import ended

                blocks.append(ended(self, side, inner))
        steps = room.steps
        length = math.inf if steps is None else steps
        return pointwise.PointwiseBlock(
            tree.span, tree.name, length, None, tree.through, tree.op, tuple(blocks)
        )

    def sides(self, tree: Pointwise, room: Room) -> Iterator[tuple[Tree | Constant, Room]]:
        """The sides of an operator, each with its room."""
        for place, side in enumerate(tree.sides):
            size = None if isinstance(side, Constant) else self.size(side, room)
            yield side, room.part(place, room.length if size is None else size)

    def _over(self, tree: Over, room: Room) -> Block:
        inner = self.inside(tree, room)
        assert inner.length is not None
        before = len(self.measure.errors)
        chain = self.chain(tree.body, inner)
        size = self.size(tree.body, inner)
        if size is not None and size > inner.length and len(self.measure.errors) == before:
            inside, given = map(self.measure.told, (size, inner.length))
            message = f"what is inside lasts {inside}, and `over` gives it {given}"
            help = "lengthen the one or shorten the other"
            self.measure.report("overfull", tree.length.span, message, help)
        written = None if tree.length.in_steps else str(tree.length)
        steps = inner.step(inner.length)
        return WindowBlock(tree.span, tree.name, steps, written, tree.through, chain)

    def inside(self, tree: Timed, room: Room) -> Room:
        """The room inside an ``over``, or inside what is cut."""
        if not isinstance(tree, Over):
            from lrdsl.resolve.timed import inside

            return inside(self, tree, room)
        enclosing = self.measure.steps(tree.length, room.enclosing)
        length = enclosing * room.scale
        return Room(enclosing, length, room.offset, room.scale, (*room.place, 0), left=length)
