"""Round numbers and whole lengths by which a chain explains every reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.families import END
from lrdsl.fitting.rounding import digits, roundest, whole
from lrdsl.fitting.solve import Solution, solved
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.fitting.chain import Chain
    from lrdsl.fitting.families import Floats
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.templates import Template

# What least squares may be off by before rounding is tried, in tolerances.
_NEAR, _CLOSE = 2.5, 1.2
# Deviations within which the numbers of a chain are looked for.
_WIDE = 6.0
# Numbers that are tried for one unknown, and complete sets of them for one chain.
_TRIED, _SETS, _DESCENTS = 12, 600, 200
_BESIDE_0, _NEAR_0 = 3, 1e-6
# Readings for the last descent, in which only lengths are unknown.
_FINE = 1500
# What it costs to say a number that is said already.
_AGAIN = 0.5
# A run that ends between two readings of its log: one of as many whole numbers as lie between.
_END = 1.2

_LENGTHS = ("place", "steps")
# The order in which unknowns are fixed.
_ORDER = {"value": 0, "number": 1, "steps": 2, "place": 3}


@entity
class Numbers:
    """Numbers by which a chain explains every reading.

    Attributes:
        x: the numbers, one for each unknown.
        cost: the digits that it takes to say them.
    """

    x: tuple[float, ...]
    cost: float


class Snapping:
    """A search for round numbers.

    Args:
        template: the chain.
        readings: what it has to explain.
        known: numbers that cost nothing, such as the optimizer's own rate.
    """

    def __init__(self, template: Template, readings: Readings, known: Sequence[float] = ()) -> None:
        self.chain: Chain = template.chain
        self.readings = readings
        smooth = readings if template.smooth is None else template.smooth
        self.thin = smooth.thinned()
        self.fine = smooth.thinned(_FINE)
        self.most = 0.0
        self.known = tuple(known)
        self.found: list[Numbers] = []
        self._guess = template.guess
        self._sets = self.descents = 0
        self._last = float(readings.updates[-1])
        self._gap = max(readings.span / max(len(readings) - 1, 1), 1.0)
        self._known: dict[tuple[tuple[int, float], ...], Solution | None] = {}

    @cached_property
    def _start(self) -> Solution | None:
        """The numbers that explain the readings best, not yet round."""
        count = len(self.chain.unknowns)
        return solved(self.chain, self.thin, self._guess, range(count), limit=_NEAR)

    def upto(self, most: float) -> list[Numbers]:
        """The numbers of some cost at most that explain every reading, roundest first.

        Args:
            most: the cost.
        """
        unknowns = self.chain.unknowns
        order = sorted(
            range(len(unknowns)),
            key=lambda i: (unknowns[i].candidates is None, _ORDER[unknowns[i].kind], i),
        )
        if most < self._least(order) or self._start is None:
            return []
        self.most, self._sets = most, 0
        self._fix(self._start, order, (), 0.0)
        return sorted(self.found, key=lambda numbers: numbers.cost)

    def _fix(
        self,
        solution: Solution,
        order: list[int],
        fixed: tuple[tuple[int, float], ...],
        cost: float,
    ) -> None:
        """Fixes the unknowns one after the other, and keeps the sets that explain all readings."""
        if cost + self._least(order) > self.most or self._sets > _SETS:
            return
        if not order:
            self._keep(solution.x, cost)
            return
        index, *rest = order
        for value in self._candidates(solution, index):
            price = cost + self._price(index, value, solution.x)
            if price + self._least(rest) > self.most:
                continue
            done = (*fixed, (index, value))
            if (after := self._after(solution, done, rest)) is not None:
                self._fix(after, rest, done, price)

    def _after(
        self, solution: Solution, fixed: tuple[tuple[int, float], ...], rest: list[int]
    ) -> Solution | None:
        """The best numbers for what is not fixed yet."""
        index, value = fixed[-1]
        unknowns = self.chain.unknowns
        is_far = unknowns[index].candidates is not None
        given = self._far(solution, index, value) if is_far else _given(solution, index, value)
        is_placing = unknowns[index].kind in _LENGTHS and not is_far
        if not rest or is_placing:
            return given
        if fixed not in self._known:
            are_places = all(unknowns[i].kind in _LENGTHS for i in rest)
            if not are_places and not is_far and self._is_near(given.x):
                return given
            if self.descents >= _DESCENTS:
                return None
            self.descents += 1
            readings = self.fine if are_places else self.thin
            found = solved(self.chain, readings, given.x, rest, coarse=False, limit=_NEAR)
            if found is None and is_far:
                found = solved(self.chain, readings, given.x, rest, limit=_NEAR)
            self._known[fixed] = found
        return self._known[fixed]

    def _far(self, solution: Solution, index: int, value: float) -> Solution:
        """Numbers to descend from, if one unknown is far from where it was: the curve stays."""
        x = solution.x.copy()
        x[index] = value
        last = self.chain.pieces[-1]
        end, place = last.slots.get(END), None if last.finish is None else last.finish.index
        if (every := self.chain.partner(index)) is not None:
            x[every] = max(1.0, _rescaled(solution.x, index, every, value))
        elif place is not None and end is not None and end.index is not None:
            at, step = float(solution.x[place]), 1e-3 * self._gap
            before, after = self.chain.beyond(solution.x, np.array([at - step, at + step]))
            slope = (after - before) / (2 * step)
            if index == place:
                x[end.index] = self.chain.beyond(solution.x, np.array([value]))[0]
            elif slope:
                x[place] = at + (value - float(solution.x[index])) / slope
        return Solution(x, solution.spread, solution.worst)

    def _least(self, order: list[int]) -> float:
        """What the unknowns that are left cost at least."""
        left = [self.chain.unknowns[i] for i in order]
        return sum(
            1.0 if unknown.kind == "place" else _AGAIN
            for unknown in left
            if unknown.default is None
        )

    def _is_near(self, x: Floats) -> bool:
        """True if numbers explain the readings nearly."""
        with np.errstate(all="ignore"):
            apart = np.abs(self.thin.rates - self.chain.values(x, self.thin.updates))
        return bool(np.all(apart <= _CLOSE * self.thin.weighing))

    def _keep(self, x: Floats, cost: float) -> None:
        """Keeps numbers that explain every reading."""
        self._sets += 1
        if explains(self.chain, x, self.readings):
            self.found.append(Numbers(tuple(x.tolist()), cost))
            self.most = min(self.most, cost + 1e-6)

    def _candidates(self, solution: Solution, index: int) -> Iterator[float]:
        """The numbers that an unknown may be, likeliest first."""
        unknown = self.chain.unknowns[index]
        if unknown.candidates is not None:
            yield from unknown.candidates
            return
        middle = float(solution.x[index])
        width = _WIDE * math.sqrt(max(float(solution.spread[index, index]), 0.0))
        width += 1e-9 * abs(middle) + 1e-15
        low, high = middle - width, middle + width
        if unknown.kind in ("place", "steps"):
            low = max(low, 1.0)
            yield from map(float, whole(low, min(high, 2.0**50), middle, _TRIED))
            return
        if unknown.kind == "value":
            low = max(low, 0.0)
        given = [value for value in self.known if low <= value <= high]
        if (default := unknown.default) is not None:
            # Where a curve ends at 0, the last readings are too fine to be near at first.
            room = _NEAR_0 * self.readings.peak if unknown.kind == "value" else 0.0
            given += [default] if low - room <= default <= high + room else []
        yield from given
        # Next to 0, any number is as good as another.
        most = _TRIED if low > 0 or high < 0 else _BESIDE_0
        yield from (v for v in roundest(low, high, most) if v not in given)

    def _price(self, index: int, value: float, x: Floats) -> float:
        """The digits that it takes to say a number."""
        unknown = self.chain.unknowns[index]
        if value == unknown.default:
            return 0.0
        if unknown.kind == "value" and value in self.known:
            return _AGAIN
        if unknown.kind == "place":
            return self._price_of_place(index, value, x)
        lengths = [float(x[i]) for i, u in enumerate(self.chain.unknowns) if u.kind == "place"]
        if unknown.kind == "steps" and any(abs(value - length) < 1 for length in lengths[:1]):
            return _AGAIN
        return float(digits(value))

    def _price_of_place(self, index: int, value: float, x: Floats) -> float:
        """The digits of a length, or of the run if it ends there."""
        begin, is_last = 0.0, False
        for piece in self.chain.pieces:
            if piece.finish is None:
                break
            if piece.finish.index == index and piece.finish.cycles is None:
                is_last = piece is self.chain.pieces[-1]
                break
            begin = piece.finish.read(x, 0.0)
        else:
            return float(digits(value))
        length = digits(round(value - begin))
        if not is_last:
            return float(length)
        if self._last < value <= self._last + self._gap:
            return _END + 0.1 * digits(value)
        return float(min(length, digits(value)))


def explains(chain: Chain, x: Sequence[float] | Floats, readings: Readings) -> bool:
    """True if a chain is within the precision of every reading.

    Args:
        chain: the chain.
        x: its numbers.
        readings: the readings.
    """
    with np.errstate(all="ignore"):
        apart = np.abs(readings.rates - chain.values(x, readings.updates))
    return bool(np.all(apart <= readings.tolerance))


def _given(solution: Solution, index: int, value: float) -> Solution:
    """What is left open if one unknown is fixed."""
    spread = solution.spread
    own = float(spread[index, index])
    x = solution.x.copy()
    if own > 0:
        x += spread[:, index] / own * (value - solution.x[index])
        spread = spread - np.outer(spread[:, index], spread[index]) / own
    x[index] = value
    spread = spread.copy()
    spread[index, :] = spread[:, index] = 0.0
    return Solution(x, spread, solution.worst)


def _rescaled(x: Floats, index: int, every: int, value: float) -> float:
    """The steps in which a decay that is known comes to a factor, or to its rate."""
    now, length = float(x[index]), float(x[every])
    if 0 < now < 1 and 0 < value < 1:
        return length * math.log(value) / math.log(now)
    return length * value / now if now else length
