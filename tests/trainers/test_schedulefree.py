"""schedulefree: optimizers without a schedule, whose warm-up a schedule can be."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import schedulefree
import torch
from torch.optim import Optimizer

import lrdsl
from tests.trainers.training import batches, model

TEXT = "warmup(4) >> const(4) >> linear(4)"
KINDS = (
    schedulefree.AdamWScheduleFree,
    schedulefree.RAdamScheduleFree,
    schedulefree.SGDScheduleFree,
)
UPDATES = 14


def built(kind: Any) -> tuple[torch.nn.Sequential, Any]:
    layers = model()
    groups = [{"params": layers[0].parameters()}, {"params": layers[2].parameters(), "lr": 0.02}]
    return layers, kind(groups, lr=0.05)


def updated(layers: torch.nn.Sequential, optimizer: Any, batch: torch.Tensor) -> None:
    optimizer.zero_grad()
    layers(batch).square().mean().backward()
    optimizer.step()


def used(optimizer: Optimizer) -> list[float]:
    """Those of the last update, which these optimizers note for logs."""
    return [group["scheduled_lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schedule_drives_the_rate_of_every_update(kind: Any) -> None:
    layers, optimizer = built(kind)
    scheduler = lrdsl.compile(TEXT, optimizer, lint="off")
    twin, by_hand = built(kind)
    schedule = lrdsl.parse(TEXT).resolve()
    for t, batch in enumerate(batches(UPDATES)):
        optimizer.train()
        by_hand.train()
        wanted = [schedule(t, base=base) for base in (0.05, 0.02)]
        for group, rate in zip(by_hand.param_groups, wanted, strict=True):
            group["lr"] = rate
        updated(layers, optimizer, batch)
        updated(twin, by_hand, batch)
        scheduler.step()
        optimizer.eval()
        by_hand.eval()
        assert used(optimizer) == used(by_hand)
        pairs = zip(layers.parameters(), twin.parameters(), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_on_from_its_state(kind: Any) -> None:
    layers, optimizer = built(kind)
    scheduler = lrdsl.compile(TEXT, optimizer, lint="off")
    optimizer.train()
    for batch in batches(6):
        updated(layers, optimizer, batch)
        scheduler.step()
    optimizer.eval()
    again, resumed = built(kind)
    other = lrdsl.compile(TEXT, resumed, lint="off")
    again.load_state_dict(layers.state_dict())
    resumed.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    other.load_state_dict(scheduler.state_dict())
    for one in (optimizer, resumed):
        one.train()
    for batch in batches(4):
        for network, driven, stepped in (
            (layers, optimizer, scheduler),
            (again, resumed, other),
        ):
            updated(network, driven, batch)
            stepped.step()
        assert used(optimizer) == used(resumed)
    pairs = zip(layers.parameters(), again.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
