"""The run followed an earlier revision of the program."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import follows

NAME = "revision"


def _explain(case: Case) -> Iterator[Explanation]:
    for name, subject in case.earlier.items():
        if follows(case, subject.rates):
            yield Explanation(
                NAME,
                f"the run followed an earlier revision of the schedule: {name}",
                "compare the time of that revision with the start of the run",
            )
            return


REASON = Reason(NAME, _explain)
