"""The blocks of a schedule as curves of formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.exporting.curves import Chain, Combined, Curve, Cycles, Every, Grid, Leaf, Link
from lrdsl.exporting.pieces import T, in_whole_numbers, operations, pieces, without_lists
from lrdsl.formula.formula import ZERO, Apply, Const, Formula, Var, apply, substitute
from lrdsl.record import replace
from lrdsl.schedule.block import Block
from lrdsl.schedule.nest import NestBlock
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import Even, RepeatBlock
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.views import chain_of, in_base
from lrdsl.schedule.window import EveryBlock, WindowBlock

# Cycles that differ are written out one by one, up to so many parts.
_PARTS = 60
# Starts of cycles that grow are listed, up to so many.
_STARTS = 100
_LENGTH = Var("length")


def lowered(schedule: Schedule, base: float | None) -> Chain:
    """The values of a schedule at every step from 0 on.

    Args:
        schedule: the schedule.
        base: the value of ``base``; None to keep it a variable.

    Raises:
        LrsError: a value depends on more than the step and ``base``, or has no closed form.
    """
    return Lowering(schedule, base).whole()


class Lowering:
    """Takes the blocks of one schedule apart.

    Args:
        schedule: the schedule.
        base: the value of ``base``; None to keep it a variable.
    """

    def __init__(self, schedule: Schedule, base: float | None) -> None:
        self._schedule = schedule
        self._base: dict[str, Formula] = {} if base is None else {"base": Const(base)}

    def whole(self) -> Chain:
        """The curve of the whole schedule."""
        chain = chain_of(self._schedule)
        refuse_running(self._schedule)
        if self._schedule.ticks is not None:
            _refuse(chain, "it follows a clock")
        return Chain(tuple(self._held(chain, 0, math.inf)))

    def _in_base(self, formula: Formula) -> Formula:
        return without_lists(substitute(in_base(self._schedule, formula), self._base))

    def _held(self, block: Block, first: int, stop: float) -> list[Link]:
        """The stretches of a block from one of its steps to another, held after its end."""
        length = block.length
        if stop <= length:
            return self._links(block, first, stop)
        end = Leaf(self._in_base(block.at(int(length))))
        if first >= length:
            return [Link("held", None, first, 0, end)]
        found = self._links(block, first, length)
        last = found[-1].curve
        if not isinstance(last, Leaf) or last.formula != end.formula:
            found.append(Link("held", None, int(length), 0, end))
        return found

    def _links(self, block: Block, first: int, stop: float) -> list[Link]:
        """The stretches of a block from one of its steps to another, in its own steps."""
        match block:
            case NestBlock():
                _refuse(block, "the cycles inside it take fractions of a step")
            case ShapeBlock():
                return self._shape(block, first, stop)
            case SequenceBlock():
                return self._sequence(block, first, stop)
            case WindowBlock():
                found = self._held(block.block, first + block.first, stop + block.first)
                return [link.moved(-block.first) for link in found]
            case EveryBlock():
                return self._every(block, first, stop)
            case RepeatBlock():
                return self._repeat(block, first, stop)
            case PointwiseBlock():
                return self._pointwise(block, first, stop)
        _refuse(block, "it has no formula of the step")
        raise AssertionError

    def _shape(self, block: ShapeBlock, first: int, stop: float) -> list[Link]:
        formula = self._formula(block, Const(float(block.length)))
        is_cut = first > 0 or stop < block.length
        return [
            Link(block.name, block.written, start, 0, Leaf(in_whole_numbers(piece), is_cut))
            for start, piece in pieces(formula, first, stop)
        ]

    def _formula(self, block: ShapeBlock, length: Formula) -> Formula:
        """The formula of a shape in terms of ``t`` and ``base``."""
        values = {name: self._in_base(formula) for name, formula in block.arguments.items()}
        if block.kernel.needs_length:
            left = apply("/", apply("-", length, T), length)
            values |= {"length": length, "u": apply("/", T, length), "v": left}
        formula = without_lists(substitute(block.kernel.formula, values))
        if "ascending" in operations(formula):
            _refuse(block, "it asks whether a list is ascending, which depends on `base`")
        return formula

    def _sequence(self, block: SequenceBlock, first: int, stop: float) -> list[Link]:
        found: list[Link] = []
        for start, inner in zip(block.starts, block.blocks, strict=True):
            begin, end = max(first, start), min(stop, start + inner.length)
            if begin < end:
                links = self._links(inner, begin - start, end - start)
                found += [link.moved(start) for link in links]
        return found

    def _every(self, block: EveryBlock, first: int, stop: float) -> list[Link]:
        begin = block.inner(first)
        curve = _one(self._links(block.block, begin, stop))
        grid = Grid(*block.bounds.grid)
        if block.bounds.period == (1, 1) or _is_constant(curve):
            return self._links(block.block, first, stop)
        return [Link(f"every {block.stretch:g}", None, first, 0, Every(grid, curve))]

    def _pointwise(self, block: PointwiseBlock, first: int, stop: float) -> list[Link]:
        sides = [_one(self._held(side, first, stop)) for side in block.sides]
        leaves = [side for side in sides if isinstance(side, Leaf)]
        if len(leaves) == len(sides):
            formula, *rest = [leaf.formula for leaf in leaves]
            for other in rest:
                formula = apply(block.op, formula, other)
            curve: Curve = Leaf(formula, any(leaf.is_cut for leaf in leaves))
        else:
            curve = Combined(block.op, tuple(sides))
        return [Link(block.name, block.written, first, 0, curve)]

    def _repeat(self, block: RepeatBlock, first: int, stop: float) -> list[Link]:
        bounds = block.bounds
        begin = bounds.index(first)
        end = bounds.index(2**53 if stop == math.inf else int(stop) - 1)
        if begin == end:
            return self._cycle(block, begin, first, stop)
        if isinstance(bounds, Even):
            grid, alike = bounds.grid, self._alike(block)
            count, period = bounds.period
            if alike is not None or count == 1:
                curve = alike or _one(self._links(block.block(0), 0, block.block(0).length))
                return [_again(block, Grid(*grid), curve, first)]
            if count <= end - begin:
                return [self._periodic(block, count, period, first)]
        elif end - begin < _STARTS and (alike := self._alike(block)) is not None:
            starts = tuple([bounds.start(k) for k in range(end + 2)])
            return [_again(block, starts, alike, first)]
        return self._one_by_one(block, range(begin, end + 1), first, stop)

    def _periodic(self, block: RepeatBlock, count: int, period: int, first: int) -> Link:
        """Some cycles that take whole steps together, again and again."""
        links = self._one_by_one(block, range(count), 0, period)
        curve = Cycles(Grid(0, period, 1), Chain(tuple(links)), block.decay, count)
        return Link("repeat", block.written, first, 0, curve)

    def _one_by_one(
        self, block: RepeatBlock, cycles: Iterable[int], first: int, stop: float
    ) -> list[Link]:
        found: list[Link] = []
        for k in cycles:
            begin = max(first, block.bounds.start(k))
            end = min(stop, block.bounds.start(k) + block.block(k).length)
            found += self._cycle(block, k, begin, end)
            if len(found) > _PARTS:
                _refuse(block, "its cycles differ in length, and there are too many")
        return found

    def _cycle(self, block: RepeatBlock, k: int, first: int, stop: float) -> list[Link]:
        """One cycle, in the steps of the repeat."""
        start = block.bounds.start(k)
        found = self._links(block.block(k), first - start, stop - start)
        factor = block.factor(k)
        return [_scaled(link, factor).moved(start) for link in found]

    def _alike(self, block: RepeatBlock) -> Leaf | None:
        """The formula of all cycles in terms of their ``length``; None if they have several."""
        if len(block.blocks) == 1:
            return None
        found = {self._of_any_length(inner) for inner in block.blocks}
        only = found.pop()
        return only if not found else None

    def _of_any_length(self, block: Block) -> Leaf | None:
        if isinstance(block, SequenceBlock) and len(block.blocks) == 1:
            return self._of_any_length(block.blocks[0])
        if not isinstance(block, ShapeBlock):
            return None
        wholes = frozenset({"t", "length"})
        return Leaf(in_whole_numbers(self._formula(block, _LENGTH), wholes))


def _one(links: list[Link]) -> Curve:
    """Stretches as one curve."""
    only = links[0]
    if len(links) == 1 and (only.offset == 0 or isinstance(only.curve, Leaf)):
        if isinstance(only.curve, Leaf):
            return replace(only.curve, formula=_here(only))
        return only.curve
    return Chain(tuple(links))


def _again(block: RepeatBlock, bounds: Grid | tuple[int, ...], curve: Curve, first: int) -> Link:
    """One curve in all cycles of a repeat, from one of its steps on."""
    if not _is_constant(curve, block.decay):
        curve = Cycles(bounds, curve, block.decay)
    return Link("repeat", block.written, first, 0, curve)


def _is_constant(curve: Curve, decay: float = 1.0) -> bool:
    """True if all values of a curve are alike, in all cycles of it."""
    if not isinstance(curve, Leaf) or not curve.formula.names.isdisjoint({"t", "length"}):
        return False
    return decay == 1 or curve.formula == ZERO


def _here(link: Link) -> Formula:
    """The formula of a stretch, in the steps of its chain."""
    assert isinstance(link.curve, Leaf)
    if not link.offset:
        return link.curve.formula
    return substitute(link.curve.formula, {"t": Apply.of("-", T, Const(float(link.offset)))})


def _scaled(link: Link, factor: float) -> Link:
    if factor == 1:
        return link
    curve: Curve
    if isinstance(link.curve, Leaf):
        curve = replace(link.curve, formula=apply("*", link.curve.formula, Const(factor)))
    else:
        curve = Combined("*", (link.curve, Leaf(Const(factor))))
    return replace(link, curve=curve)


def refuse_running(schedule: Schedule) -> None:
    """Refuses a schedule that depends on what is known only while a run trains.

    Raises:
        LrsError: it does.
    """
    chain = chain_of(schedule)
    for event in schedule.events:
        way_out = f"`lrdsl preview --event {event.key}=STEP -o FILE.csv` writes its values"
        waits = f'signal("{event.key}")' if event.kind == "signal" else event.kind
        _refuse(chain, f"it waits for `{waits}`", way_out)
    for name in schedule.owns:
        way_out = "write a number instead, or export one schedule for each group"
        _refuse(chain, f'it depends on `own("{name}")`, a number of the group', way_out)
    for block in chain.walk():
        if isinstance(block, ShapeBlock) and block.meter is not None:
            way_out = "`lrdsl preview --metric LOG -o FILE.csv` writes its values for a metric"
            _refuse(block, "a metric drives it", way_out)


def _refuse(block: Block, reason: str, way_out: str = "`--to csv` writes its values") -> None:
    message = f"`{block.name}` cannot be exported as a formula: {reason}"
    raise LrsError([Diagnostic("not-exportable", message, way_out, block.span)])
