"""The Trainer of transformers: a scheduler given to it, and a run that is taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

import lrdsl
from tests.trainers.training import BASES, TEXT, Rates, WithLoss, batches, optimizer, wanted

EVERY = 4
METERED = "warmup(3) >> const * plateau(0.5, patience = 1)"
LOSSES = (3.0, 2.0, 2.0, 2.0, 1.0)


class Observing(TrainerCallback):
    """The callback of the documentation, with losses that are known."""

    def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        assert "eval_loss" in kwargs["metrics"]
        kwargs["lr_scheduler"].observe(LOSSES[state.global_step // EVERY - 1])


def train(
    folder: Path, updates: int, *, text: str = TEXT, resume: Path | None = None, **options: Any
) -> Rates:
    """Trains for some updates and says which rates were used; five of them make an epoch."""
    made = WithLoss()
    driven = optimizer(made.layers)
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=updates,
        per_device_train_batch_size=2,
        save_strategy="steps",
        save_steps=EVERY,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
        **options,
    )
    count = 5 * arguments.gradient_accumulation_steps
    examples = [{"inputs": row, "labels": 0.0} for row in batches(count).flatten(0, 1)]
    trainer = Trainer(
        model=made,
        args=arguments,
        train_dataset=examples,
        eval_dataset=examples,
        callbacks=[Observing()] if "eval_steps" in options else [],
        optimizers=(driven, lrdsl.compile(text, driven)),
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


def test_a_plateau_observes_what_is_evaluated_and_is_taken_up_again(tmp_path: Path) -> None:
    evaluated: dict[str, Any] = {"text": METERED, "eval_strategy": "steps", "eval_steps": EVERY}
    whole = train(tmp_path, 20, **evaluated)
    assert {rates[0] / BASES[0] for rates in whole[3:16]} == {1}
    assert {rates[0] / BASES[0] for rates in whole[16:]} == {0.5}
    for after in (8, 12, 16):
        checkpoint = tmp_path / f"checkpoint-{after}"
        assert train(tmp_path, 20, resume=checkpoint, **evaluated) == whole[after:]
