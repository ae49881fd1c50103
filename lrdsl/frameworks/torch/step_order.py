"""Whether the optimizer is stepped before the scheduler, as torch asks once a run."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import torch

from lrdsl.diagnostics.warn import is_first_process, level

if TYPE_CHECKING:
    from torch.optim import Optimizer

# Worded as torch's own, so that what a trainer does about that, it does about this.
MESSAGE = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. The first value of the"
    " schedule is skipped: call `optimizer.step()` first, and `lr_scheduler.step()` after it"
)


def warn_of_order(owner: str) -> None:
    """Warns that the first update comes after the first step.

    Args:
        owner: the name of the optimizer, if it is one of several; or else empty.
    """
    if is_first_process():
        message = f'{MESSAGE}; this is about the optimizer "{owner}"' if owner else MESSAGE
        warnings.warn(message, UserWarning, stacklevel=level())


def has_infinite_gradients(optimizer: Optimizer) -> bool:
    """True if a ``GradScaler`` leaves out the update of these gradients.

    Args:
        optimizer: the optimizer.
    """
    gradients = (p.grad for group in optimizer.param_groups for p in group["params"])
    return not all(_is_finite(gradient) for gradient in gradients if gradient is not None)


def _is_finite(gradient: torch.Tensor) -> bool:
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    return bool(torch.isfinite(values).all())
