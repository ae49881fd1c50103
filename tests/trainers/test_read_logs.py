"""Logs that the real packages write, read back: each rate is the one that an update was made at."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

os.environ["KERAS_BACKEND"] = "torch"

import keras
import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import LearningRateMonitor
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from transformers import Trainer, TrainingArguments

from lrdsl.logs.read import read
from lrdsl.logs.reader import Wanted
from tests.trainers.training import WithLoss, batches

RATES = [3e-4 / 7 * (step + 1) for step in range(6)]


class Model(lightning.LightningModule):
    """Notes the rates of each update."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = torch.nn.Linear(4, 1), torch.nn.Linear(4, 1)
        self.used: list[list[float]] = []

    def training_step(self, batch: Any, _: int) -> Any:
        loss = (self.a(batch) + self.b(batch)).square().mean()
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> Any:
        groups: Any = [{"params": self.a.parameters()}, {"params": self.b.parameters(), "lr": 1e-4}]
        optimizer = torch.optim.AdamW(groups, lr=3e-4 / 7)
        optimizer.register_step_pre_hook(
            lambda o, *_: self.used.append([group["lr"] for group in o.param_groups])
        )
        scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, 1.0, 10)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": scheduler, "interval": "step"},
        }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("accumulated", [1, 3])
def test_lightning(tmp_path: Path, accumulated: int) -> None:
    model = Model()
    trainer = lightning.Trainer(
        max_steps=6,
        accelerator="cpu",
        logger=[CSVLogger(tmp_path, "csv"), TensorBoardLogger(tmp_path, "tb")],
        log_every_n_steps=1,
        accumulate_grad_batches=accumulated,
        callbacks=[LearningRateMonitor("step", log_momentum=True)],
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    data: Any = torch.ones(64, 4)
    trainer.fit(model, torch.utils.data.DataLoader(data, batch_size=2))
    log = read(tmp_path / "csv", Wanted(metric="loss"))
    (one,) = log.runs
    assert log.system == "Lightning"
    names = ["lr-AdamW/pg1", "lr-AdamW/pg2"]
    assert [(rate.name, rate.group) for rate in one.rates] == [(names[0], 0), (names[1], 1)]
    for group, series in enumerate(one.rates):
        assert [list(leg.steps) for leg in series.legs] == [list(range(6))]
        assert series.values == [rates[group] for rates in model.used]
    events = read(tmp_path / "tb")
    assert events.system == "TensorBoard" and [one.updates for one in events.offsets] == [0]
    first = next(rate for rate in events.runs[0].rates if rate.name == names[0])
    assert first.values == [float(np.float32(rates[0])) for rates in model.used]


@pytest.mark.filterwarnings("ignore")
def test_keras(tmp_path: Path) -> None:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    x, y = np.ones((8, 4), "float32"), np.ones((8, 1), "float32")
    halved = keras.callbacks.LearningRateScheduler(lambda epoch, _: 0.1 * 0.5**epoch)
    path = tmp_path / "log.csv"
    model.fit(
        x, y, validation_data=(x, y), epochs=4, verbose=0,
        callbacks=[halved, keras.callbacks.CSVLogger(str(path))],
    )  # fmt: skip
    log = read(path)
    (series,) = log.runs[0].rates
    assert (log.system, log.axis) == ("Keras", "epoch")
    assert series.values == [float(np.float32(0.1 * 0.5**epoch)) for epoch in range(4)]


def run(folder: Path, script: str, **environment: str) -> None:
    """Runs a script in a folder, in a process of its own, since these packages start threads."""
    code = f"RATES = {RATES!r}\n{script}"
    env = {**os.environ, **environment, "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=folder, env=env, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


WANDB = """
import wandb
for name in ("bold", "calm"):
    run = wandb.init(project="x", name=name)
    for step, rate in enumerate(RATES):
        run.log({"loss": 2.0})
        run.log({"train/learning_rate": rate, "train/global_step": step + 1})
    run.finish()
"""


def test_an_offline_run_of_wandb(tmp_path: Path) -> None:
    run(tmp_path, WANDB)
    log = read(tmp_path)
    (one,) = log.runs
    (series,) = one.rates
    assert (log.system, len(log.beside)) == ("W&B", 1)
    (other,) = read(Path(log.beside[0])).runs
    assert {one.name, other.name} == {"bold", "calm"}
    assert (series.steps, series.values) == ([1, 2, 3, 4, 5, 6], RATES)
    own = read(Path(log.path), Wanted(step="_step")).runs[0].rates[0]
    assert own.steps == [1, 3, 5, 7, 9, 11]


MLFLOW = """
import mlflow
for uri in ("sqlite:///database/mlflow.db", "files/mlruns"):
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("x")
    for name in ("bold", "calm"):
        with mlflow.start_run(run_name=name):
            for step, rate in enumerate(RATES):
                mlflow.log_metric("train/learning_rate", rate, step=step)
                mlflow.log_metric("loss", float("nan"), step=step)
"""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of MLflow of each kind."""
    folder = tmp_path_factory.mktemp("mlflow")
    (folder / "database").mkdir()
    run(folder, MLFLOW, MLFLOW_ALLOW_FILE_STORE="true")
    return folder


@pytest.mark.parametrize("kind", ["database", "files"])
def test_mlflow(stores: Path, kind: str) -> None:
    log = read(stores / kind)
    assert log.system == "MLflow"
    assert sorted(one.name for one in log.runs) == ["bold", "calm"]
    for one in log.runs:
        (series,) = one.rates
        assert (series.name, series.steps) == ("train/learning_rate", list(range(6)))
        assert series.values == RATES


@pytest.mark.parametrize("first", [False, True])
def test_what_transformers_saves_and_prints(tmp_path: Path, first: bool) -> None:
    arguments = TrainingArguments(
        str(tmp_path / "out"), max_steps=12, report_to="none", use_cpu=True, logging_steps=3,
        save_steps=12, logging_first_step=first, learning_rate=3e-4 / 7, warmup_steps=3,
        lr_scheduler_type="cosine", per_device_train_batch_size=2, disable_tqdm=True,
        dataloader_pin_memory=False,
    )  # fmt: skip
    examples = [{"inputs": row, "labels": 0.0} for row in batches(32).flatten(0, 1)]
    with (tmp_path / "printed.log").open("w", encoding="utf-8") as file, redirect_stdout(file):
        Trainer(model=WithLoss(), args=arguments, train_dataset=examples).train()
    saved = read(tmp_path / "out").runs[0].rates[0]
    printed = read(tmp_path / "printed.log", Wanted(logging_steps=3)).runs[0].rates[0]
    assert printed.steps == saved.steps == ([1] if first else []) + [3, 6, 9, 12]
    assert printed.values == [float(f"{rate:.4g}") for rate in saved.values]
    assert str(printed.precision) == "4 significant digits"
