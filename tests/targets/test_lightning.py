"""The dictionary for Lightning; tests/trainers/test_lightning.py trains with it."""

from __future__ import annotations

import pytest
from torch.optim.lr_scheduler import LRScheduler

import lrdsl
from tests.targets.driving import optimizer


@pytest.mark.parametrize("target", ["lambda", "sequential"])
def test_it_names_the_optimizer_and_steps_after_every_update(target: str) -> None:
    driven = optimizer(0.1)
    scheduler: LRScheduler = lrdsl.compile("warmup(5) >> cosine(20)", driven, target=target)  # type: ignore[call-overload]
    assert lrdsl.lightning(scheduler) == {
        "optimizer": driven,
        "lr_scheduler": {"scheduler": scheduler, "interval": "step", "frequency": 1},
    }
