"""Bases left over from an earlier schedule, in groups whose numbers have changed since."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.diagnostics import warn
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.frameworks.torch.hooks import hooked
from lrdsl.frameworks.torch.hyperparameters import INITIAL, Group, Hyperparameter, like
from lrdsl.record import record
from lrdsl.wording import apart

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.attached import Attached
    from lrdsl.frameworks.torch.plan import Plan
    from lrdsl.resolve.resolved import Driven


@record
class Leftover:
    """One number of a group that differs from its `base`.

    Attributes:
        driven: the schedule that it is driven by.
        slot: the number.
        group: the group.
        called: what the group is called.
        base: the value of `base`.
        present: the number's present value.
    """

    driven: Driven
    slot: Hyperparameter
    group: Group
    called: str
    base: float
    present: float


def find(plan: Plan, attached: Attached) -> Iterator[Leftover]:
    """The numbers whose bases are left over.

    Not those that a schedule wrote last: that it has moved them is what schedules are for.

    Args:
        plan: the plan that is about to drive the groups.
        attached: the data attached to the optimizer by the scheduler before it.
    """
    written = attached.written()
    for job in plan.jobs:
        if job.driven.schedule.is_absolute:  # whatever `base` is
            continue
        for group, index in zip(job.groups, job.indices, strict=True):
            held = job.slot.read(group)
            last = written.get((id(group), job.slot.name))
            # A tensor holds a rounding of what was written.
            explained = last is not None and float(like(held, last)) == float(held)
            if not explained and float(held) != job.base:
                called = plan.bases.called(index)
                yield Leftover(job.driven, job.slot, group, called, job.base, float(held))


def report(found: list[Leftover], scheduler: LRScheduler, optimizer: Optimizer) -> None:
    """Warns of bases that are left over.

    Where the optimizer's state was loaded, the scheduler's is likely to follow, which has bases of
    its own: then it is time when the first update is made.

    Args:
        found: the findings from when the scheduler was made.
        scheduler: the scheduler.
        optimizer: its optimizer.
    """
    if any(not _is_loaded(one.group) for one in found):
        warn.warn(_diagnostic(found))
    elif found:
        me = weakref.ref(scheduler)
        waiting = [True]

        def updating(*_: object) -> None:
            # A hook must not remove itself: torch is walking through the hooks.
            if not waiting:
                return
            waiting.clear()
            driving = me()
            if driving is not None and driving.last_epoch <= 0 and not is_under_way(driving):
                warn.warn(_diagnostic(found))

        if (calling := hooked(optimizer)) is not None:
            calling.register_step_pre_hook(updating)


def is_under_way(scheduler: LRScheduler) -> bool:
    """True if a scheduler's step was set, or it was stepped."""
    return bool(getattr(scheduler, "is_under_way", False))


def _is_loaded(group: Group) -> bool:
    """True if a group came with the state of an optimizer.

    torch puts the parameters last then, after the `initial_lr` that was saved; in a group that was
    built here the `initial_lr` was added after them.
    """
    keys = list(group)
    initial = [keys.index(key) for key in keys if key.startswith(INITIAL)]
    return bool(initial) and min(initial) < keys.index("params")


def _diagnostic(found: list[Leftover]) -> Diagnostic:
    first = found[0]
    base, present = apart(first.base, first.present)
    noun = first.driven.target.noun
    message = (
        f"`base` is {base}, the {noun} that {first.called} had when a schedule"
        f" first drove it, but the {noun} was {present} when this schedule was compiled"
    )
    help = (
        f"to start from {present}, pass rebase=True to lrdsl.compile; to keep {base}, rebase=False;"
        " to go on with a run, pass start_step or load the scheduler's state"
    )
    return Diagnostic("leftover-base", message, help, first.driven.target.span, severity="warning")
