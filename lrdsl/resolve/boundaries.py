"""Program tree to blocks: every boundary on a whole step, counted from its sequence's start."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import Constant, Over, Pointwise, Repeat, Sequence, Shape, Tree
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Const, Formula, Var, apply, substitute
from lrdsl.record import record
from lrdsl.resolve.measure import Measure, nearest
from lrdsl.schedule import pointwise
from lrdsl.schedule.block import Block
from lrdsl.schedule.over import OverBlock
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import CONSTANT, ShapeBlock, words
from lrdsl.text.source import Span
from lrdsl.wording import plural

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational


@record
class Room:
    """The room a tree is laid out in.

    Attributes:
        enclosing: what percentages are a share of, in steps.
        fill: the steps there are for ``rest``; None where there is no end.
        scale: what every length is multiplied by, in a stretched cycle.
    """

    enclosing: Rational | None
    fill: int | None
    scale: Rational = 1

    def part(self, fill: int | None) -> Room:
        """The same room with another length to fill."""
        return Room(self.enclosing, fill, self.scale)


# The largest number of steps that a formula can count with.
_FLOAT = 10**300
# What laying out a part costs, in cycles found.
_A_PART = 5


class Layout:
    """Lays trees out for one run.

    Args:
        measure: measures lengths and collects errors.
    """

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        # Parts of some length that own no step: what they are called, where, and how long.
        self.vanished: dict[Span, tuple[str, float]] = {}
        self._count = 0
        self._work = 0

    def spend(self, work: int, span: Span) -> None:
        """Counts what is laid out: a `repeat` with `stretch` lays its parts out again and again.

        Raises:
            LrsError: it is too much.
        """
        self._work += work
        if self._work > limits.WORK:
            message = f"laying this out takes more than {limits.WORK:,} steps of work"
            help = "use fewer cycles of different lengths inside each other"
            raise LrsError([Diagnostic("too-many-parts", message, help, span)])

    def block(self, tree: Tree | Constant, room: Room) -> Block:
        """The block of a tree.

        The blocks that a plain sequence does without are imported where they are needed.
        """
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
        return self._constant(tree.span, tree.name, tree.value)

    def size(self, tree: Tree | Constant, room: Room) -> Rational | None:
        """The exact length of a tree in its room; None where it fills it."""
        length = self.measure.size(tree, room.enclosing)
        return None if length is None else length * room.scale

    def chain(self, tree: Tree, room: Room) -> SequenceBlock:
        """A sequence; anything else is a sequence of one part."""
        parts = list(_flat(tree))
        sizes = [self.size(part, room) for part in parts]
        bounds, exact = self._bounds(parts, sizes, room)
        starts: list[int] = []
        blocks: list[Block] = []
        for part, size, start, stop in zip(parts, sizes, bounds, [*bounds[1:], None], strict=False):
            if stop is not None and stop <= start:
                if size:
                    self.vanished[part.span] = (part.name, float(size))
                continue
            fill = None if stop is None else stop - start
            if size is None and fill is None:
                self._check_endless(part)
            starts.append(start)
            blocks.append(self.block(part, room.part(fill)))
        if not blocks:  # nothing changes the value there was before
            starts, blocks = [0], [self._constant(tree.span, "const", Var("prev"))]
        length = math.inf if exact is None else bounds[-1]
        return SequenceBlock(
            tree.span, tree.name, length, None, tree.through, tuple(starts), tuple(blocks)
        )

    def _bounds(
        self, parts: list[Tree], sizes: list[Rational | None], room: Room
    ) -> tuple[list[int], Rational | None]:
        """The boundaries of a sequence, the closing one included where there is one."""
        open_ends = [i for i, size in enumerate(sizes) if size is None]
        fixed = sum(size for size in sizes if size is not None)
        for i in open_ends[1:]:
            message = "one part of a sequence takes what is left over, and here is a second one"
            ways = {_remedy(parts[open_ends[0]]): None, _remedy(parts[i]): None}
            help = f"give {', or '.join(ways)}" if len(ways) > 1 else "give one of them a length"
            self.measure.report("second-rest", parts[i].span, message, help)
        rest: Rational | None = None
        if open_ends and room.fill is not None:
            rest = room.fill - fixed
            if rest < 0:
                self._report_overfull(parts[open_ends[0]], fixed, room.fill)
                rest = 0
        elif len(open_ends) == 1 and open_ends[0] < len(parts) - 1:
            self._report_unreached(parts, open_ends[0])
        total: Rational = 0
        bounds = [0]
        for size in sizes:
            length = rest if size is None else size
            if length is None:
                return bounds, None
            total += length
            bounds.append(nearest(total))
            # The last cycle of a `repeat` with `stretch` may be longer, and is cut where all ends.
            if bounds[-1] > (limits.STEPS if room.scale == 1 else _FLOAT):
                self._report_far(parts[len(bounds) - 2])
                return bounds, total
        return bounds, total

    def _report_far(self, part: Tree) -> None:
        message = f"the sequence is longer than steps can be counted when `{part.name}` ends"
        help = "the limit is 2^53 steps, about 9e15"
        self.measure.report("too-many-steps", part.span, message, help)

    def _report_overfull(self, part: Tree, fixed: Rational, fill: int) -> None:
        taken = f"the other parts take {plural(fixed, 'step')}, and there are {fill:,}"
        message = f"nothing is left for `{part.name}`: {taken}"
        help = "shorten the other parts, or lengthen the run (`total`) or the `over(…)` around them"
        self.measure.report("nothing-left", part.span, message, help)

    def _report_unreached(self, parts: list[Tree], i: int) -> None:
        if any(part.kernel.needs_length for part in _open_parts(parts[i])):
            return  # reported as such
        name, after = parts[i].name, parts[i + 1]
        message = f"`{after.name}` never starts: `{name}` before it has no end"
        help = f"give {_remedy(parts[i])}, or pass the run's length: `total=` (`--total`)"
        self.measure.report("after-endless", after.span, message, help, needs="--total")

    def _check_endless(self, tree: Tree) -> None:
        """Reports shapes that need a length where there is none to have."""
        for part in _open_parts(tree):
            if part.kernel.needs_length:
                message = f"`{part.name}` needs a length, and what is left over is not known"
                written = f"{part.name}(length = 20)"
                help = (
                    f"write it, as in `{written}`, or pass the run's length: `total=` (`--total`)"
                )
                self.measure.report("missing-length", part.span, message, help, needs="--total")

    def _shape(self, part: Shape, room: Room) -> ShapeBlock:
        self._count += 1
        self.spend(_A_PART * part.size, part.span)
        rename = words(self._count)
        arguments = {name: substitute(formula, rename) for name, formula in part.numbers}
        for name, lengths in part.steps:
            if isinstance(lengths, tuple):
                items = [self._whole(length, room) for length in lengths]
                arguments[name] = apply("list", *items)
            else:
                arguments[name] = self._whole(lengths, room)
        length = math.inf if room.fill is None else room.fill
        written = None if part.length.is_rest or part.length.in_steps else str(part.length)
        return ShapeBlock(
            part.span, part.name, length, written, part.through, self._count, part.kernel,
            arguments, part.guards, part.meter, part.definition, part.functions,
        )  # fmt: skip

    def _whole(self, length: Length, room: Room) -> Const:
        return Const(float(nearest(self.measure.steps(length, room.enclosing) * room.scale)))

    def _constant(self, span: Span, name: str, value: Formula) -> ShapeBlock:
        self._count += 1
        arguments = {"value": substitute(value, words(self._count))}
        return ShapeBlock(span, name, 0, None, (), self._count, CONSTANT, arguments, ())

    def _pointwise(self, tree: Pointwise, room: Room) -> Block:

        blocks: list[Block] = []
        for side in tree.sides:
            size = None if isinstance(side, Constant) else self.size(side, room)
            fill = room.fill if size is None else nearest(size)
            inner = room.part(fill)
            if isinstance(side, Constant) or fill != 0:
                blocks.append(self.block(side, inner))
            else:  # a part of no length is removed, and what was there before it stays
                blocks.append(self.chain(side, inner))
        length = room.fill if room.fill is not None else math.inf
        return pointwise.PointwiseBlock(
            tree.span, tree.name, length, None, tree.through, tree.op, tuple(blocks)
        )

    def _over(self, tree: Over, room: Room) -> Block:

        enclosing = self.measure.steps(tree.length, room.enclosing)
        fill = nearest(enclosing * room.scale)
        before = len(self.measure.errors)
        inner = self.chain(tree.body, Room(enclosing, fill, room.scale))
        if inner.length > fill and len(self.measure.errors) == before:
            inside, given = plural(int(inner.length), "step"), plural(fill, "step")
            message = f"what is inside lasts {inside}, and `over` gives it {given}"
            help = "lengthen the one or shorten the other"
            self.measure.report("overfull", tree.length.span, message, help)
        written = None if tree.length.in_steps else str(tree.length)
        return OverBlock(tree.span, tree.name, fill, written, tree.through, inner)


def _remedy(tree: Tree) -> str:
    return "`repeat` its `times`" if isinstance(tree, Repeat) else f"`{tree.name}` a length"


def _flat(tree: Tree) -> Iterator[Tree]:
    """The parts of a sequence, those of sequences inside it in their place."""
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, Sequence):
            stack.extend(reversed(top.parts))
        else:
            yield top


def _open_parts(tree: Tree | Constant) -> Iterator[Shape]:
    """The shapes that would last as long as an endless tree."""
    if isinstance(tree, Shape):
        if tree.length.is_rest:
            yield tree
    elif isinstance(tree, Sequence):
        for part in tree.parts:
            yield from _open_parts(part)
    elif isinstance(tree, Pointwise):
        for side in tree.sides:
            yield from _open_parts(side)
