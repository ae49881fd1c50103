"""A small share of the optimizer's own rate: two rates that were multiplied."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import FAR_BELOW_BASE


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A peak that is a hundredth of `base` or less, for all groups."""
    # Groups that a selector names may well learn slowly.
    if not line.is_rate or line.driven.target.selector is not None:
        return
    if not line.schedule.is_proportional:
        return
    peak = max(value for _, value in line.heights)
    if 0 < peak <= FAR_BELOW_BASE:
        message = f"the rate never gets above {line.say(peak)}, a share of the optimizer's own rate"
        help = (
            "leave the small number out; or, if it is the rate itself, write it as the value of a"
            " part, as in `cosine(90, 1e-3)`"
        )
        yield warning("low-rate", message, help, line.driven.target.span)
