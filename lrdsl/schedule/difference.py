"""The first step at which two schedules differ, found by comparing parts rather than steps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.formula.formula import Apply, Const, Formula, Known, evaluate, substitute
from lrdsl.formula.python_nodes import DERIVED
from lrdsl.schedule.block import Block, Env, ReadBlock
from lrdsl.schedule.pointwise import PointwiseBlock
from lrdsl.schedule.repeat import RepeatBlock
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.ticks import ClockBlock
from lrdsl.schedule.views import blocks_of, values_of
from lrdsl.schedule.window import EveryBlock, WindowBlock

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray


# Two spellings of one curve differ by roundings, as a share of the largest value.
CLOSE = 1e-12
# So many steps are compared one by one, all stretches together; after them, places in between.
EVERY = 1_000_000
_CHUNK = 1 << 16


def first_difference(
    old: Schedule | None, new: Schedule | None, base: float, last: int, gap: float | None = None
) -> int | None:
    """The first step from 0 to ``last`` at which two schedules differ.

    Stretches that are made of the same formula with the same arguments are the same, however long;
    others are evaluated.

    Args:
        old: one of them; None for one that stays at ``base``.
        new: the other.
        base: the optimizer's own value.
        last: the last step to be looked at.
        gap: the largest difference that counts as none; by default a rounding of the values around.

    Returns:
        The step, or None if they agree.
    """
    left = EVERY
    for start, stop in _unproved(old, new, base, last, gap):
        step = _differing(old, new, base, start, stop, max(left, EVERY // 10_000), gap)
        if step is not None:
            return step
        left -= stop - start
    return None


def first_in_past(
    old: Schedule | None, new: Schedule | None, base: float, at: int, gap: float | None = None
) -> int | None:
    """The first update before a step that uses another value under two schedules.

    It decides whether a run that has made ``at`` updates can go on under the other schedule: these
    were the updates 0 to ``at - 1``, so a jump at ``at`` itself is a change of what comes next.

    Args:
        old: one of them; None for one that stays at ``base``.
        new: the other.
        base: the optimizer's own value.
        at: the number of updates made so far.
        gap: as for `first_difference`.

    Returns:
        The step, or None if every update so far is the same in both.
    """
    return first_difference(old, new, base, at - 1, gap)


def is_sampled(
    old: Schedule | None, new: Schedule | None, base: float, last: int, gap: float | None = None
) -> bool:
    """True if `first_difference` looks at some of the steps only.

    Stretches that are not made alike and are too long to look at every step are sampled.

    Args:
        old: one schedule; None for one that stays at ``base``.
        new: the other.
        base: the optimizer's own value.
        last: the last step to be looked at.
        gap: as for `first_difference`.
    """
    return sum(stop - start for start, stop in _unproved(old, new, base, last, gap)) > EVERY


def _unproved(
    old: Schedule | None, new: Schedule | None, base: float, last: int, gap: float | None
) -> Iterator[tuple[int, int]]:
    """The stretches of steps from 0 to ``last`` that two schedules do not make alike."""
    pieces = [_pieces(schedule, base) for schedule in (old, new)]
    ours, theirs = next(pieces[0]), next(pieces[1])
    start = 0
    while start <= last:
        stop = int(min(ours.stop, theirs.stop, last + 1))
        if not ours.same(theirs, gap or 0.0):
            yield start, stop
        start = stop
        if start <= last:
            ours = next(pieces[0]) if ours.stop == stop else ours
            theirs = next(pieces[1]) if theirs.stop == stop else theirs


class _Piece:
    """A stretch of a schedule.

    Args:
        first: its first step.
        stop: the step after its last one.
        constant: its value, where it has only one.
        signature: the description of its curve; None if it cannot be compared.
    """

    def __init__(
        self, first: int, stop: float, constant: float | None, signature: object = None
    ) -> None:
        self.first, self.stop = first, stop
        self.constant, self.signature = constant, signature

    def same(self, other: _Piece, gap: float) -> bool:
        """True if it is provably the same curve as another one where they meet."""
        if self.constant is not None and other.constant is not None:
            return abs(self.constant - other.constant) <= gap
        made_alike = self.signature is not None and self.signature == other.signature
        return made_alike and self.first == other.first


def _pieces(schedule: Schedule | None, base: float) -> Iterator[_Piece]:
    """The stretches of a schedule; the last one has no end."""
    if schedule is None:
        yield _Piece(0, math.inf, base)
        return
    for first, block, env in blocks_of(schedule, base):
        signature = _signature(block, env)
        stop = first + block.length
        yield _Piece(first, stop, _constant(signature), signature)
    if stop < math.inf:
        yield _Piece(int(stop), math.inf, schedule(int(stop), base=base))


def _constant(signature: object) -> float | None:
    if isinstance(signature, Const):
        return float(signature.value)
    return None


def _signature(block: Block, env: Env) -> object:
    """A description of a block's curve: equal descriptions, equal curves. None if unknown."""
    if isinstance(block, ShapeBlock):
        return _formula(block, env)
    children = [_signature(child, env) for child in block.children()]
    if None in children:
        return None
    ends = tuple(child.length for child in block.children())
    if isinstance(block, PointwiseBlock):
        return "pointwise", block.op, ends, tuple(children)
    if isinstance(block, ReadBlock) and isinstance(children[0], Const):
        return children[0]  # one value, at whatever step it is read
    if isinstance(block, WindowBlock):
        if block.first == 0 and block.length <= ends[0]:
            return children[0]
        return "window", block.first, ends, tuple(children)
    if isinstance(block, ClockBlock):
        return "clock", block.grid, block.first, block.start, ends, tuple(children)
    if isinstance(block, EveryBlock):
        return "every", repr(vars(block.bounds)), ends, tuple(children)
    if isinstance(block, SequenceBlock):
        if block.starts == (0,) and len(children) == 1:
            return children[0]
        return "sequence", block.starts, ends, tuple(children)
    if isinstance(block, RepeatBlock):
        bounds = type(block.bounds).__name__, tuple(vars(block.bounds).items())
        exact = block.fine and block.fine.exact()
        return "repeat", repr(bounds), block.decay, exact, tuple(children)
    return None


