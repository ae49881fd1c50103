"""A part of the schedule took another length: a warm-up in the wrong unit, a decay begun late."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.numbers import search
from lrdsl.auditing.reasons.ratios import guesses, ratio
from lrdsl.auditing.reasons.search import one_of
from lrdsl.auditing.reasons.texts import VARIABLE, PartLength, lengths, variable
from lrdsl.auditing.subject import Subject
from lrdsl.wording import count

NAME = "length"
# Parts whose lengths are tried.
MOST = 8


def _explain(case: Case) -> Iterator[Explanation]:
    # A length decides nothing before its part begins.
    last = int(case.updates[case.first])
    for length in lengths(case.subject)[:MOST]:
        if length.start <= last:
            yield from _by(case, length)


def _by(case: Case, length: PartLength) -> Iterator[Explanation]:
    """The explanation by the length of one part."""
    subject = variable(case.subject, length)
    if subject is None:
        return
    near = length.steps or max(1, int(case.updates.max()) // 2)
    found = search(case, _made(subject), near, guesses(subject, near))
    if found:
        was = f"`{length.span.text}`" if length.steps is None else count(length.steps)
        yield Explanation(
            NAME,
            f"`{length.name}` took {one_of(found)} updates, not {was}"
            + (ratio(subject, length.steps, found) if length.steps else ""),
            f"print the length of `{length.name}` that the scheduler is built with: it may be in"
            " epochs, in micro-batches, or in the batches of one process",
        )


def _made(subject: Subject) -> Callable[[int], Subject | None]:
    """The schedule for a length, from the program in which it can be set."""
    given = subject.run.get("params") or {}
    return lambda number: subject.changed(run={"params": {**given, VARIABLE: f"{number}st"}})


REASON = Reason(NAME, _explain)
