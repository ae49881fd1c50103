"""Which shapes explain a stretch of a curve, apart from what stands beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.chain import Chain, Kind, Piece, Slot, Unknown
from lrdsl.fitting.families import END, START, Family, families, number_of
from lrdsl.fitting.solve import solved
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    from lrdsl.fitting.families import Floats
    from lrdsl.fitting.readings import Readings

# Readings that a shape is tried on, and what least squares may be off by, in tolerances.
_TRIED, ENOUGH = 60, 1.6
# Shapes that are a straight line on a logarithmic axis, as `geometric` is.
_EXPONENTIAL = {"exponential", "natural_exponential"}
# A stretch of fewer readings is taken for a straight line.
FEW = 4
# Shapes of a stretch that are remembered.
_KEPT = 4
_BEGIN, _FINISH = "begin", "finish"


@entity
class Stretch:
    """A shape that explains some readings.

    Attributes:
        family: the shape.
        begin: where it begins.
        finish: where it ends; infinite if it has no end.
        extras: what else it takes, by parameter.
        first: its value where it begins.
        last: its value at the last reading, or where it ends.
        first_at: the first reading that it was tried on.
        last_at: the last one.
        curve: its rates, also before and after the readings.
    """

    family: Family
    begin: float
    finish: float
    extras: dict[str, float]
    first: float
    last: float
    first_at: float
    last_at: float
    curve: Callable[[Floats], Floats]

    def shifted(self, by: int) -> Stretch:
        """The same at later updates.

        Args:
            by: how much later.
        """
        curve = self.curve
        return replace(
            self,
            begin=self.begin + by,
            finish=self.finish + by,
            first_at=self.first_at + by,
            last_at=self.last_at + by,
            curve=lambda t: curve(t - by),
        )

    @property
    def is_constant(self) -> bool:
        """True if it holds a value."""
        return self.family.name == "const"

    @property
    def is_placed(self) -> bool:
        """True if the curve tells where the shape begins and ends."""
        family = self.family
        is_straight = family.name in {"linear", "geometric"} or (family.name, family.ease) == (
            "warmup",
            "",
        )
        return END in family.names and not is_straight


def stretches(readings: Readings, *, quick: bool = False) -> list[Stretch]:
    """The shapes that explain some readings, plain ones first.

    Args:
        readings: the readings.
        quick: True for constants and straight lines only.
    """
    if (found := _constant(readings)) is not None:
        return [found]
    if (found := _straight(readings)) is not None and (len(readings) < FEW or quick):
        return [found]
    lines = [found] if found is not None else []
    if quick or len(readings) < FEW - 1:
        return lines
    # Readings that were not rounded are on a straight line for no other reason.
    if lines and len(readings) >= (FEW if readings.is_exact else 2 * FEW + 1):
        return lines
    return [*lines, *_curved(readings)][:_KEPT]


def _curved(readings: Readings) -> list[Stretch]:
    """The curved shapes that explain some readings, those of few numbers first."""
    candidates = [family for family in families().values() if _fits_in(family, readings)]
    found: list[Stretch] = []
    for group in (1, 2, 3):
        found += [
            stretch
            for family in candidates
            if _group(family) == group and (stretch := _tried(family, readings)) is not None
        ]
        if found:
            break
    if not found and readings.rates[-1] > 0:
        # Of the start of a descent the readings hardly tell where it ends.
        plain = [family for family in candidates if _group(family) == 2]
        tried = [_tried(family, readings, to_zero=True) for family in plain]
        found = [stretch for stretch in tried if stretch is not None]
    if any(stretch.family.name in _EXPONENTIAL for stretch in found):
        geometric = _tried(families()["geometric", ""], readings)
        found += [geometric] if geometric is not None else []
    return sorted(found, key=_plainness)


def _plainness(stretch: Stretch) -> tuple[bool, bool, int]:
    """Where a shape comes among those that explain the same readings."""
    family = stretch.family
    return family.ease != "", END in family.names, family.rank


def _group(family: Family) -> int:
    """When a shape is tried: one with few numbers first, one of many last."""
    if END not in family.names:
        return 1 if family.name != "power_law" else 3
    return 3 if family.extras else 2


def _fits_in(family: Family, readings: Readings) -> bool:
    """True unless a shape goes the wrong way, or says what another one says more plainly."""
    rises = readings.rates[-1] > readings.rates[0]
    if family.is_whole or family.name in {"const", "linear"}:
        return False
    if family.name == "cooldown":
        return not rises and family.ease not in {"", "half_cosine"}
    if family.name == "warmup":
        return bool(rises) and family.ease != ""
    return not rises


def _constant(readings: Readings) -> Stretch | None:
    low = np.max(readings.rates - readings.tolerance)
    high = np.min(readings.rates + readings.tolerance)
    if low > high:
        return None
    value = float(np.median(readings.rates))
    begin, finish = float(readings.updates[0]), float(readings.updates[-1])
    family = families()["const", ""]
    return Stretch(
        family, begin, finish, {}, value, value, begin, finish, lambda t: np.full(len(t), value)
    )


def _straight(readings: Readings) -> Stretch | None:
    """A line through some readings."""
    t, weight = readings.updates, np.min(readings.tolerance) / readings.tolerance
    begin, finish = float(t[0]), float(t[-1])
    width = max(finish - begin, 1.0)
    share = (t - begin) / width
    columns = np.stack([1 - share, share], axis=1)
    ends, *_ = np.linalg.lstsq(columns * weight[:, None], readings.rates * weight, rcond=None)
    left = np.abs(readings.rates - columns @ ends) / readings.tolerance
    if len(t) > 2 and np.max(left) > ENOUGH:
        return None
    family = families()["warmup" if ends[1] > ends[0] else "linear", ""]
    first, last = float(ends[0]), float(ends[1])

    def line(t: Floats) -> Floats:
        return first + (last - first) * (t - begin) / width

    return Stretch(family, begin, finish, {}, first, last, begin, finish, line)


def _tried(family: Family, whole: Readings, *, to_zero: bool = False) -> Stretch | None:
    """A shape with the numbers by which it explains some readings; None if it does not."""
    readings = whole.thinned(_TRIED)
    # A shape may end before the last reading. Where none does, the descent may have taken that
    # reading for the end, and gone astray.
    ways = (False, True) if END in family.names else (False,)
    for is_beyond, extras in product(ways, [*guesses(family, readings)]):
        chain, guess = alone(family, readings, extras, is_beyond=is_beyond)
        free = list(range(len(guess)))
        if to_zero:
            end = [unknown.name for unknown in chain.unknowns].index(END)
            guess[end] = 0.0
            free.remove(end)
        found = solved(chain, readings, guess, free, limit=4 * ENOUGH)
        if found is None:
            continue
        found = solved(chain, whole.thinned(), found.x, free, coarse=False, limit=ENOUGH)
        if found is not None:
            return _stretch(family, chain, found.x, whole)
    return None


def _stretch(family: Family, chain: Chain, x: Floats, readings: Readings) -> Stretch:
    """A shape with its numbers."""
    values = dict(zip([unknown.name for unknown in chain.unknowns], x.tolist(), strict=True))
    begin = values.get(_BEGIN, float(readings.updates[0]))

    def curve(t: Floats) -> Floats:
        on = chain.beyond(x, t)
        return np.where(np.isfinite(on), on, chain.values(x, t))

    ends = curve(readings.updates[[0, -1]])
    extras = {p.name: values[p.name] for p in family.extras if p.name in values}
    first, last = values.get(START, float(ends[0])), values.get(END, float(ends[1]))
    finish = values.get(_FINISH, math.inf)
    at = readings.updates[0], readings.updates[-1]
    return Stretch(family, begin, finish, extras, first, last, float(at[0]), float(at[1]), curve)


def guesses(family: Family, readings: Readings) -> Iterator[dict[str, float]]:
    """Numbers to begin with for what a shape takes beside its ends."""
    width = max(readings.span, 1.0)
    ratio = max(float(readings.rates[-1]), 1e-4 * readings.peak) / max(
        float(readings.rates[0]), 1e-4 * readings.peak
    )
    for scale in (1.0, 0.1, 3.0) if family.extras else (1.0,):
        found = {}
        for parameter in family.extras:
            default = number_of(parameter)
            if parameter.name == "gamma":
                found["gamma"] = ratio ** (1 / width)
            elif parameter.name == "rate":
                plain = family.name == "inverse_time"
                found["rate"] = (1 / ratio - 1 if plain else -math.log(ratio)) / width
            elif parameter.name == "timescale":
                found["timescale"] = width * 0.3 * scale
            elif parameter.name in ("every", "low", "high"):
                found[parameter.name] = default if default is not None else width
            elif parameter.name == "exponent" and family.name == "power_law":
                found["exponent"] = -1.0
            elif parameter.name == "beta":
                found["beta"] = {1.0: 0.5, 0.1: 0.1, 3.0: 0.9}[scale]
            else:
                found[parameter.name] = {1.0: 2.0, 0.1: 0.7, 3.0: 4.0}[scale] * (default or 1.0)
        yield found
        if all(name in {"gamma", "rate", "every", "low", "high"} for name in found):
            return


def alone(
    family: Family, readings: Readings, extras: dict[str, float], *, is_beyond: bool = False
) -> tuple[Chain, list[float]]:
    """A shape on its own, at an unknown place, and numbers to begin with.

    Args:
        family: the shape.
        readings: what it may explain.
        extras: numbers to begin with for what it takes beside its ends.
        is_beyond: True if it has to end after the last reading.
    """
    unknowns: list[Unknown] = []
    guess: list[float] = []
    slots: dict[str, Slot] = {}

    def unknown(name: str, kind: Kind, first: float, above: float = -math.inf) -> Slot:
        unknowns.append(Unknown(name, kind, above=above))
        guess.append(first)
        return Slot(len(guess) - 1)

    begin, finish = float(readings.updates[0]), float(readings.updates[-1])
    gap = readings.span / max(len(readings) - 1, 1)
    names = family.names
    slots[START] = unknown(START, "value", float(readings.rates[0]))
    lead = Slot(number=begin)
    if END in names:
        slots[END] = unknown(END, "value", float(readings.rates[-1]))
        lead = unknown(_BEGIN, "place", begin - gap / 2)
        end = unknown(_FINISH, "place", finish + gap / 2, finish if is_beyond else -math.inf)
    else:
        end = None
    for parameter in family.extras:
        name = parameter.name
        if name in ("every", "low", "high"):
            slots[name] = Slot(number=extras[name])
        else:
            kind: Kind = "steps" if parameter.kind == "steps" else "number"
            slots[name] = unknown(name, kind, extras[name])
    return Chain((Piece(family, slots, end),), tuple(unknowns), lead), guess