def _formula(shape: ShapeBlock, env: Env) -> Formula:
    """A shape's curve as a formula of `t` alone."""
    values = {name: evaluate(formula, env) for name, formula in shape.arguments.items()}
    known: dict[str, Formula] = {name: _literal(value) for name, value in values.items()}
    if shape.kernel.needs_length:
        length = {"length": Const(float(shape.length))}
        known |= length | {word: substitute(d, length) for word, d in DERIVED.items()}
    return substitute(shape.kernel.formula, known)


def _literal(value: Known) -> Formula:
    if isinstance(value, tuple):
        return Apply.of("list", *map(_literal, value))
    return Const(value)


def _differing(
    old: Schedule | None, new: Schedule | None, base: float, start: int, stop: int, most: int,
    gap: float | None,
) -> int | None:  # fmt: skip
    """The first of the steps from ``start`` to ``stop - 1`` that are looked at that differs."""
    if stop - start <= most:
        for first in range(start, stop, _CHUNK):
            n = min(_CHUNK, stop - first)
            place = _unlike(_values(old, base, first, n), _values(new, base, first, n), gap)
            if place is not None:
                return first + place
        return None
    behind = start + most // 2
    head = _differing(old, new, base, start, behind, most, gap)
    if head is not None:
        return head
    spread = max(10, most // 100)
    for k in range(spread):
        step = behind + (stop - 1 - behind) * (k + 1) // spread
        if not _close(_value(old, base, step), _value(new, base, step), gap):
            return step
    return None


def _value(schedule: Schedule | None, base: float, step: int) -> float:
    return base if schedule is None else schedule(step, base=base)


def _close(a: float, b: float, gap: float | None) -> bool:
    return abs(a - b) <= (CLOSE * max(abs(a), abs(b)) if gap is None else gap)


def _values(schedule: Schedule | None, base: float, first: int, n: int) -> NDArray[float64]:
    import numpy

    return numpy.full(n, base) if schedule is None else values_of(schedule, n, base, first)


def _unlike(a: NDArray[float64], b: NDArray[float64], gap: float | None) -> int | None:
    """The first place at which two arrays differ."""
    import numpy

    if gap is None:
        gap = CLOSE * max(numpy.abs(a).max(), numpy.abs(b).max())
    places: NDArray[int64] = numpy.flatnonzero(~(numpy.abs(a - b) <= gap))
    return int(places[0]) if len(places) else None
