"""Shapes one after the other, with unknown lengths and values: what a text will say, as a model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from lrdsl.fitting.families import LENGTH, Family
from lrdsl.record import entity, record, replace

if TYPE_CHECKING:
    from lrdsl.fitting.families import Floats

# What a shape decays by in `every` steps.
_FACTORS = {"gamma", "rate"}

Kind = Literal["place", "value", "number", "steps"]


@record
class Unknown:
    """A number of a chain that is to be found.

    Attributes:
        name: what it is called in its shape.
        kind: ``place`` for the step at which a shape ends, ``value`` for a rate, ``number`` and
            ``steps`` for what else a shape takes.
        default: the number that need not be written; None if there is none.
        candidates: the only numbers that it may be; None if it may be any.
        above: the number that it has to be above.
    """

    name: str
    kind: Kind
    default: float | None = None
    candidates: tuple[float, ...] | None = None
    above: float = -math.inf


@record
class Slot:
    """Where a number of a shape comes from.

    Attributes:
        index: the unknown that it is; None if it is known, or the value that is reached.
        number: the number, if it is known.
        is_reached: True if it is the value that the shape before has reached.
        cycles: an unknown, and how many times it is added: the length of cycles that have passed.
    """

    index: int | None = None
    number: float = 0.0
    is_reached: bool = False
    cycles: tuple[int, float] | None = None

    def read(self, x: Sequence[float] | Floats, reached: float) -> float:
        """The number.

        Args:
            x: the unknowns.
            reached: the value that the shape before has reached.
        """
        if self.is_reached:
            return reached
        first = self.number if self.index is None else float(x[self.index])
        return first if self.cycles is None else first + self.cycles[1] * float(x[self.cycles[0]])


REACHED = Slot(is_reached=True)


# What a piece was asked for, its rates, and the value that it reaches.
Part: TypeAlias = "tuple[tuple[float, ...], Floats | float, float]"


@entity
class Piece:
    """A shape of a chain.

    Attributes:
        family: the shape.
        slots: where its numbers come from, by parameter; the length is not among them.
        finish: where it ends; None if it has no end.
    """

    family: Family
    slots: Mapping[str, Slot]
    finish: Slot | None = None


@entity
class Chain:
    """Shapes one after the other.

    Attributes:
        pieces: the shapes.
        unknowns: what is to be found.
        begin: where the first one begins.
        cycle: the first piece of equal or growing cycles, and how many times as long each is as the
            one before; None if there are none.
    """

    pieces: tuple[Piece, ...]
    unknowns: tuple[Unknown, ...]
    begin: Slot = Slot()
    cycle: tuple[int, float] | None = None

    def values(self, x: Sequence[float] | Floats, t: Floats) -> Floats:
        """The rates of some updates.

        Args:
            x: the unknowns.
            t: the updates, ascending.
        """
        return self._rates(x, t, math.inf, [])

    def beyond(self, x: Sequence[float] | Floats, t: Floats) -> Floats:
        """The rates of some updates, as if the last shape went on after its end.

        Args:
            x: the unknowns.
            t: the updates, ascending.
        """
        return self._rates(x, t, 0.0, [])

    def near(self, x: Sequence[float] | Floats, t: Floats, parts: list[Part]) -> Floats:
        """The rates of some updates, of which only the pieces that change are computed.

        Args:
            x: the unknowns.
            t: the updates, ascending.
            parts: the parts of unknowns nearby at the same updates. If there are none, those of
                ``x`` are put here.
        """
        return self._rates(x, t, math.inf, parts)

    def _rates(
        self, x: Sequence[float] | Floats, t: Floats, held: float, parts: list[Part]
    ) -> Floats:
        try:
            return self._computed(x, t, held, parts)
        except (ArithmeticError, ValueError):  # a shape has no value for these numbers
            return np.full(len(t), np.nan)

    def _computed(
        self, x: Sequence[float] | Floats, t: Floats, held: float, parts: list[Part]
    ) -> Floats:
        result = np.empty(len(t))
        begin, reached = self.begin.read(x, math.nan), math.nan
        last = len(self.pieces) - 1
        cut = 0
        made: list[Part] = []
        for k, piece in enumerate(self.pieces):
            finish = math.inf if piece.finish is None else piece.finish.read(x, reached)
            is_endless = finish == math.inf or (k == last and not held)
            to = max(cut, len(t) if is_endless else int(np.searchsorted(t, finish)))
            given = self._given(piece, x, reached, finish - begin)
            asked = (begin, finish, cut, to, *given)
            part = parts[k] if k < len(parts) else None
            if part is None or part[0] != asked:
                rates = piece.family.values(t[cut:to] - begin, given) if to > cut else 0.0
                is_left = k < last or to < len(t)
                after = self._reached(piece, given, finish - begin) if is_left else reached
                part = asked, rates, after
            made.append(part)
            result[cut:to] = part[1]
            cut, reached, begin = to, part[2], finish
        result[cut:] = reached
        parts[:] = parts or made
        return result

    def _given(
        self, piece: Piece, x: Sequence[float] | Floats, reached: float, length: float
    ) -> list[float]:
        """The variables of a piece's kernel."""
        slots = piece.slots
        return [
            length if name == LENGTH else slots[name].read(x, reached) if name in slots else 0.0
            for name in piece.family.kernel.parameters
        ]

    @staticmethod
    def _reached(piece: Piece, given: list[float], length: float) -> float:
        """The value at the end of a piece."""
        if not math.isfinite(length):
            return math.nan
        return float(np.ravel(piece.family.values(np.array([length]), given))[0])

    def is_forward(self, x: Sequence[float] | Floats) -> bool:
        """True if no shape ends before it begins.

        Args:
            x: the unknowns.
        """
        ends = [piece.finish.read(x, math.nan) for piece in self.pieces if piece.finish]
        places = [round(end) for end in (self.begin.read(x, math.nan), *ends) if math.isfinite(end)]
        return places == sorted(places)

    def partner(self, index: int) -> int | None:
        """The length that makes a factor or a rate what it is a step: `every` of `gamma`."""
        for piece in self.pieces:
            every = piece.slots.get("every")
            if every is not None and every.index is not None:
                named = [slot.index for name, slot in piece.slots.items() if name in _FACTORS]
                if index in named:
                    return every.index
        return None

    def restricted(self, index: int, candidates: Sequence[float]) -> Chain:
        """The chain with an unknown that may be some numbers only."""
        unknowns = list(self.unknowns)
        unknowns[index] = replace(unknowns[index], candidates=tuple(candidates))
        return replace(self, unknowns=tuple(unknowns))
