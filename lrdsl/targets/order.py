"""Whether the optimizer was stepped before the scheduler, as torch asks once a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch.optim import Optimizer

# Set by the wrapper that torch's LRScheduler puts around `optimizer.step`. There is no public way
# to know: public step hooks are left out once torch.compile has been used in the process.
_WRAPPED, _CALLED = "_wrapped_by_lr_sched", "_opt_called"

MESSAGE = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. The first value of the"
    " schedule is skipped: call `optimizer.step()` first, and `lr_scheduler.step()` after it"
)


def is_reversed(optimizer: Optimizer) -> bool:
    """Whether no update was made yet, though the scheduler is stepped.

    An update that a ``GradScaler`` left out is no mistake: the gradients then are not finite. Where
    ``optimizer.step`` was replaced, the order cannot be known.
    """
    if not hasattr(optimizer.step, _WRAPPED) or getattr(optimizer, _CALLED, False):
        return False
    gradients = (
        p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None
    )
    return all(map(_is_finite, gradients))


def _is_finite(gradient: torch.Tensor) -> bool:
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    return bool(torch.isfinite(values).all())
