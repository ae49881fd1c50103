"""The rate never changed: no scheduler was stepped."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.auditing.reasons.stretches import LEAST
from lrdsl.wording import number

NAME = "constant"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    rate = float(case.rates[0])
    if len(case.rates) >= LEAST and case.agrees(np.full_like(case.rates, rate)):
        is_base = abs(rate - case.subject.base) <= case.tolerance[0]
        whose = ", the optimizer's own rate" if is_base else ""
        yield Explanation(
            NAME,
            f"the rate is {number(rate)} at every step{whose}: no scheduler was stepped",
            "print the optimizer's rate before and after `scheduler.step()`, and make sure that the"
            " scheduler was built with the optimizer that trains",
        )


REASON = Reason(NAME, _explain)
