"""The rate never changed: no scheduler was stepped."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.auditing.case import Case, Explanation, Reason
from lrdsl.wording import number

NAME = "constant"


def _explain(case: Case) -> Iterator[Explanation]:
    import numpy as np

    if len(case.rates) > 1 and case.agrees(np.full_like(case.rates, case.rates[0])):
        yield Explanation(
            NAME,
            f"the rate is {number(case.rates[0])} at every step: no scheduler was stepped",
            "print the rate of the optimizer before and after `scheduler.step()`",
        )


REASON = Reason(NAME, _explain)
