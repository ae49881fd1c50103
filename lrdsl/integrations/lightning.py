"""How Lightning is to step a scheduler; Lightning itself is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, overload

from lrdsl.program import run_for

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.resolve.resolved import Resolved

    # What Lightning declares so too: a user returns it from a method whose type is Lightning's.
    _Configuration = dict[str, Any]


@overload
def lightning(
    scheduler: LRScheduler, *, monitor: Literal[False] | None = ...
) -> _Configuration: ...
@overload
def lightning(
    scheduler: LRScheduler, *, monitor: str
) -> tuple[list[Optimizer], list[_Configuration]]: ...


def lightning(
    scheduler: LRScheduler, *, monitor: str | Literal[False] | None = None
) -> _Configuration | tuple[list[Optimizer], list[_Configuration]]:
    """What ``configure_optimizers`` of a ``LightningModule`` returns.

    By default Lightning steps a scheduler once an epoch. A schedule counts updates, so this makes
    Lightning step it after every update; a batch that only accumulates gradients is no update. One
    that was compiled with ``steps_per_epoch=1`` counts epochs, and is stepped after each of them.

    Args:
        scheduler: what ``lrdsl.compile`` returned.
        monitor: for a program with a ``plateau``: the logged metric that it observes at the end of
            every epoch, or ``False`` where the module calls ``scheduler.observe`` itself.

    Returns:
        A dictionary of the optimizer and the scheduler, with its ``interval`` and ``frequency``.
        With a ``monitor`` it is a list of the optimizer, and a list of what Lightning steps: the
        scheduler after every update, and what observes the metric after every epoch.

    Raises:
        ValueError: a ``plateau`` has no metric to observe, or there is a metric and no ``plateau``;
            or a step stands for several updates, which Lightning cannot count.
    """
    measured = any(s.meters for s in getattr(scheduler, "schedules", {}).values())
    if measured and monitor is None:
        raise ValueError(
            'a plateau has to observe a metric: pass monitor="val_loss", or the name of what is'
            " logged; or pass monitor=False and call `scheduler.observe` in a hook of the module"
        )
    if monitor and not measured:
        raise ValueError(f"no part of this schedule is driven by a metric such as {monitor!r}")
    updates = getattr(scheduler, "updates_per_step", 1)
    if updates > 1:
        raise ValueError(
            f"Lightning counts batches, not the {updates} updates of a step:"
            " optimize manually, and call `scheduler.step()` in the module"
        )
    stepped = {"scheduler": scheduler, "interval": _interval(scheduler), "frequency": 1}
    if not monitor:
        return {"optimizer": scheduler.optimizer, "lr_scheduler": stepped}
    from lrdsl.integrations.metric_observer import Observer

    observed = {
        # Only those of lrdsl are measured.
        "scheduler": Observer(cast("ScheduleLR", scheduler)),
        "interval": "epoch",
        "frequency": 1,
        "monitor": monitor,
        "reduce_on_plateau": True,  # the only schedulers to which Lightning gives a metric
    }
    return [scheduler.optimizer], [stepped, observed]


def _interval(scheduler: LRScheduler) -> str:
    """After what Lightning has to step a scheduler."""
    schedules: Resolved | None = getattr(scheduler, "schedules", None)
    if schedules is None:
        return "step"
    return "epoch" if run_for(schedules.arguments).units.get("ep") == 1 else "step"
