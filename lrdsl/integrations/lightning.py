"""Tells Lightning when to step a scheduler, without importing Lightning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, overload

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.frameworks.torch.several import SeveralLR
    from lrdsl.resolve.resolved import Resolved

    # As Lightning declares it: a user returns it from a method that Lightning has typed.
    _Configuration = dict[str, Any]


@overload
def lightning(
    scheduler: LRScheduler, *, monitor: Literal[False] | None = ...
) -> _Configuration: ...
@overload
def lightning(
    scheduler: LRScheduler, *, monitor: str
) -> tuple[list[Optimizer], list[_Configuration]]: ...
@overload
def lightning(
    scheduler: SeveralLR, *, monitor: Literal[False] | None = ...
) -> tuple[list[Optimizer], list[_Configuration]]: ...


def lightning(
    scheduler: LRScheduler | SeveralLR, *, monitor: str | Literal[False] | None = None
) -> _Configuration | tuple[list[Optimizer], list[_Configuration]]:
    """Returns the value for ``configure_optimizers`` of a ``LightningModule``.

    By default Lightning steps a scheduler once per epoch. This makes Lightning step it after every
    optimizer update; a batch that only accumulates gradients is no update. A schedule that was
    compiled with ``steps_per_epoch=1`` counts epochs, so Lightning steps it after every epoch.

    With several optimizers Lightning wants manual optimization, and then it steps no scheduler and
    passes no metric: the module does. Lightning saves and loads the scheduler of each.

    Args:
        scheduler: the scheduler from ``lrdsl.compile``.
        monitor: for a program that a metric drives, by a ``plateau`` or an event such as
            ``below(0.35)``, the name of the logged metric to observe at the end of every epoch, or
            ``False`` if the module calls ``scheduler.observe`` itself.

    Returns:
        A dictionary with the optimizer and the scheduler's configuration. With a ``monitor``, two
        lists: the optimizer; and the configurations of the scheduler, stepped after every update,
        and of an observer of the metric, stepped after every epoch. For several optimizers, two
        lists: the optimizers, and the configurations of their schedulers.

    Raises:
        ValueError: a metric drives the program and ``monitor`` is missing, or the reverse; a
            ``monitor`` is named for several optimizers; or a step stands for several updates, which
            Lightning cannot count.
    """
    parts: dict[str, ScheduleLR] | None = getattr(scheduler, "schedulers", None)
    schedules: Resolved | None = getattr(scheduler, "schedules", None)
    measured = schedules is not None and schedules.listens
    if parts is not None and monitor:
        raise ValueError(
            "with several optimizers Lightning passes no metric to a scheduler: pass monitor=False,"
            " and call `scheduler.observe` in a hook of the module"
        )
    if measured and monitor is None:
        raise ValueError(
            'a metric drives this schedule: pass monitor="val_loss", or the name of what is'
            " logged; or pass monitor=False and call `scheduler.observe` in a hook of the module"
        )
    if monitor and not measured:
        raise ValueError(f"no part of this schedule is driven by a metric such as {monitor!r}")
    if parts is not None:
        return [p.optimizer for p in parts.values()], [_stepped(p) for p in parts.values()]
    scheduler = cast("LRScheduler", scheduler)
    updates = getattr(scheduler, "updates_per_step", 1)
    if updates > 1:
        raise ValueError(
            f"Lightning counts batches, not the {updates} updates of a step:"
            " optimize manually, and call `scheduler.step()` in the module"
        )
    stepped = _stepped(scheduler)
    if not monitor:
        return {"optimizer": scheduler.optimizer, "lr_scheduler": stepped}
    from lrdsl.integrations.metric_observer import Observer

    observed = {
        # Only schedulers of lrdsl have meters.
        "scheduler": Observer(cast("ScheduleLR", scheduler)),
        "interval": "epoch",
        "frequency": 1,
        "monitor": monitor,
        "reduce_on_plateau": True,  # the only schedulers to which Lightning gives a metric
    }
    return [scheduler.optimizer], [stepped, observed]


def _stepped(scheduler: LRScheduler) -> _Configuration:
    """The configuration of a scheduler that Lightning steps."""
    return {"scheduler": scheduler, "interval": _interval(scheduler), "frequency": 1}


def _interval(scheduler: LRScheduler) -> str:
    """The interval at which Lightning has to step a scheduler."""
    schedules: Resolved | None = getattr(scheduler, "schedules", None)
    if schedules is None:
        return "step"
    return "epoch" if schedules.run.units.get("ep") == 1 else "step"
