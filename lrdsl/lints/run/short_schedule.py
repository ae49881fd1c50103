"""A run that goes on when its schedule is over."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ScheduleContext, warning


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """An end value above 0 that is held, without a part that says so."""
    # One step more is what it takes to use the end value at all.
    if line.length + 1 >= line.total:
        return
    end = int(line.length)
    value = line.curve(end)
    if value == 0 and line.is_rate:
        return  # which `zero-rest` says, and more
    (over,) = line.lasts(line.total - end)
    noun = line.driven.target.noun
    message = f"{line.versus}: a {noun} of {line.say(value)} is held for {over}"
    help = "if that is meant, say so with `>> const`; if not, stretch the schedule to the run"
    yield warning("short-schedule", message, help, line.blocks[-1][1].span)
