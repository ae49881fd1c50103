"""The group got the schedule of another one."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.search import follows
from lrdsl.record import replace

NAME = "group"


def _explain(case: Case) -> Iterator[Explanation]:
    for other in case.others:
        # With its own base rate, or with that of this group.
        for base in dict.fromkeys((other.base, case.subject.base)):
            if follows(case, replace(other, base=base).rates):
                yield Explanation(
                    NAME,
                    f"this group followed `{other.label}` in place of `{case.subject.label}`",
                    "print the names and the order of `optimizer.param_groups`, and those that the"
                    " log numbers",
                )
                break


REASON = Reason(NAME, _explain)
