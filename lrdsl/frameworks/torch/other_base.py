"""A run that goes on with the rate of its state, though the optimizer was built with another."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import SINGLE
from lrdsl.resolve.resolved import Resolved
from lrdsl.text.source import Said, Span
from lrdsl.wording import number


def other_base(
    built: Sequence[float | None], bases: Bases, schedules: Resolved
) -> Diagnostic | None:
    """The warning about a rate of the optimizer that a loaded state has made void.

    Args:
        built: the rate that each group was built with.
        bases: the bases of the state, after its rates were written.
        schedules: what goes on.
    """
    rates = [one.schedule for one in schedules.driven if one.target.key == RATE]
    if all(schedule.is_absolute for schedule in rates):
        return None
    kept = bases.table().get(RATE, ())
    groups = zip(built, kept, bases.groups, strict=False)
    others = [
        (i, own, base)
        for i, (own, base, group) in enumerate(groups)
        # An optimizer whose own state was loaded before had the scheduled rate.
        if own is not None and base is not None
        and not any(isclose(own, rate, rel_tol=SINGLE) for rate in (base, group[RATE]))
    ]  # fmt: skip
    if not others:
        return None
    i, own, base = others[0]
    where = f" in {bases.called(i)}" if len(bases.groups) > 1 else ""
    message = (
        f"the optimizer was built with a rate of {number(own)}{where}, and the run goes on with the"
        f" `base` of its state, {number(base)}"
    )
    factor = f', as in `(…) * {number(own / base)}` with `on_change="new"`' if base else ""
    help = (
        f"to train at another rate from here on, change the text{factor}; to start from the"
        " optimizer's own, compile with `start_step=` and load no state"
    )
    call = f"lr = {number(own)}"
    span = Span(Said("the optimizer", call), 0, len(call))
    return Diagnostic("other-base", message, help, span, severity="warning")
