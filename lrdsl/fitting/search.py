"""The search for a text: divisions of a curve, their chains, and the numbers in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrdsl.fitting import staircases
from lrdsl.fitting.chain import Chain
from lrdsl.fitting.layouts import Division, divided
from lrdsl.fitting.rounding import digits
from lrdsl.fitting.snapping import Snapping
from lrdsl.fitting.templates import cycles, exponentials, template, ways, wholes
from lrdsl.fitting.writing import written
from lrdsl.program import parse
from lrdsl.record import entity, record

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.templates import Template

# What a shape costs, in digits, an ease, and each number that it takes beside its ends.
_PER_PIECE, _PER_EASE, _PER_EXTRA = 2.0, 1.0, 0.5
# What an offset costs that is not the likeliest one.
_PER_OFFSET = 0.4
# A text that costs more explains nothing: it repeats the log.
_MOST = 32
# Divisions that are tried, and descents for all of them.
_LAYOUTS, _DESCENTS = 6, 1500
# Texts that cost this much more than the best one are as good.
_AS_GOOD = 0.05


@entity
class Candidate:
    """A text that explains every reading.

    Attributes:
        text: the text.
        offset: what a logged step lacks to be the update whose rate is beside it.
        cost: how much it says, in digits.
    """

    text: str
    offset: int
    cost: float


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
    if found := _staircases(readings, known):
        return found, None
    division = None
    templates = _templates_of_cycles(readings, known)
    if not (found := _plainest(templates, readings, known)):
        division = divided(readings)
        if not division.unexplained:
            found = _plainest(_templates(division, readings, known), readings, known)
    return found, None if found else division


def _offsets(readings: Readings, known: Known) -> Iterator[tuple[int, Readings, float]]:
    """The readings with each offset, and what that costs."""
    for place, offset in enumerate(known.offsets):
        shifted = readings.shifted(offset)
        if len(shifted) >= len(readings) - 1:
            yield offset, shifted, _PER_OFFSET * min(place, 2)


def _templates_of_cycles(readings: Readings, known: Known) -> list[tuple[Template, int, float]]:
    return [
        (made, offset, cost)
        for offset, shifted, cost in _offsets(readings, known)
        for made in cycles(shifted)
    ]


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
    """The texts of some chains that cost least."""
    base = known.base
    searches = [
        (Snapping(made, readings.shifted(offset), (base,) if base else ()), offset, cost)
        for made, offset, cost in templates
    ]
    most = min(_MOST, 4 + len(readings))
    for level in range(3, most + 1):
        found = []
        for search, offset, cost in searches:
            fixed = structure(search.chain) + cost
            for numbers in search.upto(level - fixed):
                if not search.chain.is_forward(numbers.x):
                    continue
                text = written(search.chain, numbers.x, base)
                found.append(Candidate(text, offset, fixed + numbers.cost))
        if found:
            found.sort(key=lambda one: one.cost)
            return [one for one in found if one.cost <= found[0].cost + _AS_GOOD]
        if sum(search.descents for search, _, _ in searches) > _DESCENTS:
            break
    return []


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
    found.sort(key=lambda one: one.cost)
    return [one for one in found if one.cost <= found[0].cost + _AS_GOOD]


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
    if division.unexplained:
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
