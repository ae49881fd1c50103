"""The rates of an optimizer's parameter groups, as floats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.optim import Optimizer

from lrdsl.diagnostics.diagnostic import LrsError

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule


def base_of(group: dict[str, Any]) -> float:
    """The base rate of a group: the rate it had when a scheduler first saw it."""
    return float(group.get("initial_lr", group["lr"]))


def check_bases(schedule: Schedule, optimizer: Optimizer) -> list[float]:
    """The base rate of every group, once the schedule is known to be a rate for each of them.

    Raises:
        TypeError: the optimizer is none.
        LrsError: the schedule is negative, infinite or undefined for one of the groups.
    """
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    bases = [base_of(group) for group in optimizer.param_groups]
    # A schedule that is in proportion to `base`, or free of it, was looked at when it was resolved.
    mixed = not (schedule.is_absolute or schedule.is_proportional)
    for base in dict.fromkeys(bases):
        errors = schedule.faults(base) if mixed else []
        if errors:
            raise LrsError(errors)
    return bases
