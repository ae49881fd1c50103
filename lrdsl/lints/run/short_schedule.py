"""A run that goes on when its schedule is over."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.blocks import closing
from lrdsl.lints.curve.cut_side import cuts
from lrdsl.lints.lint import ScheduleContext, warning


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """An end value above 0 that is held, without a part that says so."""
    # One step more is what it takes to use the end value at all.
    if line.length + 1 >= line.total:
        return
    last = line.blocks[-1][1]
    if any(cut.shape in closing(last) for cut in cuts(line)):
        return  # which `cut-side` says: holding the end value would keep what is wrong
    end = int(line.length)
    value = line.curve(end)
    if value == 0 and line.is_rate:
        return  # which `zero-rest` says, and more
    target = line.driven.target
    (over,) = line.lasts(line.total - end)
    message = f"{line.versus}: a {target.noun} of {line.say(value)} is held for {over}"
    help = "if that is meant, say so with `>> const`; if not, stretch the schedule to the run"
    held = [fix(target.end, " >> const", "write `>> const`")] if target.end else []
    yield warning("short-schedule", message, help, last.span, *held)
