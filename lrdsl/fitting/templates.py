"""The chains that a division of a curve may be: which numbers its shapes share at their joints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lrdsl import limits
from lrdsl.fitting.chain import REACHED, Chain, Kind, Piece, Slot, Unknown
from lrdsl.fitting.families import END, LENGTH, START, VALUE, Family, families, number_of
from lrdsl.record import entity, record, replace

if TYPE_CHECKING:
    from lrdsl.fitting.readings import Readings
    from lrdsl.fitting.stretches import Stretch

# A jump is a larger difference than this share of the peak, and so are values that meet by chance.
_JUMP = 0.01
# Steps at which a run may end after its last reading; of more of them, the round ones are tried.
_WINDOW = 10_000
# Points at which two curves are compared, to find where they meet.
_POINTS = 401
# A restart climbs by more than this share of the whole height from one reading to the next.
_RESTART = 0.3
# A whole schedule whose parameters are rounded: a descent sees no slope.
_STEPPED = {"slanted_triangular"}
# How many times as long cycles may be as the ones before.
_STRETCHES = (1.0, 2.0, 3.0, 1.5, 4.0)
# Cycles that are looked at.
_MOST_CYCLES = 30


@record
class Joint:
    """Where two shapes meet.

    Attributes:
        place: the step, not yet whole.
        low: a step at which the first one still holds.
        high: a step at which the second one holds already.
        is_jump: True if the value jumps there.
    """

    place: float
    low: float
    high: float
    is_jump: bool


@entity
class Template:
    """A chain, and where a descent to its unknowns begins.

    Attributes:
        chain: the chain.
        guess: a number for each unknown.
        smooth: the readings to descend by, if others stand beside a jump whose place is unknown.
    """

    chain: Chain
    guess: tuple[float, ...]
    smooth: Readings | None = None


def joint(before: Stretch, after: Stretch, readings: Readings) -> Joint:
    """Where two shapes meet.

    Args:
        before: the first one.
        after: the second one.
        readings: the curve.
    """
    gap = readings.span / max(len(readings) - 1, 1)
    low, high = before.last_at, after.first_at
    steps = np.linspace(low - gap, high + gap, _POINTS)
    apart = np.nan_to_num(before.curve(steps) - after.curve(steps), nan=np.inf)
    flips = np.flatnonzero(np.sign(apart[1:]) != np.sign(apart[:-1]))
    closest = int(np.argmin(np.abs(apart)))
    if not len(flips) and abs(apart[closest]) > _JUMP * readings.peak:
        return Joint((low + high) / 2, low, high, True)
    own = after.begin if before.is_constant else before.finish if after.is_constant else np.nan
    curved = after if before.is_constant else before
    if curved.is_placed and low - gap <= own <= high + gap:
        return Joint(own, low, high, False)
    middle = (low + high) / 2
    place = min((steps[i] for i in flips), key=lambda t: abs(t - middle), default=steps[closest])
    return Joint(float(place), low, high, False)


class _Builder:
    """A chain under construction."""

    def __init__(self) -> None:
        self.unknowns: list[Unknown] = []
        self.guess: list[float] = []
        self.pieces: list[Piece] = []

    def unknown(self, name: str, kind: Kind, guess: float, default: float | None = None) -> Slot:
        self.unknowns.append(Unknown(name, kind, default))
        self.guess.append(float(guess))
        return Slot(len(self.guess) - 1)

    def template(self) -> Template:
        return Template(Chain(tuple(self.pieces), tuple(self.unknowns)), tuple(self.guess))


def template(layout: Sequence[Stretch], readings: Readings, total: int | None) -> Template:
    """The chain of some shapes.

    Args:
        layout: the shapes.
        readings: the curve.
        total: the length of the run, if it is known; the last shape ends there.
    """
    made = _Builder()
    joints = [joint(a, b, readings) for a, b in pairwise(layout)]
    value: Slot | None = None
    begin = 0.0
    for k, stretch in enumerate(layout):
        after = joints[k] if k < len(joints) else None
        family = stretch.family
        finish = after.place if after is not None else max(stretch.finish, stretch.last_at)
        slots: dict[str, Slot] = {}
        word = VALUE if stretch.is_constant else START
        if k and not joints[k - 1].is_jump:
            slots[word] = value if value is not None else REACHED
        else:
            at = np.array([begin])
            first = stretch.curve(at)[0] if not stretch.is_constant else stretch.first
            default = 0.0 if family.name == "warmup" else None
            slots[word] = made.unknown(word, "value", first, default)
        for parameter in family.extras:
            kind: Kind = "steps" if parameter.kind == "steps" else "number"
            default = number_of(parameter)
            if parameter.name in stretch.extras:
                guess = stretch.extras[parameter.name]
                if parameter.name == "timescale":
                    guess += begin - stretch.begin
                slots[parameter.name] = made.unknown(parameter.name, kind, guess, default)
            else:
                slots[parameter.name] = Slot(number=default or 0.0)
        end: Slot | None = None
        if stretch.is_constant:
            value = slots[VALUE]
        elif END in family.names:
            last = stretch.curve(np.array([finish]))[0]
            value = made.unknown(END, "value", last, 0.0)
            slots[END] = value
        else:
            value = None
        if after is not None:
            end = made.unknown("finish", "place", finish)
        elif END in family.names:
            end = Slot(number=float(total or 0))
            if total is None:
                end = made.unknown("finish", "place", finish)
        made.pieces.append(Piece(family, slots, end))
        begin = finish
    return made.template()


def ways(made: Template, readings: Readings) -> list[Template]:
    """A chain with what its last shape may end at, where the log leaves that open.

    Args:
        made: the chain.
        readings: the curve.
    """
    last = made.chain.pieces[-1]
    place = None if last.finish is None else last.finish.index
    end = last.slots.get(END)
    if place is None or end is None or end.index is None:
        return [made]
    at = float(readings.updates[-1])
    gap = max(readings.span / max(len(readings) - 1, 1), 1.0)
    unit = 10 ** max(0, math.ceil(math.log10(gap / _WINDOW)))
    first = -(-(int(at) + 1) // unit) * unit
    latest = min(int(at + gap), limits.STEPS)
    window = tuple(float(n) for n in range(first, latest + 1, unit))
    guess = list(made.guess)
    guess[place] = at + gap / 2
    in_window = Template(made.chain.restricted(place, window), tuple(guess))
    at_zero = Template(made.chain.restricted(end.index, (0.0,)), made.guess)
    return [in_window, at_zero, made]


def exponentials(made: Template) -> list[Template]:
    """A chain with its exponential decays by the step, and by a stretch of steps."""
    found = [made]
    for k, piece in enumerate(made.chain.pieces):
        every = piece.slots.get("every")
        if every is None or every.index is not None:
            continue
        name = next(n for n in ("gamma", "rate") if n in piece.slots)
        index = piece.slots[name].index
        assert index is not None
        round_ones = _GAMMAS if name == "gamma" else _RATES
        unknowns = list(made.chain.unknowns)
        unknowns[index] = replace(unknowns[index], candidates=round_ones)
        unknowns.append(Unknown("every", "steps", 1.0))
        slots = {**piece.slots, "every": Slot(len(unknowns) - 1)}
        pieces = list(made.chain.pieces)
        pieces[k] = replace(piece, slots=slots)
        per_step = made.guess[index]
        spread = Chain(tuple(pieces), tuple(unknowns))
        guess = [*made.guess, _every(name, per_step)]
        guess[index] = round_ones[0]
        found.append(Template(spread, tuple(guess)))
    return found


_GAMMAS = (0.1, 0.5, 0.9, 0.2, 0.8, 0.01, 0.3, 0.4, 0.6, 0.7, 0.95, 0.99, 0.98, 0.97, 0.96, 0.94,
           0.92, 0.85, 0.75, 0.25, 0.001)  # fmt: skip
_RATES = (1.0, 0.1, 0.5, 2.0)


def _every(name: str, per_step: float) -> float:
    """The steps in which a decay comes to the first of the numbers that are tried."""
    if name == "gamma":
        return float(np.log(_GAMMAS[0]) / np.log(per_step)) if 0 < per_step < 1 else 1.0
    return _RATES[0] / per_step if per_step > 0 else 1.0


def wholes(layout: Sequence[Stretch], readings: Readings, total: int | None) -> list[Template]:
    """The schedules of the library that a rise and a fall may be together.

    Args:
        layout: the shapes of the curve.
        readings: the curve.
        total: the length of the run, if it is known.
    """
    curved = [stretch for stretch in layout if not stretch.is_constant]
    if len(curved) != 2 or curved[0].family.name != "warmup":
        return []
    top = float(readings.updates[int(np.argmax(readings.rates))])
    gap = readings.span / max(len(readings) - 1, 1)
    length = float(total) if total else max(curved[1].finish, float(readings.updates[-1]) + gap / 2)
    length = length if np.isfinite(length) else float(readings.updates[-1]) + gap / 2
    first, last = float(readings.rates[0]), float(readings.rates[-1])
    guesses = {
        "peak": readings.peak, "pct_start": (top + 1) / length, "d_model": 512.0,
        "div": readings.peak / max(first, 1e-4 * readings.peak),
        "final_div": min(max(first, 1e-9) / max(last, 1e-9), 1e5), "warmup": top,
    }  # fmt: skip
    return [
        _whole(family, guesses, length, total)
        for family in families().values()
        if family.is_whole and family.ease in ("", "straight") and family.name not in _STEPPED
    ]


def _whole(
    family: Family, guesses: Mapping[str, float], length: float, total: int | None
) -> Template:
    """A schedule that begins with the run."""
    made = _Builder()
    slots = {}
    for parameter in family.extras:
        name, default = parameter.name, number_of(parameter)
        kind: Kind = "value" if name == "peak" else "steps" if parameter.kind else "number"
        if name == "factor":
            slots[name] = Slot(number=default or 1.0)
        else:
            slots[name] = made.unknown(name, kind, guesses[name], default)
    end = None
    if LENGTH in family.kernel.parameters:
        end = Slot(number=length) if total else made.unknown("finish", "place", length)
    made.pieces.append(Piece(family, slots, end))
    return made.template()


def cycles(readings: Readings) -> list[Template]:
    """The chains of half cosines that begin again and again, perhaps after a warm-up.

    Args:
        readings: the curve.
    """
    t, rates = readings.updates, readings.rates
    rises, jumps = np.diff(rates), _jumps(readings)
    height = float(np.ptp(rates))
    lead = 0
    while lead + 1 < len(rates) and rises[lead] > readings.tolerance[lead]:
        lead += 1
    jumps = [i for i in jumps if i >= max(lead, 1)]
    if not jumps or not height:
        return []
    begin = 0.0
    if lead > 1:
        slope = (rates[1] - rates[0]) / (t[1] - t[0])
        begin = float(t[0] + (readings.peak - rates[0]) / slope)
    beside = {at for i in jumps for at in (i, i + 1)}
    smooth = readings.without(beside)
    gap = readings.span / max(len(readings) - 1, 1)
    found = []
    for family, first in _leads(readings, lead, begin):
        places = [first, *((t[i] + t[i + 1]) / 2 for i in jumps)]
        for stretch in _STRETCHES:
            passed = [sum(stretch**j for j in range(k)) for k in range(len(places))]
            length = (places[-1] - first) / passed[-1]
            expected = first + length * np.array(passed)
            if np.max(np.abs(expected - places)) < 1.5 * gap:
                made = _repeated(readings, family, first, length, stretch)
                found.append(replace(made, smooth=smooth))
    return found


def first_cycles(readings: Readings) -> Readings:
    """The readings of as many cycles as tell how long they are, and whether they grow.

    Args:
        readings: the curve.
    """
    jumps = _jumps(readings)
    many = len(jumps) > _MOST_CYCLES
    return readings.part(0, jumps[_MOST_CYCLES] + 1) if many else readings


def _jumps(readings: Readings) -> list[int]:
    """The readings after which a curve may begin again."""
    enough = _RESTART * float(np.ptp(readings.rates))
    return [int(i) for i in np.flatnonzero(np.diff(readings.rates) > enough)]


def _leads(readings: Readings, lead: int, straight: float) -> Iterator[tuple[Family | None, float]]:
    """What may rise to the first cycle, and where it ends; None if nothing does.

    Args:
        readings: the curve.
        lead: the highest reading before the first restart.
        straight: where a straight line reaches the peak.
    """
    if lead <= 1:
        yield None, 0.0
        if lead:  # of the rise there is one reading
            yield families()["warmup", ""], float(readings.updates[1])
        return
    for family in families().values():
        if family.name == "warmup":
            # The highest reading is one of the first cycle.
            t = readings.updates
            yield family, float(t[lead - 1] + t[lead]) / 2 if family.ease else straight


def _repeated(
    readings: Readings, lead: Family | None, begin: float, length: float, stretch: float
) -> Template:
    """Cycles of some length, with those that come after the last reading begun."""
    made = _Builder()
    start = made.unknown(START, "value", readings.peak)
    end = made.unknown(END, "value", float(readings.rates.min()), 0.0)
    size = made.unknown(LENGTH, "steps", length)
    assert size.index is not None
    first = Slot()
    if lead is not None:
        low = made.unknown(START, "value", float(readings.rates[0]), 0.0)
        first = made.unknown("finish", "place", begin)
        made.pieces.append(Piece(lead, {START: low, END: start}, first))
    passed, factor = 0.0, 1.0
    while begin + passed * (length - 1) <= float(readings.updates[-1]):
        passed += factor
        factor *= stretch
        finish = Slot(first.index, cycles=(size.index, passed))
        made.pieces.append(Piece(families()["cosine", ""], {START: start, END: end}, finish))
    found = made.template()
    chain = replace(found.chain, cycle=(0 if lead is None else 1, stretch))
    return Template(chain, found.guess)
