"""What Lightning is told about a scheduler; Lightning itself is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler


@overload
def lightning(
    scheduler: LRScheduler, *, monitor: Literal[False] | None = ...
) -> dict[str, Any]: ...
@overload
def lightning(
    scheduler: LRScheduler, *, monitor: str
) -> tuple[list[Any], list[dict[str, Any]]]: ...


def lightning(scheduler: LRScheduler, *, monitor: str | Literal[False] | None = None) -> Any:
    """What ``configure_optimizers`` of a ``LightningModule`` returns.

    Lightning steps a scheduler once an epoch unless it is told otherwise. A schedule counts
    updates, so it is told to step this one after every update; a batch whose gradients are only
    accumulated is none.

    Args:
        scheduler: what :func:`lrdsl.compile` returned.
        monitor: for a program with a ``plateau``: the logged metric that it observes at the end of
            every epoch, or ``False`` where the module calls ``scheduler.observe`` itself.

    Returns:
        A dictionary of the optimizer and the scheduler, with its ``interval`` and ``frequency``.
        With a ``monitor`` it is a list of the optimizer, and a list of what Lightning steps: the
        scheduler after every update, and what observes the metric after every epoch.

    Raises:
        ValueError: a ``plateau`` is not told what to observe, or there is none.
    """
    measured = any(s.meters for s in getattr(scheduler, "schedules", {}).values())
    if measured and monitor is None:
        raise ValueError(
            'a plateau has to observe a metric: pass monitor="val_loss", or the name of what is'
            " logged; or pass monitor=False and call `scheduler.observe` in a hook of the module"
        )
    if monitor and not measured:
        raise ValueError(f"no part of this schedule is driven by a metric such as {monitor!r}")
    stepped = {"scheduler": scheduler, "interval": "step", "frequency": 1}
    if not monitor:
        return {"optimizer": scheduler.optimizer, "lr_scheduler": stepped}
    from lrdsl.integrations.metric_observer import Observer

    observed = {
        "scheduler": Observer(scheduler),
        "interval": "epoch",
        "frequency": 1,
        "monitor": monitor,
        "reduce_on_plateau": True,  # the only schedulers to which Lightning gives a metric
    }
    return [scheduler.optimizer], [stepped, observed]
