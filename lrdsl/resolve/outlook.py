"""The errors in what a schedule may become: as it is now, and after its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.resolve.measure import Measure
from lrdsl.schedule.views import faults_of

if TYPE_CHECKING:
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.resolve.resolved import Driven
    from lrdsl.resolve.run import Run
    from lrdsl.text.numbers import Rational


def errors_of(driven: Driven, run: Run, base: float, bound: float) -> list[Diagnostic]:
    """The errors of a schedule for one base rate, with no event and after some.

    Args:
        driven: the schedule.
        run: the run that it was laid out for.
        base: the optimizer's own value.
        bound: an upper bound that the values must stay below.
    """
    noun, schedule = driven.target.noun, driven.schedule
    found = faults_of(schedule, base, noun=noun, limit=bound)
    if found or not schedule.events:
        return found
    from lrdsl.resolve.events import said_after, samples

    for events in samples(schedule.events, total_of(run)):
        after = schedule.after(events)
        if found := faults_of(after, base, noun=noun, limit=bound):
            return said_after(found, events)
    return []


def total_of(run: Run) -> Rational | None:
    """The steps of a run, exactly; None if its length is not known.

    Args:
        run: the run.
    """
    return None if run.total is None else Measure(run).steps(run.total, None)
