"""What Lightning is told about a scheduler; Lightning itself is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler


def lightning(scheduler: LRScheduler) -> dict[str, Any]:
    """What ``configure_optimizers`` of a ``LightningModule`` returns.

    Lightning steps a scheduler once an epoch unless it is told otherwise. A schedule counts
    updates, so it is told to step this one after every update; a batch whose gradients are only
    accumulated is none.

    Args:
        scheduler: what :func:`lrdsl.compile` returned.

    Returns:
        The optimizer, and the scheduler with its ``interval`` and ``frequency``.
    """
    stepped = {"scheduler": scheduler, "interval": "step", "frequency": 1}
    return {"optimizer": scheduler.optimizer, "lr_scheduler": stepped}
