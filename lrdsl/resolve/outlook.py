"""The errors of schedules in all that they may become: after events, and for other groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.resolve.measure import Measure
from lrdsl.schedule.views import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lrdsl.check.targets import Target
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


def agreed(found: Iterable[tuple[Target, Sequence[Diagnostic]]]) -> list[Diagnostic]:
    """The errors of all schedules, each once.

    A statement with captures is looked at for two sets of numbers while its groups are not known.
    Only the errors of both count, by their kind and place.

    Args:
        found: each target with its errors, or with none.
    """
    kept: dict[Diagnostic, None] = {}
    samples: dict[Target, list[Sequence[Diagnostic]]] = {}
    for target, errors in found:
        if target.is_sample:
            samples.setdefault(target.statement, []).append(errors)
        else:
            # What several statements share, such as a `let`, is reported once.
            kept |= dict.fromkeys(errors)
    for first, *others in samples.values():
        places = [{(d.slug, d.span) for d in errors} for errors in others]
        kept |= dict.fromkeys(d for d in first if all((d.slug, d.span) in p for p in places))
    return list(kept)
