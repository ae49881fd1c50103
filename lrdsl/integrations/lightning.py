"""Tells Lightning when to step a scheduler, without importing Lightning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from lrdsl.outside import shown

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.frameworks.torch.several import SeveralLR
    from lrdsl.resolve.resolved import Resolved

    # As Lightning declares it: a user returns it from a method that Lightning has typed.
    _Configuration = dict[str, Any]
    # What a metric is called, for one scheduler.
    _Monitor = str | Literal[False] | None


@overload
def lightning(
    scheduler: LRScheduler, /, *, monitor: Literal[False] | None = ...
) -> _Configuration: ...
@overload
def lightning(
    scheduler: LRScheduler, /, *, monitor: str
) -> tuple[list[Optimizer], list[_Configuration]]: ...
@overload
def lightning(
    scheduler: SeveralLR, /, *, monitor: Literal[False] | None = ...
) -> tuple[list[Optimizer], list[_Configuration]]: ...
@overload
def lightning(
    first: LRScheduler,
    second: LRScheduler,
    /,
    *others: LRScheduler,
    monitor: Mapping[Any, str | Literal[False]] | str | Literal[False] | None = ...,
) -> tuple[list[Optimizer], list[_Configuration]]: ...


def lightning(
    *schedulers: LRScheduler | SeveralLR,
    monitor: Mapping[Any, str | Literal[False]] | str | Literal[False] | None = None,
) -> _Configuration | tuple[list[Optimizer], list[_Configuration]]:
    """Returns the value for ``configure_optimizers`` of a ``LightningModule``.

    By default Lightning steps a scheduler once per epoch. This makes Lightning step it after every
    optimizer update; a batch that only accumulates gradients is no update. A schedule that was
    compiled with ``steps_per_epoch=1`` counts epochs, so Lightning steps it after every epoch.

    With several optimizers Lightning wants manual optimization, and then it steps no scheduler and
    passes no metric. The module steps the schedulers, and
    ``lrdsl.lightning_callback.ScheduleCallback`` passes the metrics. Lightning saves and loads the
    scheduler of each.

    Args:
        schedulers: the scheduler from ``lrdsl.compile``, or several of them.
        monitor: for a program that a metric drives, by a ``plateau`` or an event such as
            ``below(0.35)``, the name of the logged metric to observe at the end of every epoch, or
            ``False`` if the module calls ``scheduler.observe`` itself. For several schedulers, a
            mapping from those that observe one: ``{d: "val_loss"}``.

    Returns:
        A dictionary with the optimizer and the scheduler's configuration. With a ``monitor``, two
        lists: the optimizer; and the configurations of the scheduler, stepped after every update,
        and of an observer of the metric, stepped after every epoch. For several schedulers or
        optimizers, two lists: the optimizers; and the configurations of their schedulers, and then
        of the observers.

    Raises:
        TypeError: it is no scheduler, or ``monitor`` is no name.
        ValueError: a metric drives a program and ``monitor`` is missing, or the reverse; a
            ``monitor`` is named for a scheduler of several optimizers, or for one that is not among
            the schedulers; one is passed twice; or a step stands for several updates, which
            Lightning cannot count.

    Examples:
        >>> import lrdsl, torch
        >>> g, d = (torch.optim.Adam(torch.nn.Linear(4, 2).parameters()) for _ in range(2))
        >>> critic = lrdsl.compile("const * plateau()", d)
        >>> optimizers, configurations = lrdsl.lightning(
        ...     lrdsl.compile("linear(100)", g), critic, monitor={critic: "val_loss"}
        ... )
        >>> len(optimizers), len(configurations)
        (2, 3)
    """
    if not schedulers:
        raise TypeError("lightning() takes at least one scheduler")
    _check_kinds(schedulers)
    monitors = _monitors(schedulers, monitor)
    for scheduler, name in zip(schedulers, monitors, strict=True):
        _check(scheduler, name, is_alone=len(schedulers) == 1)
    parts = [part for scheduler in schedulers for part in _parts(scheduler)]
    optimizers = list({id(part.optimizer): part.optimizer for part in parts}.values())
    if len({id(part) for part in parts}) < len(parts):
        raise ValueError("Lightning would step a scheduler twice that is passed twice")
    is_manual = len(optimizers) > 1
    if not is_manual:
        for part in parts:
            _check_updates(part)
    stepped = [_stepped(part) for part in parts]
    observed = [
        # Only schedulers of lrdsl have meters.
        _observed(cast("ScheduleLR", scheduler), name, is_manual=is_manual)
        for scheduler, name in zip(schedulers, monitors, strict=True)
        if name
    ]
    if len(schedulers) == 1 and not observed and not hasattr(schedulers[0], "schedulers"):
        return {"optimizer": optimizers[0], "lr_scheduler": stepped[0]}
    return optimizers, [*stepped, *observed]


def _check_kinds(schedulers: tuple[object, ...]) -> None:
    """Refuses what is no scheduler."""
    for one in schedulers:
        if not (hasattr(one, "optimizer") or hasattr(one, "schedulers")):
            hint = "; pass several one by one" if isinstance(one, list | tuple | dict) else ""
            raise TypeError(f"lightning() takes schedulers, not {shown(one)}{hint}")


def _monitors(
    schedulers: tuple[LRScheduler | SeveralLR, ...],
    monitor: Mapping[Any, str | Literal[False]] | _Monitor,
) -> list[_Monitor]:
    """The monitor of each scheduler."""
    if not isinstance(monitor, Mapping):
        return [monitor] * len(schedulers)
    for one in monitor:
        if not any(one is scheduler for scheduler in schedulers):
            raise ValueError(f"`monitor` names {one!r}, which is not among the schedulers")
    return [monitor.get(scheduler) for scheduler in schedulers]


def _check(scheduler: LRScheduler | SeveralLR, monitor: _Monitor, *, is_alone: bool) -> None:
    """Refuses a metric that nothing would observe, and a schedule that waits for one in vain."""
    if not (isinstance(monitor, str | None) or monitor is False):
        raise TypeError(f"monitor is the name of a metric, or False, not {shown(monitor)}")
    measured = listens(scheduler)
    if monitor and hasattr(scheduler, "schedulers"):
        raise ValueError(
            "with several optimizers Lightning passes no metric to a scheduler: pass monitor=False,"
            " and call `scheduler.observe` in a hook of the module"
        )
    if measured and monitor is None:
        example = '"val_loss"' if is_alone else '{scheduler: "val_loss"}'
        raise ValueError(
            f"a metric drives this schedule: pass monitor={example}, or the name of what is"
            " logged; or pass monitor=False and call `scheduler.observe` in a hook of the module"
        )
    if monitor and not measured:
        others = "" if is_alone else ': pass monitor={scheduler: "…"} for those that are'
        raise ValueError(
            f"no part of this schedule is driven by a metric such as {monitor!r}{others}"
        )


def listens(scheduler: object) -> bool:
    """True if a metric drives a scheduler.

    Args:
        scheduler: the scheduler, of lrdsl or of torch.
    """
    schedules: Resolved | None = getattr(scheduler, "schedules", None)
    return schedules is not None and schedules.listens


def _check_updates(scheduler: LRScheduler) -> None:
    """Refuses a step of several updates."""
    updates = getattr(scheduler, "updates_per_step", 1)
    if updates > 1:
        raise ValueError(
            f"Lightning counts batches, not the {updates} updates of a step:"
            " optimize manually, and call `scheduler.step()` in the module"
        )


def _parts(scheduler: LRScheduler | SeveralLR) -> list[LRScheduler]:
    """The scheduler of each optimizer."""
    parts: Mapping[str, LRScheduler] | None = getattr(scheduler, "schedulers", None)
    return [cast("LRScheduler", scheduler)] if parts is None else [*parts.values()]


def _observed(scheduler: ScheduleLR, monitor: str, *, is_manual: bool) -> _Configuration:
    """The configuration of an observer of a metric."""
    from lrdsl.integrations.metric_observer import Observer

    observer = Observer(scheduler, monitor)
    made = {"scheduler": observer, "interval": "epoch", "frequency": 1}
    if is_manual:
        scheduler.awaits(observer)
        return made
    # The only schedulers to which Lightning gives a metric.
    return {**made, "monitor": monitor, "reduce_on_plateau": True}


def _stepped(scheduler: LRScheduler) -> _Configuration:
    """The configuration of a scheduler that Lightning steps."""
    return {"scheduler": scheduler, "interval": _interval(scheduler), "frequency": 1}


def _interval(scheduler: LRScheduler) -> str:
    """The interval at which Lightning has to step a scheduler."""
    schedules: Resolved | None = getattr(scheduler, "schedules", None)
    if schedules is None:
        return "step"
    return "epoch" if schedules.run.units.get("ep") == 1 else "step"
