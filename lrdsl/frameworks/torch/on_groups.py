"""A program driven on groups of its own, made after those of a scheduler or of plain bases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.check.targets import RATE
from lrdsl.frameworks.torch.clocked import ClockLR
from lrdsl.frameworks.torch.hyperparameters import INITIAL, Group, like, slot
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.replica import Idle, idle, rates

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.replica import Metric
    from lrdsl.resolve.resolved import Resolved


def after(scheduler: LRScheduler) -> Idle:
    """An optimizer whose groups have the options of a scheduler's, and the rates of its start.

    Args:
        scheduler: the scheduler, which does not change.
    """
    made = idle(scheduler.optimizer)
    for group in made.param_groups:
        _begin(group, RATE, float(group.get(INITIAL + RATE, group[RATE])))
    return made


def of_bases(key: str, bases: Sequence[float]) -> Idle:
    """An optimizer with a group for each base.

    Args:
        key: the hyperparameter that the bases are of.
        bases: the value of ``base`` in each group.
    """
    made = Idle.of(len(bases))
    for group, base in zip(made.param_groups, bases, strict=True):
        group |= {RATE: 1.0, key: base}
    return made


def driven_rates(
    resolved: Resolved,
    optimizer: Idle,
    key: str,
    bases: Sequence[float] | None,
    updates: range,
    metric: Metric | None,
) -> list[tuple[float, ...]]:
    """The values that a program gives to groups.

    Args:
        resolved: the program.
        optimizer: the groups.
        key: the hyperparameter to read.
        bases: the value of ``base`` in each group; None for those that the groups have.
        updates: the updates.
        metric: the metric of each, for a program that a metric drives.

    Returns:
        A row for each update, and in it a value for each group.

    Raises:
        LrsError: the program does not fit the groups.
        ValueError: a group has no such number.
    """
    for group, base in zip(optimizer.param_groups, bases or (), strict=bases is not None):
        _begin(group, key, base)
    names = [name for group in optimizer.param_groups if isinstance(name := group.get("name"), str)]
    program = resolved.program
    if program.captured and program.groups is None:
        resolved = program.for_groups(names).resolve_all(**resolved.arguments)
    kind = ScheduleLR if resolved.ticks is None else ClockLR
    scheduler = kind.bound(resolved, optimizer, start_step=updates.start, rebase=True)
    return rates(scheduler, len(updates), key, metric)


def _begin(group: Group, key: str, value: float) -> None:
    """Sets a number to what it is before a schedule drives it."""
    place = slot(key, group)
    if place is not None:  # or else it is said when the number is read
        place.replace(group, like(place.read(group), value))
