"""The schedules of transformers, read where they are alive: functions of a ``LambdaLR``."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import get_scheduler, optimization

import lrdsl


def optimizer() -> torch.optim.Optimizer:
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": rate} for rate in (0.1, 0.02)]
    return torch.optim.SGD(groups, lr=0.1)


def advance(scheduler: Any, updates: int) -> None:
    for _ in range(updates):
        scheduler.optimizer.step()
        scheduler.step()


# A name of `get_scheduler`, what it is told besides a warm-up of 10 and a run of 100, the program.
SCHEDULES: list[tuple[str, dict[str, Any], str]] = [
    ("constant", {}, "const"),
    ("constant_with_warmup", {}, "warmup(10) >> const"),
    ("linear", {}, "warmup(10) >> linear(90)"),
    ("cosine", {}, "warmup(10) >> cosine(90)"),
    ("cosine", {"num_cycles": 1.5}, "warmup(10) >> cosine_waves(90, cycles = 1.5)"),
    # It has the name of the cosine before it, and a rate that the other has not.
    ("cosine_with_min_lr", {"min_lr_rate": 0.1}, "warmup(10) >> cosine(90, end = base * 0.1)"),
    ("cosine_with_restarts", {"num_cycles": 3}, "warmup(10) >> cosine_restarts(90, cycles = 3)"),
    ("polynomial", {"lr_end": 0}, "warmup(10) >> linear(90)"),
    (
        "polynomial",
        {"lr_end": 0.025, "power": 2.0},
        "warmup(10) >> poly(90, end = base * 0.25, power = 2)",
    ),
    ("inverse_sqrt", {"timescale": 30}, "warmup(10) >> inverse_sqrt(30)"),
    (
        "warmup_stable_decay",
        {"num_decay_steps": 40, "min_lr_ratio": 0.1, "decay_type": "1-sqrt"},
        "warmup(10, base * 0.1) >> const(50)"
        " >> cooldown(40, end = base * 0.1, ease = one_minus_sqrt)",
    ),
    (
        "cosine_warmup_with_min_lr",
        {"min_lr_rate": 0.1, "warmup_lr_rate": 0.5},
        # The cosine is a step ahead of the warm-up.
        "warmup(9, base * 0.5) >> cosine(90, end = base * 0.1)",
    ),
    (
        "cosine_warmup_with_min_lr",
        {"min_lr_rate": 0.1},
        "warmup(9, base * 0.1) >> cosine(90, end = base * 0.1)",
    ),
]


@pytest.mark.parametrize(("up", "expected"), [(0, "skip(1, cosine(100))"), (1, "cosine(99)")])
def test_a_cosine_a_step_ahead_with_hardly_any_warm_up(up: int, expected: str) -> None:
    kind = optimization.SchedulerType("cosine_warmup_with_min_lr")
    scheduler = get_scheduler(kind, optimizer(), up, 100, {"min_lr_rate": 0.0})
    advance(scheduler, 20)
    assert str(lrdsl.from_torch(scheduler)).strip() == expected


@pytest.mark.parametrize(("name", "options", "expected"), SCHEDULES)
def test_the_schedule_is_read(name: str, options: dict[str, Any], expected: str) -> None:
    kind = optimization.SchedulerType(name)
    scheduler = get_scheduler(kind, optimizer(), 10, 100, options or None)
    assert str(lrdsl.from_torch(scheduler, steps=100)).strip() == expected
