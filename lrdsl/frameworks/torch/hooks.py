"""Which optimizer calls the hooks of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.optim import Optimizer


def hooked(optimizer: Optimizer) -> Optimizer | None:
    """The optimizer that calls hooks when it makes an update, or None if there is none.

    A wrapper, such as the one Accelerate prepares, may be an ``Optimizer`` by name only: it has no
    place for hooks, and steps the one that it keeps as ``optimizer``.

    Args:
        optimizer: the optimizer, or a wrapper.
    """
    found: Optimizer | None = optimizer
    while found is not None and not hasattr(found, "_optimizer_step_post_hooks"):
        found = getattr(found, "optimizer", None)
    return found
