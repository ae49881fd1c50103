"""The search for a text: divisions of a curve, their chains, and the numbers in them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from lrdsl.fitting import staircases
from lrdsl.fitting.chain import Chain
from lrdsl.fitting.layouts import Division, divided
from lrdsl.fitting.readings import Spent
from lrdsl.fitting.repeats import repeated
from lrdsl.fitting.rounding import digits
from lrdsl.fitting.snapping import Partial, Snapping
from lrdsl.fitting.templates import cycles, exponentials, first_cycles, template, ways, wholes
from lrdsl.fitting.writing import written
from lrdsl.program import parse
from lrdsl.record import entity, record

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.snapping import Starts
    from lrdsl.fitting.templates import Template

# What a shape costs, in digits, an ease, and each number that it takes beside its ends.
_PER_PIECE, _PER_EASE, _PER_EXTRA = 2.0, 1.0, 0.5
# What an offset costs that is not the likeliest one.
_PER_OFFSET = 0.4
# What it costs to say that a curve repeats.
_PER_REPEAT = 1.0
# A text that costs more explains nothing: it repeats the log.
_MOST = 32
# Divisions that are tried, descents for all of them, and how often one of their chains goes on.
_LAYOUTS, _DESCENTS, _GOES = 6, 1500, 5_000
# Readings of a long curve that show its bends, where it was rounded to this share of the peak.
_VIEWED, _ROUGH = 300, 1e-6
# Texts that cost this much more than the best one are as good.
_AS_GOOD = 0.05


@entity
class Candidate:
    """A text that explains every reading.

    Attributes:
        text: the text.
        offset: what a logged step lacks to be the update whose rate is beside it.
        cost: how much it says, in digits.
        apart: how far the readings are from it on average, in tolerances.
        place: the place of its chain; those that are tried first are plainer.
    """

    text: str
    offset: int
    cost: float
    apart: float = 0.0
    place: int = 0


@record
class Known:
    """What is known of a run beside its log.

    Attributes:
        total: its length; None if it is unknown.
        base: the optimizer's own rate; None if it is unknown.
        offsets: the offsets that the log may have, likeliest first.
    """

    total: int | None = None
    base: float | None = None
    offsets: tuple[int, ...] = (0, -1, 1)


def structure(chain: Chain) -> float:
    """What the shapes of a chain cost, apart from their numbers."""
    pieces = chain.pieces if chain.cycle is None else chain.pieces[: chain.cycle[0] + 1]
    return sum(
        _PER_PIECE + (_PER_EASE if piece.family.ease else 0) + _PER_EXTRA * len(piece.family.extras)
        for piece in pieces
    )


def candidates(readings: Readings, known: Known) -> tuple[list[Candidate], Division | None]:
    """The texts that explain a curve as plainly as can be.

    Args:
        readings: the curve, by the steps as logged.
        known: what is known of the run.

    Returns:
        The texts, plainest first; and how the curve was divided, where no text was found.
    """
    divisions: list[Division] = []
    with suppress(Spent):
        found = _staircases(readings, known) or _cycles(readings, known)
        found = found or _repeats(readings, known)
        if found:
            return found, None
        for curve in _views(readings):
            divisions.append(division := divided(curve))
            if not division.unexplained:
                found = _plainest(_templates(division, readings, known), readings, known)
            if found:
                return found, None
    return [], divisions[0] if divisions else None


def _views(readings: Readings) -> Iterator[Readings]:
    """A curve, and some of its readings if so many were rounded that their steps hide its bends."""
    yield readings
    is_rounded = readings.tolerance.max() > _ROUGH * readings.peak
    if is_rounded and len(readings) > 2 * _VIEWED:
        yield readings.thinned(_VIEWED)


def _offsets(readings: Readings, known: Known) -> Iterator[tuple[int, Readings, float]]:
    """The readings with each offset, and what that costs."""
    for place, offset in enumerate(known.offsets):
        shifted = readings.shifted(offset)
        if len(shifted) >= len(readings) - 1:
            yield offset, shifted, _PER_OFFSET * min(place, 2)


def _cycles(readings: Readings, known: Known) -> list[Candidate]:
    """The texts of half cosines that begin again and again."""
    few = first_cycles(readings)
    templates = [
        (made, offset, cost)
        for offset, shifted, cost in _offsets(few, known)
        for made in cycles(shifted)
    ]
    return _plainest(templates, few, known)


def _repeats(readings: Readings, known: Known) -> list[Candidate]:
    """The texts of a curve that repeats from its start."""
    found = []
    for offset, shifted, cost in _offsets(readings, known):
        for cycle in repeated(shifted):
            division = divided(cycle.readings)
            if division.unexplained:
                continue
            once = Known(cycle.length, known.base, (0,))
            templates = _templates(division, cycle.readings, once)
            for one in _plainest(templates, cycle.readings, once):
                text = f"repeat({one.text})"
                price = cost + one.cost + _PER_REPEAT + digits(cycle.length)
                found.append(Candidate(text, offset, price, one.apart))
            if found and found[-1].offset == offset:
                break
    return _best(found) if found else []


def _templates(
    division: Division, readings: Readings, known: Known
) -> list[tuple[Template, int, float]]:
    """The chains of a divided curve, for each offset."""
    found = []
    for offset, shifted, cost in _offsets(readings, known):
        moved = division.shifted(offset)
        layouts = moved.layouts(shifted)[:_LAYOUTS]
        total = known.total
        for layout in layouts:
            for way in ways(template(layout, shifted, total), shifted):
                found += [(made, offset, cost) for made in exponentials(way)]
        for layout in layouts[:1]:
            found += [(made, offset, cost) for made in wholes(layout, shifted, total)]
    return found


def _plainest(
    templates: Sequence[tuple[Template, int, float]], readings: Readings, known: Known
) -> list[Candidate]:
    """The texts of some chains that cost least.

    All chains are rounded together, number by number: the one that may still cost least goes on.
    """
    base = known.base
    free = () if base is None else (base,)
    starts: defaultdict[tuple[object, int], Starts] = defaultdict(dict)
    searches = []
    for made, offset, price in templates:
        shifted, shared = readings.shifted(offset), starts[made.chain.pieces, offset]
        cost = structure(made.chain) + price
        searches.append((Snapping(made, shifted, cost, free, shared), offset))
    waiting = _Waiting(min(_MOST, 4.0 + len(readings)))
    for place, (search, _) in enumerate(searches):
        waiting.add(place, search.nothing_fixed())
    found: list[Candidate] = []
    for place, partial in waiting:
        search, offset = searches[place]
        settled = search.settled(partial)
        if settled is None:
            continue
        if settled.least > partial.least:
            waiting.add(place, settled)
        elif settled.order:
            for further in search.further(settled):
                waiting.add(place, further)
        elif (proven := search.proven(settled)) is not None:
            text = written(search.chain, proven.x, base)
            found.append(Candidate(text, offset, settled.cost, proven.apart, place))
            waiting.most = min(waiting.most, settled.cost + _AS_GOOD)
        if sum(search.descents for search, _ in searches) > _DESCENTS:
            break
    return _best(found)


class _Waiting:
    """Chains that are not yet round, the one that may cost least first.

    Args:
        most: what a chain may cost.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self._heap: list[tuple[float, int, int, int, Partial]] = []
        self._count = itertools.count()

    def add(self, place: int, partial: Partial) -> None:
        """Adds a chain, unless it costs too much.

        Args:
            place: the place of its search: of chains that may cost the same, the first one is next.
            partial: the chain.
        """
        # Sums of the same prices differ in their last digits.
        least = round(partial.least, 6)
        if least <= self.most:
            # What is nearly round goes on before what has just begun.
            order = least, -len(partial.fixed), place, next(self._count)
            heappush(self._heap, (*order, partial))

    def __iter__(self) -> Iterator[tuple[int, Partial]]:
        for _ in range(_GOES):
            if not self._heap or self._heap[0][0] > self.most:
                return
            _, _, place, _, partial = heappop(self._heap)
            yield place, partial


