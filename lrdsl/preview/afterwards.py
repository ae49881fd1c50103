"""What follows events, in words: the same for every step at which they may happen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.schedule.events import EventBlock
from lrdsl.schedule.views import blocks_of
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.check.tree import Event
    from lrdsl.schedule.schedule import Schedule

# How far after the start of what they end, where there is no end of the run.
_STEPS = (1_000, 500)
# What depends on the step of an event, and the words for it that hold for all steps.
_UNKNOWN = (
    (r"(?<=from )[^,\[\]]+?(?= to )", "where it is"),
    (r"(?:(?<=over )|(?<=for ))[\d,]+ steps?(?: \([^)]*\))?", "the steps that are left"),
    (r"(?<=holds )[^,\[\]]+?(?= forever| for | until|[,\]]|$)", "where it is"),
    (r"(?<=stays )at .+?(?= from)", "where it is"),
    (r" from step [\d,]+ on", " after that"),
)

Tell = Callable[["Schedule", int], str]


def ending(event: Event) -> str:
    """An event in words, after ``until``.

    Args:
        event: the event.
    """
    return _when(event, "comes", "has stopped improving", "is")


def sentences(schedule: Schedule, base: float, tell: Tell) -> Iterator[tuple[Event, str]]:
    """What follows each event, if those before it in the text have happened.

    Args:
        schedule: the schedule.
        base: the optimizer's own value.
        tell: puts the parts of a schedule from a place on into words.
    """
    known: tuple[dict[str, int], ...] = ({}, {})
    for event in schedule.events:
        first, shown, room = place_of(schedule.after(known[0]), base, event)
        steps = [first + int(min(room / 2 ** (k + 1), step)) for k, step in enumerate(_STEPS)]
        known = tuple({**some, event.key: at} for some, at in zip(known, steps, strict=True))
        try:
            told = [tell(schedule.after(some), shown) for some in known]
        except LrsError:  # it has no values after these
            return
        if told[0]:
            yield event, _agreed(told[0], told[1])


def after(event: Event) -> str:
    """An event in words, as one that has happened.

    Args:
        event: the event.
    """
    return f"once {_when(event, 'has come', 'has stopped improving', 'has been')}"


def _when(event: Event, comes: str, stops: str, passes: str) -> str:
    if event.kind == "signal":
        return f"the signal `{event.key}` {comes}"
    if event.kind == "stalled":
        return f"a metric {stops}"
    return f"a metric {passes} {event.kind} {number(event.limit)}"


def place_of(schedule: Schedule, base: float, event: Event) -> tuple[int, int, float]:
    """Where the part that an event ends starts, the parts up to it, and the steps it may take.

    Args:
        schedule: the schedule before the event.
        base: the optimizer's own value.
        event: the event.
    """
    blocks = list(blocks_of(schedule, base))
    for place, (first, block, _) in enumerate(blocks):
        if isinstance(block, EventBlock) and block.event == event:
            return first, place + 1, block.length
    first, block, _ = blocks[-1]
    return first, 0, block.length


def _agreed(one: str, other: str) -> str:
    """The words that hold for both steps: numbers that differ are left out."""
    for pattern, word in _UNKNOWN:
        pairs = [*zip(re.findall(pattern, one), re.findall(pattern, other), strict=False)]
        words = iter([mine if mine == its else word for mine, its in pairs])
        one = "".join(
            part if k % 2 == 0 else next(words, word)
            for k, part in enumerate(re.split(f"({pattern})", one))
        )
    return one
