"""What a nest puts together on its exact clock: parts in a row, sides, and copies of a part."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.formula.bounds import Interval, combined
from lrdsl.formula.formula import Const, Formula, apply
from lrdsl.formula.functions import ARITHMETIC, FUNCTIONS
from lrdsl.record import entity
from lrdsl.schedule import pointwise
from lrdsl.schedule.block import Block, Env, Ref, Scalar
from lrdsl.schedule.fine import Fine, FineVector, decayed, decayed_bounds, hull_of, picked

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule


@entity
class Chosen(Fine):
    """At every tick it is one of the parts inside it."""

    @abstractmethod
    def find(self, x: int) -> tuple[Fine, int]:
        """The part at tick x, and the tick in it."""

    def at(self, x: int) -> Formula:
        part, local = self.find(x)
        return part.at(local)

    def leaves(self, x: int) -> Iterator[tuple[Block, int]]:
        part, local = self.find(x)
        return part.leaves(local)

    def alone(self, x: int) -> tuple[Block, int] | None:
        part, local = self.find(x)
        return part.alone(local)

    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        return hull_of(part.bounds(of) for part in self.inside())

    def sole(self) -> Iterator[Block]:
        for part in self.inside():
            yield from part.sole()


@entity
class Chain(Chosen):
    """Parts one after another.

    Attributes:
        starts: the exact start of each.
        parts: the parts.
        phase: a phase it can have.
    """

    starts: tuple[int, ...]
    parts: tuple[Fine, ...]
    phase: int

    def inside(self) -> tuple[Fine, ...]:
        return self.parts

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        for i, (start, part) in enumerate(zip(self.starts, self.parts, strict=True)):
            for phase, piece in part.pieces((self.phase + start) % self.unit):
                here = phase - start
                before = self._beside(range(i - 1, -1, -1), here, 1) or prev
                after = self._beside(range(i + 1, len(self.parts)), here, 0) or next
                piece.link(before, after, words)

    def _beside(self, places: Iterable[int], phase: int, ends: int) -> Ref:
        """The first of some parts that owns a step, and its first tick or that of its end."""
        unit = self.unit
        for i in places:
            inside = (phase + self.starts[i]) % unit
            steps = int(inside + self.parts[i].length) // unit
            if steps:
                return self.parts[i], unit * steps * ends + unit - 1 - inside
        return None

    def _index(self, x: int) -> int:
        # At the end, the part that owned the last step: those after it may own none.
        return bisect_right(self.starts, x if x < self.length else x - self.unit) - 1

    def find(self, x: int) -> tuple[Fine, int]:
        i = self._index(x)
        return self.parts[i], x - self.starts[i]

    def exact(self) -> object:
        return self.length, self.starts, tuple(part.exact() for part in self.parts)

    def _scalars(self, env: Env) -> list[Scalar]:
        return [part.scalar(env) for part in self.parts]

    def _vectors(self, env: Env, xp: ArrayModule) -> list[FineVector]:
        return [part.vector(env, xp) for part in self.parts]

    def scalar(self, env: Env) -> Scalar:
        starts, length, unit = self.starts, self.length, self.unit
        curves = self._scalars(env)
        if len(curves) == 1 and starts == (0,):
            return curves[0]

        def curve(x: int) -> float:
            i = bisect_right(starts, x if x < length else x - unit) - 1
            return curves[i](x - starts[i])

        return curve

    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        starts, length, unit = self.starts, int(self.length), self.unit
        curves = self._vectors(env, xp)
        if len(curves) == 1 and starts == (0,):
            return curves[0]

        def curve(x: Array, slope: Array | None) -> Array:
            place = xp.where(x < length, x, x - unit)
            found: Array = None
            for start, part in zip(starts, curves, strict=True):
                # What comes before its start reads its step 1: at 0 a curve may be steep.
                inside = xp.where(place >= start, x - start, unit)
                if found is None:
                    found = part(inside, slope)
                else:
                    found = xp.where(place >= start, part(inside, slope), found)
            return found

        return curve


@entity
class Grown(Chain):
    """Cycles that grow or shrink, each of them a part of its own; the last may be cut.

    Attributes:
        decay: what the values of each cycle are multiplied by, against the one before.
    """

    decay: float

    def link(self, prev: Ref, next: Ref, words: dict[str, Ref]) -> None:
        Fine.link(self, prev, next, words)  # at its ends a cycle sees what is around all of them

    def at(self, x: int) -> Formula:
        return apply("*", Chain.at(self, x), Const(decayed(self.decay, self._index(x))))

    def alone(self, x: int) -> tuple[Block, int] | None:
        return Chain.alone(self, x) if self.decay == 1 else None

    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        return decayed_bounds(Chain.bounds(self, of), self.decay, len(self.parts) - 1)

    def exact(self) -> object:
        return self.decay, Chain.exact(self)

    def _scalars(self, env: Env) -> list[Scalar]:
        curves = Chain._scalars(self, env)
        if self.decay == 1:
            return curves
        return [_scaled(curve, decayed(self.decay, k)) for k, curve in enumerate(curves)]

    def _vectors(self, env: Env, xp: ArrayModule) -> list[FineVector]:
        curves = Chain._vectors(self, env, xp)
        if self.decay == 1:
            return curves
        return [_scaled_array(curve, decayed(self.decay, k)) for k, curve in enumerate(curves)]


def _scaled(curve: Scalar, factor: float) -> Scalar:
    return lambda x: curve(x) * factor


def _scaled_array(curve: FineVector, factor: float) -> FineVector:
    return lambda x, slope: curve(x, slope) * factor


@entity
class Sides(Fine):
    """Parts on one clock, each held after its end: an operator's, or what is in an ``over``.

    Attributes:
        op: the operator.
        sides: its sides; one for an ``over``.
    """

    op: str
    sides: tuple[Fine, ...]

    def inside(self) -> tuple[Fine, ...]:
        return self.sides

    def at(self, x: int) -> Formula:
        found, *others = [side.at(side.clipped(x)) for side in self.sides]
        for other in others:
            found = apply(self.op, found, other)
        return found

    def leaves(self, x: int) -> Iterator[tuple[Block, int]]:
        for side in self.sides:
            yield from side.leaves(side.clipped(x))

    def alone(self, x: int) -> tuple[Block, int] | None:
        only = self.sides[0]
        return only.alone(x) if len(self.sides) == 1 and x < only.length else None

    def bounds(self, of: Callable[[Block], Interval]) -> Interval:
        found, *others = [side.bounds(of) for side in self.sides]
        for other in others:
            found = combined(self.op, found, other)
        return found

    def sole(self) -> Iterator[Block]:
        if len(self.sides) == 1:
            yield from self.sides[0].sole()

    def exact(self) -> object:
        return self.length, self.op, tuple(side.exact() for side in self.sides)

    def scalar(self, env: Env) -> Scalar:
        return pointwise.combined(self.op, [_held(side, env) for side in self.sides])

    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        op = self.op
        combine = FUNCTIONS[op].array(xp) if op in FUNCTIONS else ARITHMETIC.get(op)
        sides = [(int(side.length), side.vector(env, xp)) for side in self.sides]

        def curve(x: Array, slope: Array | None) -> Array:
            found: Array = None
            for n, (length, side) in enumerate(sides):
                value = side(xp.where(x < length, x, length + (x - length) % self.unit), slope)
                found = combine(found, value) if n and combine is not None else value
            return found

        return curve


@entity
class Copies(Chosen):
    """A part whose words stand for something else where its neighbors are rounded otherwise.

    Attributes:
        thresholds: the phases from which on that may be so.
        numbers: the number of the copy, by the thresholds passed.
        copies: the copies, alike but for their words.
        phases: a phase of each.
    """

    thresholds: tuple[int, ...]
    numbers: tuple[int, ...]
    copies: tuple[Fine, ...]
    phases: tuple[int, ...]

    def copy(self, phase: int) -> Fine:
        """The copy for a phase."""
        return self.copies[self.numbers[bisect_right(self.thresholds, phase)]]

    def find(self, x: int) -> tuple[Fine, int]:
        return self.copy(self.unit - 1 - x % self.unit), x

    def inside(self) -> tuple[Fine, ...]:
        return self.copies

    def pieces(self, phase: int) -> Iterable[tuple[int, Block | Fine]]:
        return zip(self.phases, self.copies, strict=True)

    def exact(self) -> object:
        return self.thresholds, self.numbers, tuple(copy.exact() for copy in self.copies)

    def scalar(self, env: Env) -> Scalar:
        thresholds, unit, last = self.thresholds, self.unit, self.unit - 1
        curves = [copy.scalar(env) for copy in self.copies]
        by_key = [curves[n] for n in self.numbers]
        return lambda x: by_key[bisect_right(thresholds, last - x % unit)](x)

    def vector(self, env: Env, xp: ArrayModule) -> FineVector:
        unit = self.unit
        curves = [copy.vector(env, xp) for copy in self.copies]

        def curve(x: Array, slope: Array | None) -> Array:
            phase = unit - 1 - x % unit
            return picked(xp, self.thresholds, self.numbers, phase, lambda n: curves[n](x, slope))

        return curve


def _held(side: Fine, env: Env) -> Scalar:
    curve, clipped = side.scalar(env), side.clipped
    return lambda x: curve(clipped(x))
