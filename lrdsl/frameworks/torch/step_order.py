"""Whether the optimizer was stepped before the scheduler, as torch asks once a run."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch.optim import Optimizer

MESSAGE = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. The first value of the"
    " schedule is skipped: call `optimizer.step()` first, and `lr_scheduler.step()` after it"
)


class Order:
    """Notes whether an optimizer makes an update, until it is asked.

    Args:
        optimizer: the optimizer.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        seen = self._seen = {"update": False}

        def stepped(*_: object) -> None:
            seen["update"] = True

        self._handle = None
        # A wrapper may be an Optimizer by name only, and have no place for hooks.
        with suppress(AttributeError):
            self._handle = optimizer.register_step_post_hook(stepped)

    def is_reversed(self, optimizer: Optimizer) -> bool:
        """Whether no update was made yet, though the scheduler is stepped; asked once.

        An update that a ``GradScaler`` left out is no mistake: the gradients then are not finite.

        Args:
            optimizer: the optimizer.
        """
        if self._handle is None:
            return False
        self._handle.remove()
        self._handle = None
        groups = optimizer.param_groups
        gradients = (p.grad for group in groups for p in group["params"] if p.grad is not None)
        return not self._seen["update"] and all(map(_is_finite, gradients))


def _is_finite(gradient: torch.Tensor) -> bool:
    values = gradient.coalesce().values() if gradient.is_sparse else gradient
    return bool(torch.isfinite(values).all())
