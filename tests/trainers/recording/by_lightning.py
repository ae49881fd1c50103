"""Runs of Lightning, with its LearningRateMonitor."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from torch.utils.data import DataLoader

from tests.trainers.recording.loops import cosine
from tests.trainers.recording.recorded import BASE, BATCHES, TOTAL, WARM, Recorded
from tests.trainers.recording.stores import clean_events
from tests.trainers.training import Rows, batches, model


class Module(lightning.LightningModule):
    """The small model, and the cosine of transformers with what Lightning is told of it."""

    def __init__(self, **interval: Any) -> None:
        super().__init__()
        self.layers = model()
        self.interval = interval

    def training_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
        loss: torch.Tensor = self.layers(batch).square().mean()
        return loss

    def configure_optimizers(self) -> Any:
        driven = torch.optim.SGD(self.layers.parameters(), lr=BASE)
        return {"optimizer": driven, "lr_scheduler": {"scheduler": cosine(driven), **self.interval}}


def train(
    folder: Path,
    module: Module,
    logger: Any,
) -> Path:
    """Trains with Lightning, and returns the folder of its log."""
    kept = logger(str(folder), name="log")
    trainer = lightning.Trainer(
        max_steps=TOTAL,
        accelerator="cpu",
        devices=1,
        logger=kept,
        log_every_n_steps=1,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[LearningRateMonitor("step")],
    )
    with warnings.catch_warnings():
        # Its advice for larger runs, and what it asks torch for that torch has renamed.
        warnings.simplefilter("ignore")
        trainer.fit(module, DataLoader(Rows(batches(BATCHES)), batch_size=None))
    return Path(kept.log_dir)


def in_table(path: Path, **interval: Any) -> None:
    """Keeps the table of a CSVLogger."""
    with TemporaryDirectory() as folder:
        found = train(Path(folder), Module(**interval), CSVLogger)
        path.write_bytes((found / "metrics.csv").read_bytes().replace(b"\r\n", b"\n"))


def in_events(path: Path) -> None:
    """Keeps the event file of a TensorBoardLogger."""
    with TemporaryDirectory() as folder:
        found = train(Path(folder), Module(interval="step"), TensorBoardLogger)
        (file,) = found.glob("*tfevents*")
        clean_events(file, path)


BY = ("lightning", "torch", "transformers")
EPOCHS = {"base": BASE, "total": TOTAL, "steps_per_epoch": BATCHES}
RUNS = (
    Recorded("lightning/good.csv", "a good run", partial(in_table, interval="step"), BY),
    Recorded("lightning/good.tfevents", "a good run", in_events, (*BY, "tensorboard")),
    Recorded(
        "lightning/once_an_epoch.csv", "leaves the interval out: once an epoch", in_table, BY,
        "epoch", f"every {BATCHES} updates", schedule=f"warmup({WARM}) >> cosine({TOTAL - WARM})",
        run=EPOCHS,
    ),
    Recorded(
        "lightning/frequency.csv", "has a frequency of 4",
        partial(in_table, interval="step", frequency=4), BY, "slower", "once in 4 updates",
        run=EPOCHS,
    ),
)  # fmt: skip
