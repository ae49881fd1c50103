"""DistributedDataParallel: every process steps a scheduler of its own, and all agree."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import lrdsl
from tests.trainers.processes import COUNT, Runs, in_each
from tests.trainers.training import BASES, TEXT, Rates, batches, model, optimizer, wanted

METERED = "const * plateau(0.5, patience = 1)"
SIGNALED = 'until(signal("cooldown"), const) >> linear(2)'
# Neither of the processes would reduce the rate where the mean does.
LOSSES = [(3.0, 1.0), (2.9, 1.1), (2.8, 1.2), (2.7, 1.3), (2.6, 1.4)]


def train(folder: Path) -> Runs:
    layers = model()
    parallel = DistributedDataParallel(layers)
    driven = optimizer(layers)
    scheduler = lrdsl.compile(TEXT, driven)
    for batch in batches(20)[distributed.get_rank() :: COUNT]:
        driven.zero_grad()
        parallel(batch).square().mean().backward()
        driven.step()
        scheduler.step()
    _assert_equal_everywhere(torch.cat([p.detach().flatten() for p in layers.parameters()]))
    return {"plain": driven.used, "metered": metered(), "signaled": signaled()}


def metered() -> Rates:
    """Each process measures a loss of its own; all of them observe the mean."""
    driven = optimizer(model())
    scheduler = lrdsl.compile(METERED, driven)
    for losses in LOSSES:
        driven.step()
        scheduler.step()
        mean = torch.tensor(losses[distributed.get_rank()])
        distributed.all_reduce(mean)
        scheduler.observe(mean / COUNT)
    return driven.used


def signaled() -> Rates:
    """The first process decides, and tells the others."""
    driven = optimizer(model())
    scheduler = lrdsl.compile(SIGNALED, driven)
    for step in range(8):
        told = torch.tensor([float(step == 3 and not distributed.get_rank())])
        distributed.broadcast(told, src=0)
        if told.item():
            scheduler.signal("cooldown")
        driven.step()
        scheduler.step()
    return driven.used


def _assert_equal_everywhere(weights: torch.Tensor) -> None:
    gathered = [torch.empty_like(weights) for _ in range(COUNT)]
    distributed.all_gather(gathered, weights)
    assert all(torch.equal(other, weights) for other in gathered)


def test_every_process_has_the_same_rates(tmp_path: Path) -> None:
    first, second = in_each(train, tmp_path)
    assert first == second
    assert first["plain"] == wanted(10)
    assert [rates[0] / BASES[0] for rates in first["signaled"]] == [1, 1, 1, 1, 0.5, 0, 0, 0]
    assert [rates[0] / BASES[0] for rates in first["metered"]] == [1, 1, 1, 0.5, 0.5]
