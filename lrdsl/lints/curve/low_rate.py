"""A rate far below the optimizer's own: two rates that were multiplied, or an end for a start."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.lint import ScheduleContext, warning
from lrdsl.lints.thresholds import DEFAULT_RATE, END_FOR_START, FAR_BELOW_BASE
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.written import written_at
from lrdsl.text.nodes import Call, Number
from lrdsl.wording import count, number


def find(line: ScheduleContext) -> Iterator[Diagnostic]:
    """A peak that is a hundredth of `base` or less, for all groups; or a far lower rate."""
    # Groups that a selector names may well learn slowly.
    if not line.is_rate or line.driven.target.selector is not None:
        return
    peak = max(value for _, value in line.heights)
    if not line.schedule.is_proportional:
        yield from _end_for_start(line, peak)
    elif 0 < peak <= FAR_BELOW_BASE:
        message = f"the rate never gets above {line.say(peak)}, a share of the optimizer's own rate"
        help = (
            "leave the small number out; or, if it is the rate itself, write it as the value of a"
            " part, as in `cosine(90, 1e-3)`"
        )
        yield warning("low-rate", message, help, line.driven.target.span)


def _end_for_start(line: ScheduleContext, peak: float) -> Iterator[Diagnostic]:
    """A plain number as the second argument of a decay, where torch has the rate to end at."""
    # A rate that was left at torch's default says nothing of the rate that is meant.
    if line.base is None or line.base == DEFAULT_RATE or not 0 < peak <= line.base * END_FOR_START:
        return
    for leaf in line.leaves:
        start = _second(leaf.block)
        if start is None or leaf.block.scalar(line.env)(0) != peak:
            continue
        message = (
            f"the rate never gets above {number(peak)}, one {count(round(line.base / peak))}th of"
            f" the {number(line.base)} that the optimizer was built with"
        )
        text = f"end = {start.span.text}"
        help = f"the second argument is the start of a part: to end at this rate write `{text}`"
        yield warning("low-rate", message, help, leaf.block.span, fix(start.span, text))
        return


def _second(shape: ShapeBlock) -> Number | None:
    """The number that is the start of a decay, by position and with nothing after it."""
    definition = shape.definition
    places = [parameter.name for parameter in definition.parameters] if definition else []
    if definition is None or places[:3] != ["length", "start", "end"]:
        return None
    call = written_at(shape.span) if shape.span.text.startswith(f"{definition.name}(") else None
    if not isinstance(call, Call) or definition.name == "warmup" or len(call.arguments) != 2:
        return None
    given = call.arguments[1]
    return given.value if given.name is None and isinstance(given.value, Number) else None