def _staircases(readings: Readings, known: Known) -> list[Candidate]:
    """The texts of a curve that ends in steps."""
    steps = staircases.stairs(readings)
    if steps is None:
        return []
    found = []
    for offset, shifted, cost in _offsets(readings, known):
        moved = staircases.stairs(shifted)
        if moved is None:
            continue
        for lead, begin, value, price in _leads(moved, shifted, known):
            for text, own in staircases.texts(moved, begin, value, shifted, known.base):
                whole = f"{lead} >> {text}" if lead else text
                found.append(Candidate(whole, offset, cost + price + own))
    return _best(found)


def _best(found: list[Candidate]) -> list[Candidate]:
    """The texts that cost least; of those that cost the same the nearest one first."""

    def order(one: Candidate) -> tuple[float, float, int, int]:
        return round(one.cost, 6), round(one.apart, 1), one.place, len(one.text)

    ranked = sorted(found, key=order)
    return [one for one in ranked if one.cost <= ranked[0].cost + _AS_GOOD]


def _leads(
    steps: staircases.Stairs, readings: Readings, known: Known
) -> list[tuple[str, int, float, float]]:
    """What comes before a staircase: its text, its end, the value reached, and the cost."""
    value = steps.values[0]
    if steps.first == 0:
        return [("", 0, value, float(digits(value)))]
    before = int((readings.updates <= steps.edges[0][0]).sum())
    part = readings.part(0, before)
    division = divided(part)
    if division.unexplained or not any(last.is_constant for last in division.choices[-1]):
        return []
    plain = Known(None, known.base, (0,))
    found = []
    for candidate in _plainest(_templates(division, part, plain), part, plain):
        lead, mark, held = candidate.text.rpartition(" >> ")
        if mark and held.startswith("const("):
            schedule = parse(candidate.text).resolve()
            begin = schedule.parts[-1].start_step
            reached = float(schedule(begin, base=known.base or 1.0))
            found.append((lead, int(begin), reached, candidate.cost))
    return found
