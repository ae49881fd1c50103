"""Round numbers and whole lengths by which a chain explains every reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrdsl import limits
from lrdsl.fitting.families import END
from lrdsl.fitting.rounding import digits, fewest, roundest, shortest, whole
from lrdsl.fitting.solve import Solution, solved
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    from lrdsl.fitting.chain import Chain
    from lrdsl.fitting.families import Floats
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.templates import Template

    Starts = dict[tuple[float, ...], Solution | None]

# What least squares may be off by before rounding is tried, in tolerances.
_NEAR, _CLOSE = 2.5, 1.2
# Deviations within which the numbers of a chain are looked for, and without which they are ruled
# out before their neighbors are known.
_WIDE, _WIDER = 6.0, 9.0
# Numbers that are tried for one unknown, and descents for one chain.
_TRIED, _DESCENTS = 12, 200
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
class Partial:
    """A chain of which some unknowns are round already.

    Attributes:
        solution: the best numbers before the last unknown was fixed, or after it; None before any
            were sought.
        fixed: the unknowns that are fixed, each with its number, in this order.
        order: the unknowns that are left, in the order in which they will be fixed.
        cost: what the shapes cost, and the digits that it takes to say what is fixed.
        least: what the whole chain costs at least.
        is_settled: True if the solution is the one after the last unknown was fixed.
    """

    solution: Solution | None
    fixed: tuple[tuple[int, float], ...]
    order: tuple[int, ...]
    cost: float
    least: float
    is_settled: bool = False


@entity
class Proven:
    """Numbers by which a chain explains every reading.

    Attributes:
        x: the numbers, one for each unknown.
        apart: how far the readings are from it on average, in tolerances.
    """

    x: tuple[float, ...]
    apart: float


class Snapping:
    """A search for round numbers, one unknown at a time, from any chain that is partly round.

    Args:
        template: the chain.
        readings: what it has to explain.
        price: what the shapes cost, apart from their numbers.
        known: numbers that cost nothing, such as the optimizer's own rate.
        starts: the solutions of chains of the same shapes, of which none is round, by the guesses
            that they were found from.
    """

    def __init__(
        self,
        template: Template,
        readings: Readings,
        price: float,
        known: Sequence[float],
        starts: Starts,
    ) -> None:
        self.chain: Chain = template.chain
        self._own, self._starts = price, starts
        self.readings = readings
        smooth = readings if template.smooth is None else template.smooth
        self.thin = smooth.thinned()
        self.fine = smooth.thinned(_FINE)
        self.known = tuple(known)
        self._guess = template.guess
        self.descents = 0
        self._last = float(readings.updates[-1])
        self._gap = max(readings.span / max(len(readings) - 1, 1), 1.0)

    def nothing_fixed(self) -> Partial:
        """The chain before any unknown is fixed."""
        unknowns = self.chain.unknowns
        order = sorted(
            range(len(unknowns)),
            key=lambda i: (unknowns[i].candidates is None, _ORDER[unknowns[i].kind], i),
        )
        return Partial(None, (), tuple(order), self._own, self._own + self._least(order))

    def settled(self, partial: Partial) -> Partial | None:
        """The chain with the best numbers for what is not fixed; None if none explain the readings.

        Args:
            partial: what is fixed.
        """
        if partial.is_settled:
            return partial
        if partial.solution is None:
            solution = self._start()
        else:
            solution = self._after(partial.solution, partial.fixed, partial.order)
        if solution is None:
            return None
        least = max(partial.least, partial.cost + self._left(partial.order, solution))
        return replace(partial, solution=solution, least=least, is_settled=True)

    def _start(self) -> Solution | None:
        """The numbers that explain the readings best, not yet round."""
        if self._guess not in self._starts:
            count = len(self.chain.unknowns)
            start = solved(self.chain, self.thin, self._guess, range(count), limit=_NEAR)
            self._starts[self._guess] = start
        return self._starts[self._guess]

    def further(self, partial: Partial) -> Iterator[Partial]:
        """A settled chain with one more unknown fixed, at each of the numbers that it may be.

        Args:
            partial: what is fixed.
        """
        index, *rest = partial.order
        solution = partial.solution
        assert solution is not None
        is_far = self.chain.unknowns[index].candidates is not None
        left = self._least(rest) if is_far else self._left(rest, solution)
        for value in self._candidates(solution, index):
            cost = partial.cost + self._price(index, value, solution.x)
            fixed = (*partial.fixed, (index, value))
            yield Partial(solution, fixed, tuple(rest), cost, cost + left)

    def proven(self, partial: Partial) -> Proven | None:
        """The numbers of a chain that are all round; None if they do not explain every reading.

        Args:
            partial: what is fixed: everything.
        """
        assert partial.solution is not None
        x, readings = partial.solution.x, self.readings
        apart = np.abs(readings.rates - self.chain.values(x, readings.updates))
        if not np.all(apart <= readings.tolerance) or not self.chain.is_forward(x):
            return None
        return Proven(tuple(x.tolist()), float(np.mean(apart / readings.tolerance)))

    def _after(
        self, solution: Solution, fixed: tuple[tuple[int, float], ...], rest: Sequence[int]
    ) -> Solution | None:
        """The best numbers for what is not fixed yet."""
        index, value = fixed[-1]
        unknowns = self.chain.unknowns
        is_far = unknowns[index].candidates is not None
        given = self._far(solution, index, value) if is_far else _given(solution, index, value)
        is_placing = unknowns[index].kind in _LENGTHS and not is_far
        if not rest or is_placing:
            return given
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
        return found

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

    def _least(self, order: Sequence[int]) -> float:
        """What the unknowns that are left cost at least."""
        left = [self.chain.unknowns[i] for i in order]
        return sum(
            1.0 if unknown.kind == "place" else _AGAIN
            for unknown in left
            if unknown.default is None
        )

    def _left(self, order: Sequence[int], solution: Solution) -> float:
        """What the unknowns that are left cost at least, by what is known of them."""
        # One that may be some numbers only is far from where it will be, and so are the others.
        if any(self.chain.unknowns[index].candidates is not None for index in order):
            return self._least(order)
        return sum(self._cheapest(index, solution) for index in order)

    def _cheapest(self, index: int, solution: Solution) -> float:
        """What an unknown costs at least: the digits of the roundest number that it may be."""
        unknown = self.chain.unknowns[index]
        least = self._least([index])
        low, high = self._range(index, solution)
        if unknown.kind == "steps":
            said = [i for i, one in enumerate(self.chain.unknowns) if one.kind == "place"]
            # It costs little to say the length of the first piece again.
            other = self._range(said[0], solution) if said else (math.inf, math.inf)
            is_again = low <= other[1] and other[0] <= high
            return least if is_again else max(least, fewest(low - 1, high + 1, 1.0))
        if unknown.kind != "place":
            room = _NEAR_0 * self.readings.peak
            if unknown.default is not None and low - room <= unknown.default <= high + room:
                return 0.0
            if unknown.kind == "value" and any(low <= value <= high for value in self.known):
                return _AGAIN
            return max(least, fewest(low, high))
        before = self._before(index)
        if before is None:
            return least
        is_last, begin = before
        first, last = (0.0, 0.0) if begin is None else self._range(begin, solution)
        price = fewest(low - last, high - first, 1.0)
        if is_last:
            price = min(price, fewest(low, high, 1.0))
            if low <= self._last + self._gap and high > self._last:
                price = min(price, _END)
        return max(least, price)

    def _before(self, index: int) -> tuple[bool, int | None] | None:
        """Of a place, if the last piece ends there, and where that piece begins."""
        begin: int | None = None
        for piece in self.chain.pieces:
            if piece.finish is None or piece.finish.cycles is not None:
                return None
            if piece.finish.index == index:
                return piece is self.chain.pieces[-1], begin
            begin = piece.finish.index
        return None

    def _range(self, index: int, solution: Solution) -> tuple[float, float]:
        """Between which numbers an unknown may be, whatever the others turn out to be."""
        middle = float(solution.x[index])
        width = _WIDER * math.sqrt(max(float(solution.spread[index, index]), 0.0))
        width += 1e-9 * abs(middle) + 1e-15
        if self.chain.unknowns[index].kind == "place":
            width += 1.0
        return middle - width, middle + width

    def _is_near(self, x: Floats) -> bool:
        """True if numbers explain the readings nearly."""
        apart = np.abs(self.thin.rates - self.chain.values(x, self.thin.updates))
        return bool(np.all(apart <= _CLOSE * self.thin.weighing))

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
            yield from map(float, whole(low, min(high, limits.STEPS), middle, _TRIED))
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
        given += (found := [v for v in roundest(low, high, most) if v not in given])
        yield from found
        # A float need not be round; what was rounded is.
        if unknown.kind == "value" and self.readings.is_exact:
            slack = float(self.readings.tolerance.max())
            exact = shortest(middle - slack / 2, middle + slack / 2)
            yield from [exact] if exact not in given else []

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
