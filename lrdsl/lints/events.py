"""What lints say of a schedule once events have happened. Loaded where a program waits for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import replace
from lrdsl.resolve.events import said_after, samples

if TYPE_CHECKING:
    from lrdsl.diagnostics.catalogue import Slug
    from lrdsl.resolve.resolved import Driven
    from lrdsl.text.numbers import Rational
    from lrdsl.text.source import Span

# Lints of how parts look and meet. What the others say, such as that a run ends too early for a
# schedule, is up to whoever sends the signal.
LOOKED_FOR: frozenset[Slug] = frozenset(
    ("falling-warmup", "growing-decay", "high-rate", "jump", "low-rate", "repeated-warmup",
     "sum-of-rates", "zero-first")
)  # fmt: skip
# A finding counts if it is there for so many of the moments at which the events may happen: some
# moment can be found for which almost any two parts do not fit together.
_OFTEN = 2


def after(
    driven: Driven, total: Rational | None, look: Callable[[Driven], list[Diagnostic]]
) -> Iterator[Diagnostic]:
    """What lints find once the first event has happened, once the first two have, and so on.

    Args:
        driven: the schedule.
        total: the steps of the run, where they are known.
        look: the lints.
    """
    for _, together in groupby(samples(driven.schedule.events, total), key=len):
        found: dict[tuple[Slug, Span], list[Diagnostic]] = {}
        for events in together:
            try:
                schedule = driven.schedule.after(events)
            except LrsError:  # an error of its own says so
                continue
            there = look(replace(driven, schedule=schedule, vanished={}))
            for d in said_after(there, events):
                found.setdefault((d.slug, d.span), []).append(d)
        for findings in found.values():
            if len(findings) >= _OFTEN:
                yield findings[0]
