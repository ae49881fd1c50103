"""Adan, an optimizer with three betas: each is driven, and is the one that an update uses."""

from __future__ import annotations

import pytest
import torch
from adan_pytorch import Adan

import lrdsl
from lrdsl import LrsError

# It writes betas as one minus what Adam writes: 0.02 for 0.98.
BETAS = (0.02, 0.08, 0.01)
TEXT = """
lr: warmup(2) >> cosine(6)
momentum: linear(8, base, 0.1)
beta2: const(4) >> linear(4, prev, 0.05)
beta3: linear(8, base, base / 2)
"""


def built() -> tuple[Adan, torch.nn.Parameter]:
    weight = torch.nn.Parameter(torch.ones(3))
    return Adan([weight], lr=0.01, betas=BETAS), weight


def updated(optimizer: Adan, weight: torch.nn.Parameter, step: int) -> None:
    weight.grad = torch.full((3,), 1.0 + step)
    optimizer.step()


def test_three_betas_are_driven() -> None:
    driven, weight = built()
    scheduler = lrdsl.compile(TEXT, driven)
    schedules = lrdsl.parse(TEXT).resolve_all()
    by_hand, twin = built()
    for t in range(8):
        wanted = tuple(
            schedules[key](t, base=base)
            for key, base in zip(("momentum", "beta2", "beta3"), BETAS, strict=True)
        )
        group = by_hand.param_groups[0]
        group["lr"], group["betas"] = schedules["lr"](t, base=0.01), wanted
        assert driven.param_groups[0]["betas"] == wanted
        updated(driven, weight, t)
        updated(by_hand, twin, t)
        assert torch.equal(weight, twin)
        scheduler.step()


def test_a_run_goes_on_from_its_state() -> None:
    driven, weight = built()
    scheduler = lrdsl.compile(TEXT, driven)
    for t in range(5):
        updated(driven, weight, t)
        scheduler.step()
    resumed, _ = built()
    again = lrdsl.compile(TEXT, resumed)
    resumed.load_state_dict(driven.state_dict())
    again.load_state_dict(scheduler.state_dict())
    assert resumed.param_groups[0]["betas"] == driven.param_groups[0]["betas"]
    again.step()
    scheduler.step()
    assert resumed.param_groups[0]["betas"] == driven.param_groups[0]["betas"]


def test_there_is_no_fourth_beta() -> None:
    driven, _ = built()
    with pytest.raises(LrsError, match="momentum, beta1, beta2, beta3"):
        lrdsl.compile("beta4: const", driven)
