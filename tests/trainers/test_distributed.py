"""DistributedDataParallel: every process steps a scheduler of its own, and all agree."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

import lrdsl
from tests.trainers.processes import COUNT, Runs, in_each
from tests.trainers.training import TEXT, batches, model, optimizer, wanted


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
    return {"plain": driven.used}


def _assert_equal_everywhere(weights: torch.Tensor) -> None:
    gathered = [torch.empty_like(weights) for _ in range(COUNT)]
    distributed.all_gather(gathered, weights)
    assert all(torch.equal(other, weights) for other in gathered)


def test_every_process_has_the_same_rates(tmp_path: Path) -> None:
    assert in_each(train, tmp_path) == [{"plain": wanted(10)}] * COUNT
