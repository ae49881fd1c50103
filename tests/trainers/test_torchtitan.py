"""torchtitan: its containers of optimizers and schedulers, built and saved as its trainer does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torchtitan.components.optimizer import (
    LRSchedulersContainer,
    OptimizersContainer,
    ParamGroupConfig,
)

import lrdsl
from tests.blocks import blocks
from tests.trainers.training import BASES, TEXT, Rates, wanted

# It has no processes here; and torchtitan asks a LambdaLR for rates that torch warns of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:torch.distributed is disabled:UserWarning"),
    pytest.mark.filterwarnings("ignore:To get the last learning rate:UserWarning"),
]
(BLOCK,) = (block for block in blocks("python") if block.mark == "trainer: torchtitan")
PAGE: dict[str, Any] = {"__name__": __name__}
exec(compile(BLOCK.text, BLOCK.place, "exec", dont_inherit=True), PAGE)
HELD = f"{TEXT} >> const"
CHANGED = "warmup(3) >> cosine(10, base, base / 2) >> const"


class Run:
    """What torchtitan's trainer makes of its config, without the model's parallelism.

    Attributes:
        used: the rates of each update, in the order of `BASES`.
    """

    def __init__(self, config: Any, parts: int = 2) -> None:
        self.parts = [nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1)) for _ in range(parts)]
        groups = [
            ParamGroupConfig(pattern=pattern, optimizer_name=name, optimizer_kwargs={"lr": base})
            for pattern, name, base in zip(
                (r"weight", r".*"), ("AdamW", "Adam"), BASES, strict=True
            )
        ]
        optimizers = OptimizersContainer.Config(param_groups=groups, implementation="foreach")
        self.optimizers = optimizers.build(model_parts=self.parts)
        self.lr_schedulers = config.build(optimizers=self.optimizers, training_steps=20)
        self.used: Rates = []

    def train(self, updates: int) -> Rates:
        """The rates of some updates, once it is known that all parts have the same."""
        for _ in range(updates):
            self.optimizers.zero_grad()
            for part in self.parts:
                part(torch.ones(2, 4)).square().mean().backward()
            rates = [one.param_groups[0]["lr"] for one in self.optimizers]
            assert rates == rates[:2] * len(self.parts)
            self.used.append((rates[0], rates[1]))
            self.optimizers.step()
            self.lr_schedulers.step()
        return self.used[-updates:]

    def states(self, *, first: str) -> dict[str, Any]:
        """What its checkpoint is made of, in one of both orders."""
        found = {"optimizer": self.optimizers, "lr_scheduler": self.lr_schedulers}
        return {first: found.pop(first)} | found


class WithFactor(LRSchedulersContainer.Config):
    """The container as it is, with a factor."""

    def build(self, *, optimizers: Any, training_steps: int) -> Any:
        return LRSchedulersContainer(optimizers, lrdsl.parse(TEXT).resolve().factor(BASES[0]))


def config(source: str = HELD) -> Any:
    return PAGE["ScheduleConfig"](source=source)


def test_every_update_has_its_rate() -> None:
    run = Run(config())
    assert [type(one).__name__ for one in run.optimizers] == ["AdamW", "Adam"] * 2
    assert run.train(20) == wanted(20)
    assert len(run.lr_schedulers) == 4
    assert run.lr_schedulers.get_metrics() == dict(
        zip(("lr/AdamW", "lr/Adam"), wanted(1, first=20)[0], strict=True)
    )


@pytest.mark.parametrize("first", ["optimizer", "lr_scheduler"])
def test_a_checkpoint_goes_on_in_any_order(first: str, tmp_path: Path) -> None:
    run = Run(config())
    run.train(8)
    assert run.lr_schedulers.state_dict() == {"last_epoch": 8}
    save(run.states(first="optimizer"), checkpoint_id=tmp_path)
    for parts, text in ((2, HELD), (3, CHANGED)):
        resumed = Run(config(text), parts)
        load(resumed.states(first=first), checkpoint_id=tmp_path)
        assert resumed.train(12) == wanted(12, first=8, text=text)


def test_its_own_container_takes_a_factor(tmp_path: Path) -> None:
    run = Run(WithFactor())
    run.train(8)
    save(run.states(first="optimizer"), checkpoint_id=tmp_path)
    resumed = Run(WithFactor())
    load(resumed.states(first="optimizer"), checkpoint_id=tmp_path)
    for used in (run.train(12), resumed.train(12)):
        for rates, expected in zip(used, wanted(12, first=8), strict=True):
            assert rates == pytest.approx(expected, rel=1e-15)
