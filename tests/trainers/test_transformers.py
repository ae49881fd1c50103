"""The Trainer of transformers: a scheduler given to it, and a run that is taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import Trainer, TrainingArguments

import lrdsl
from tests.trainers.training import TEXT, Rates, batches, model, optimizer, wanted


class Model(nn.Module):
    """The small model, as the Trainer calls it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = model()

    def forward(self, inputs: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": self.layers(inputs).square().mean()}


def train(folder: Path, updates: int, *, resume: Path | None = None, **options: Any) -> Rates:
    """Trains for some updates and says which rates were used; five of them make an epoch."""
    made = Model()
    driven = optimizer(made.layers)
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=updates,
        per_device_train_batch_size=2,
        save_strategy="steps",
        save_steps=8,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
        **options,
    )
    count = 5 * arguments.gradient_accumulation_steps
    trainer = Trainer(
        model=made,
        args=arguments,
        train_dataset=[{"inputs": row} for row in batches(count).flatten(0, 1)],
        optimizers=(driven, lrdsl.compile(TEXT, driven)),
    )
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return driven.used


@pytest.mark.parametrize("accumulated", [1, 3])
def test_every_update_has_its_rate(tmp_path: Path, accumulated: int) -> None:
    assert train(tmp_path, 20, gradient_accumulation_steps=accumulated) == wanted(20)


def test_a_run_taken_up_again_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    """Taken up in the middle of an epoch."""
    assert train(tmp_path, 8) == wanted(8)
    checkpoint = tmp_path / "checkpoint-8"
    assert train(tmp_path, 20, resume=checkpoint) == wanted(12, first=8)
    state = torch.load(checkpoint / "scheduler.pt", weights_only=True)
    assert state["step"] == 8
