"""Cases made of plain formulas, which know nothing of how lrdsl evaluates a schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

import lrdsl
from lrdsl.auditing.case import Case, Explanation
from lrdsl.auditing.reasons import explanations
from lrdsl.auditing.subject import Subject
from lrdsl.logs.precision import Precision
from lrdsl.resolve.run_arguments import RunArguments

WARM, TOTAL, PEAK = 100, 1000, 3e-4
# The same curve with lengths that follow the total, and without.
SHARES, FIXED = "warmup(10%) >> cosine", "warmup(100) >> cosine(900)"
WITH_TOTAL: RunArguments = {"total": TOTAL}


def cosine(t: float, warm: int = WARM, total: int = TOTAL, peak: float = PEAK) -> float:
    """What transformers' cosine with warm-up is; held after its end."""
    if t < warm:
        return peak * t / warm
    share = min(1.0, (t - warm) / (total - warm))
    return peak * (1 + math.cos(math.pi * share)) / 2


def subject(
    text: str, run: RunArguments | None = None, *, base: float = PEAK, label: str = "lr"
) -> Subject:
    """The schedule of a text."""
    program = lrdsl.parse(text)
    arguments: RunArguments = run or {}
    return Subject(program, arguments, label, program.resolve_all(**arguments)[label], base)


def case(
    should: Subject,
    legs: Sequence[Iterable[tuple[int, float]]],
    *,
    digits: int | None = None,
    others: Sequence[Subject] = (),
    earlier: Mapping[str, Subject] | None = None,
) -> Case:
    """A case of readings: pairs of an update and its rate, leg by leg."""
    readings = [list(leg) for leg in legs]
    edges = np.cumsum([0, *map(len, readings)])
    updates = np.array([t for leg in readings for t, _ in leg], np.int64)
    rates = np.array([rate for leg in readings for _, rate in leg])
    tolerance = np.full(len(rates), 1e-12 * float(np.abs(rates).max()))
    if digits is not None:
        rates = np.array([float(f"{rate:.{digits}g}") for rate in rates])
        unit = Precision("digits", digits).unit
        tolerance = np.maximum(tolerance, [unit(float(rate)) * 0.5000001 for rate in rates])
    expected = should.rates(updates)
    departures = np.flatnonzero(np.abs(rates - expected) > tolerance)
    assert len(departures), "the readings follow the schedule"
    slices = tuple(slice(int(a), int(b)) for a, b in pairwise(edges))
    return Case(
        should, updates, rates, expected, tolerance, slices, int(departures[0]), others,
        earlier or {},
    )  # fmt: skip


class Logged:
    """How often and how exactly a log holds a curve."""

    def __init__(self, name: str, every: int, digits: int | None) -> None:
        self.name = name
        self.every = every
        self.digits = digits

    def __repr__(self) -> str:
        return self.name

    def leg(
        self, curve: Callable[[int], float], last: int = TOTAL, first: int = 0
    ) -> list[tuple[int, float]]:
        """The readings of some updates, those before the last."""
        return [(t, curve(t)) for t in range(first, last) if t % self.every == 0]

    def case(
        self,
        should: Subject,
        curve: Callable[[int], float],
        last: int = TOTAL,
        **more: Mapping[str, Subject] | Sequence[Subject],
    ) -> Case:
        """A case of one leg."""
        return case(should, [self.leg(curve, last)], digits=self.digits, **more)  # type: ignore[arg-type]


EXACT, COARSE = Logged("every update", 1, None), Logged("every 10th, 4 digits", 10, 4)
LOGS = [EXACT, COARSE]


def explained(found: Case) -> dict[str, Explanation]:
    """The explanations of a case by reason, likeliest first."""
    return {one.reason: one for one in explanations(found)}
