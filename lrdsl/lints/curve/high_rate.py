"""A rate that no run is trained with."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import ABSURD_RATE, FACTOR_OF_ONE, FAR_ABOVE_BASE
from lrdsl.wording import count, number


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A peak that is absurd in itself, or far above the rate that the optimizer was built with."""
    if not (line.is_rate and line.is_comparable):
        return
    places = [(step, value) for step, value in line.heights if step < line.total]
    # The first one of several: there it is written.
    step, peak = max(places, key=lambda place: (place[1], -place[0]))
    span = line.part(step).span
    if line.schedule.is_proportional:
        if peak >= FAR_ABOVE_BASE and not _only_rises(places):
            message = f"the rate goes up to {line.say(peak)}"
            help = "multiply `base` by a smaller number, or build the optimizer with the rate meant"
            yield warning("high-rate", message, help, span)
    elif peak >= ABSURD_RATE:
        message = f"the rate goes up to {line.say(peak)}"
        help = (
            "write the rate that is meant: is this a length, or are two arguments in the wrong"
            " order?"
        )
        yield warning("high-rate", message, help, span)
    elif line.base and not _only_rises(places) and _is_far_above(peak, line.base):
        message = (
            f"the rate goes up to {number(peak)}, {count(round(peak / line.base))} times the"
            f" {number(line.base)} that the optimizer was built with"
        )
        help = (
            "a bare number is the rate itself: for a share of the optimizer's own rate write"
            " `base`, or build the optimizer with the rate that is meant"
        )
        yield warning("high-rate", message, help, span)


def _is_far_above(peak: float, base: float) -> bool:
    far = FACTOR_OF_ONE if peak == 1 else FAR_ABOVE_BASE
    return peak >= far * base


def _only_rises(places: list[tuple[int, float]]) -> bool:
    """True if the rate rises all along, as in a range test."""
    values = [value for _, value in places]
    return len(values) > 1 and values[0] < values[-1] and values == sorted(values)
