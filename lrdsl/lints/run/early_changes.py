"""A schedule that is over in the first hundredth of its run."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.blocks import closing
from lrdsl.lints.lint import ScheduleContext, alike, warning
from lrdsl.lints.thresholds import EARLY, VANISHED
from lrdsl.wording import plural

_PLACES = 16


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A part to the end of the run that falls at its very start, and never again."""
    total = int(line.total)
    early = int(total * EARLY)
    # One that ends is `short-schedule`; one that ends in a constant says what it holds.
    if not (line.is_rate and line.is_comparable and early >= 1) or line.length < total:
        return
    first, block, _ = next(part for part in reversed(line.blocks) if part[0] < total)
    if first >= early or all(shape.kernel.is_constant for shape in closing(block)):
        return
    peak = max(line.curve(t) for t in _some(first, early - 1))
    rest = [line.curve(t) for t in _some(early, total - 1)]
    vanished = max(rest) <= VANISHED * peak
    over = all(alike(value, rest[0]) for value in rest) and rest[0] < peak
    if not (vanished or (over and not alike(rest[0], peak))):
        return
    step = _first(line, first, early, VANISHED * peak if vanished else rest[0])
    message = (
        f"the rate falls from {line.say(peak)} to {line.say(line.curve(step))} in the first"
        f" {plural(step, 'step')} of {total:,}"
    )
    message += ", and trains nothing after" if vanished else ", and never changes again"
    help = (
        "a bare number counts updates: write every length in epochs or as a share of the run, such"
        " as `30ep`, `30%` or `every = 1ep`"
    )
    yield warning("early-changes", message, help, block.span)


def _some(first: int, last: int) -> list[int]:
    return list(dict.fromkeys(first + (last - first) * i // _PLACES for i in range(_PLACES + 1)))


def _first(line: ScheduleContext, low: int, high: int, level: float) -> int:
    """The first step with a rate near a level or below it, by halving."""
    while high - low > 1:
        middle = (low + high) // 2
        value = line.curve(middle)
        if value <= level or alike(value, level):
            high = middle
        else:
            low = middle
    return high
