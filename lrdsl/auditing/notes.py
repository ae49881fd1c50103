"""What there is to know of a verdict besides the verdict: how much it proves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.auditing import answer
from lrdsl.auditing.answer import Verdict
from lrdsl.logs.log import updates_of
from lrdsl.schedule.difference import CLOSE
from lrdsl.wording import count, listed, number

if TYPE_CHECKING:
    from lrdsl.auditing.offsets import Fit, Search
    from lrdsl.auditing.sources import Laid
    from lrdsl.auditing.tally import Tally
    from lrdsl.logs.log import Log

# Resumes and logs that are named in a sentence.
_NAMED = 3


def chosen(label: str) -> str:
    """Said where the log does not tell which schedule of a program a rate is of."""
    return f"the log does not tell its group: compared with `{label}`, the schedule that fits best"


def beside(log: Log) -> str:
    """Said where a folder has more logs than the one that was read."""
    named = [*log.beside[:_NAMED]]
    more = len(log.beside) - _NAMED
    return f"not read: {listed([*named, f'{count(more)} more'] if more > 0 else named)}"


def notes(
    verdict: Verdict, fit: Fit, search: Search, tally: Tally, log: Log, laid: Laid
) -> Iterator[str]:
    """What else there is to know of a rate.

    Args:
        verdict: the verdict, without its notes.
        fit: the schedule beside the readings.
        search: how it was found.
        tally: what comparing all readings has found.
        log: the log.
        laid: the schedule.
    """
    yield from _proof(verdict, fit, laid)
    yield from _offset(verdict, search, log)
    if tally.resumed:
        steps = [count(step) for step in tally.resumed[:_NAMED]]
        more = len(tally.resumed) - _NAMED
        steps += [f"{count(more)} more times"] if more > 0 else []
        yield f"the run was resumed at {verdict.axis} {listed(steps)}"
    if verdict.axis == "epoch" and search.stride == 1:
        yield "the log counts epochs: an epoch is taken as a step of the schedule"
    if signals := [event.key for event in fit.subject.schedule.events if event.kind == "signal"]:
        names = listed([f"`{name}`" for name in signals])
        yield f"compared as if {names} never came"
    if laid.alone is not None and verdict.status == answer.LEAVES:
        yield "reasons are looked for where the schedule is given as a text or a program"


def _proof(verdict: Verdict, fit: Fit, laid: Laid) -> Iterator[str]:
    """How little the readings prove, if they do."""
    if verdict.status == answer.LEAVES:
        return
    if verdict.readings == 1:
        yield "one reading proves little: many other schedules have this rate"
        return
    end = min(laid.total or math.inf, fit.subject.schedule.length)
    if int(fit.updates.min()) >= end:
        yield (
            f"every reading is of an update after the end at {count(int(end))}, where the schedule"
            f" holds {number(float(fit.expected[-1]))}: that proves little"
        )
    elif _is_level(fit):
        yield "the schedule is constant at every logged step: that proves little"


def _is_level(fit: Fit) -> bool:
    """True if the schedule never changes where there are readings."""
    expected = fit.expected[fit.updates >= 0]
    return bool(expected.size and (abs(expected - expected[0]) <= CLOSE * abs(expected[0])).all())


def _offset(verdict: Verdict, search: Search, log: Log) -> Iterator[str]:
    """What is not certain of the offset."""
    offset = verdict.offset or 0
    if verdict.offsets:
        low, high = verdict.offsets[0], verdict.offsets[-1]
        is_row = len(verdict.offsets) == high - low + 1
        each = [updates_of(one, verdict.axis) for one in verdict.offsets]
        which = f"{each[0]} to {each[-1]}" if is_row and len(each) > 2 else listed(each, "or")
        yield f"offset undetermined: the rates may be those of {which}"
    elif verdict.status != answer.LEAVES and not search.known and offset not in search.usual:
        yield "the log does not say what wrote it: its steps may be counted from elsewhere"
    elif verdict.status != answer.LEAVES and not search.known and offset:
        where = "ahead" if offset > 0 else "behind"
        yield (
            "the log does not say which update a rate is of: one that holds the rate of update s"
            f" is {abs(offset)} {where} (--offset 0)"
        )
    elif verdict.status != answer.LEAVES and len(log.offsets) > 1:
        versions = [one.of for one in log.offsets if one.updates == offset and one.of]
        if versions:
            yield f"{log.system} {versions[0]} logs the rate of {updates_of(offset)}"
