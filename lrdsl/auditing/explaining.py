"""Finds the mistakes that explain why a rate left its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.offsets import Fit, spread
from lrdsl.auditing.reasons import REASONS

if TYPE_CHECKING:
    from lrdsl.auditing.readings import Readings
    from lrdsl.auditing.subject import Subject

# Readings that every mistake is tried on; those that explain them are tried on all.
_LOOKED_AT = 1024


def reasons() -> Iterator[Reason]:
    """Every mistake that is known, the likeliest first."""
    for name in REASONS:
        yield import_module(f"lrdsl.auditing.reasons.{name}").REASON


def explained(
    fit: Fit,
    readings: Readings,
    others: Sequence[Subject] = (),
    earlier: Mapping[str, Subject] | None = None,
) -> list[Explanation]:
    """The mistakes that explain every reading, likeliest first.

    Args:
        fit: the schedule beside the readings.
        readings: the readings.
        others: the schedules of the other groups.
        earlier: earlier revisions of the program, by name.
    """
    around = [leg.start for leg in readings.legs[1:5]]
    places = spread(len(readings), _LOOKED_AT, (fit.leading, *around))
    few = _case(fit, readings.at(places), places, others, earlier or {})
    found = [(reason, list(reason.explain(few))) for reason in reasons()]
    if len(places) == len(readings):
        return [one for _, explanations in found for one in explanations]
    full = _case(fit, readings, spread(len(readings), len(readings)), others, earlier or {})
    hopeful = [reason for reason, explanations in found if explanations]
    return [one for reason in hopeful for one in reason.explain(full)]


def _case(
    fit: Fit,
    readings: Readings,
    places: object,
    others: Sequence[Subject],
    earlier: Mapping[str, Subject],
) -> Case:
    import numpy as np

    own = np.asarray(places)
    agrees = fit.agrees[own]
    return Case(
        subject=fit.subject,
        updates=fit.updates[own],
        rates=readings.rates,
        expected=fit.expected[own],
        tolerance=readings.tolerance,
        legs=readings.legs,
        first=int(agrees.argmin()),
        others=others,
        earlier=earlier,
    )
