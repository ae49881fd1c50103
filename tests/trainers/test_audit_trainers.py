"""Audits of runs of trainers: good ones, and each mistake with the package that it is made with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch.utils.data import DataLoader
from transformers import Trainer, TrainingArguments

from tests.trainers.audited import BASE, TOTAL, WARM, cosine, reasons
from tests.trainers.test_lightning import Module
from tests.trainers.test_transformers import Model
from tests.trainers.training import Rows, batches

# Keras reads it when it is imported.
os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

pytestmark = [
    pytest.mark.filterwarnings(
        r"ignore:`isinstance\(treespec, LeafSpec\)` is deprecated:FutureWarning"
    ),
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:GPU available but not used"),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

# Batches of an epoch.
BATCHES = 20


class Lit(Module):
    """The cosine of transformers, with what Lightning is told of it."""

    interval: Any = None

    def configure_optimizers(self) -> Any:
        self.layers = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 1))
        driven = torch.optim.SGD(self.layers.parameters(), lr=BASE)
        return {
            "optimizer": driven,
            "lr_scheduler": {"scheduler": cosine(driven), **self.interval},
        }


def lit(folder: Path, interval: Any, logger: Any = CSVLogger) -> Path:
    """Trains with Lightning and returns the folder of its log."""
    module = Lit()
    module.interval = interval
    kept = logger(str(folder), name="log")
    trainer = lightning.Trainer(
        max_epochs=TOTAL // BATCHES,
        accelerator="cpu",
        devices=1,
        logger=kept,
        log_every_n_steps=1,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[LearningRateMonitor("step")],
    )
    trainer.fit(module, DataLoader(Rows(batches(BATCHES)), batch_size=None))
    return Path(kept.log_dir)


@pytest.mark.parametrize("logger", [CSVLogger, TensorBoardLogger])
def test_a_good_run_of_lightning(tmp_path: Path, logger: Any) -> None:
    assert not reasons(lit(tmp_path, {"interval": "step"}, logger))


def test_lightning_steps_once_an_epoch(tmp_path: Path) -> None:
    folder = lit(tmp_path, {})
    found = reasons(folder, f"warmup({WARM}) >> cosine({TOTAL - WARM})", steps_per_epoch=BATCHES)
    assert list(found) == ["epoch"]
    assert f"every {BATCHES} updates" in found["epoch"]


def test_lightning_steps_at_another_frequency(tmp_path: Path) -> None:
    found = reasons(lit(tmp_path, {"interval": "step", "frequency": 4}), steps_per_epoch=BATCHES)
    assert list(found) == ["slower"]
    assert "once in 4 updates" in found["slower"]


def hugging(folder: Path, updates: int = TOTAL, warm: int = WARM, **options: Any) -> Path:
    """Trains with transformers, and returns the folder of the run."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=updates,
        warmup_steps=warm,
        learning_rate=BASE,
        lr_scheduler_type="cosine",
        per_device_train_batch_size=2,
        logging_steps=5,
        save_strategy="steps",
        save_steps=updates,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
        **options,
    )
    examples = [{"inputs": row, "labels": 0.0} for row in batches(BATCHES).flatten(0, 1)]
    Trainer(model=Model(), args=arguments, train_dataset=examples).train()
    return folder


def test_a_good_run_of_transformers(tmp_path: Path) -> None:
    assert not reasons(hugging(tmp_path))


def test_transformers_with_another_total(tmp_path: Path) -> None:
    found = reasons(hugging(tmp_path, 150))
    assert list(found) == ["total"]
    assert "a total of 150 updates, not 200" in found["total"]


def test_transformers_without_a_warm_up(tmp_path: Path) -> None:
    assert next(iter(reasons(hugging(tmp_path, warm=0)))) == "warmup"


def test_transformers_with_a_warm_up_in_epochs(tmp_path: Path) -> None:
    """The text says one epoch, and the arguments one update."""
    text = "warmup(1ep) >> cosine"
    found = reasons(hugging(tmp_path, warm=1), text, steps_per_epoch=BATCHES)
    assert "length" in found
    assert "`warmup` took 1 updates, not 20: it was counted in updates" in found["length"]


def kept(folder: Path, rate: Any) -> Path:
    """Trains with Keras, and returns the table of its CSVLogger."""
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(BASE), loss="mse")
    x, y = np.ones((4, 4), "float32"), np.ones((4, 1), "float32")
    callbacks = [
        keras.callbacks.LearningRateScheduler(rate),
        keras.callbacks.CSVLogger(str(folder / "log.csv")),
    ]
    model.fit(x, y, batch_size=2, epochs=20, verbose=0, callbacks=callbacks)
    return folder / "log.csv"


def linear(epochs: int) -> Callable[[int], float]:
    """A warm-up of four epochs, and a linear decay to the end of so many."""
    return lambda epoch: BASE * (epoch / 4 if epoch < 4 else (epochs - epoch) / (epochs - 4))


def test_a_good_run_of_keras(tmp_path: Path) -> None:
    assert not reasons(kept(tmp_path, linear(20)), "warmup(4) >> linear", total=20)


def test_keras_with_another_total(tmp_path: Path) -> None:
    """The function was written for a longer run."""
    found = reasons(kept(tmp_path, linear(30)), "warmup(4) >> linear", total=20)
    assert next(iter(found)) == "total"
    assert "a total of 30 updates, not 20" in found["total"]
