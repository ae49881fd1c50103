"""torch's own schedulers, run for real."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import LRScheduler


def torch_rates(make: Callable[[SGD], LRScheduler], updates: int, base: float) -> list[float]:
    """The rate that each of the first updates of a training uses.

    Args:
        make: makes the scheduler for an optimizer.
        updates: how many.
        base: the rate the optimizer is made with.
    """
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    rates = []
    for _ in range(updates):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates
