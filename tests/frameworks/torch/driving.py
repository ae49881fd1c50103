"""Optimizers to drive, and the rates that their updates used."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LRScheduler

Kind = Callable[[list[dict[str, Any]]], Optimizer]


def optimizer(*rates: float | torch.Tensor, kind: Kind = SGD) -> Optimizer:
    """An optimizer with one small group for each rate."""
    return kind([{"params": [parameter()], "lr": rate} for rate in rates])


def parameter() -> torch.nn.Parameter:
    """A parameter with a gradient, so that an update changes it."""
    made = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    made.grad = torch.ones(2, dtype=torch.float64)
    return made


def rates(optimizer: Optimizer) -> list[float]:
    """The rate of every group now."""
    return [float(group["lr"]) for group in optimizer.param_groups]


def drive(scheduler: LRScheduler, updates: int) -> list[list[float]]:
    """The rates that the next updates use: a list for each group."""
    used = []
    for _ in range(updates):
        used.append(rates(scheduler.optimizer))
        scheduler.optimizer.step()
        scheduler.step()
    return [list(column) for column in zip(*used, strict=True)]


def weights(optimizer: Optimizer) -> list[list[float]]:
    """The parameters, which remember every rate that was used."""
    return [p.tolist() for group in optimizer.param_groups for p in group["params"]]


def furthest(found: Sequence[Sequence[float]], wanted: Sequence[Sequence[float]]) -> float:
    """The largest difference between two runs, as a share of the group's peak."""
    return max(_away(ours, theirs) for ours, theirs in zip(found, wanted, strict=True))


def _away(found: Sequence[float], wanted: Sequence[float]) -> float:
    away = max(abs(a - b) for a, b in zip(found, wanted, strict=True))
    return away / max(wanted) if away else 0.0


def snapshot(scheduler: LRScheduler) -> list[object]:
    """All that is to be seen of a scheduler and its optimizer, by value and by identity."""
    optimizer = scheduler.optimizer
    state = {
        name: value.state_dict() if isinstance(value, LRScheduler) else value
        for name, value in scheduler.state_dict().items()
    }
    return [
        {name: id(value) for name, value in scheduler.__dict__.items()},
        repr(state),
        {name: id(value) for name, value in optimizer.__dict__.items()},
        [[(key, id(value)) for key, value in group.items()] for group in optimizer.param_groups],
        repr(optimizer.param_groups),
        repr(optimizer.state),
        [(id(p), p.tolist(), p._version) for g in optimizer.param_groups for p in g["params"]],
        [len(getattr(optimizer, name)) for name in vars(optimizer) if name.endswith("_hooks")],
        scheduler._step_count if hasattr(scheduler, "_step_count") else None,
        torch.get_rng_state().tolist(),
        random.getstate(),
    ]
