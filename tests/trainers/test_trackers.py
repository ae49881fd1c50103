"""``lrdsl.log`` and ``as_dict`` in TensorBoard, MLflow and Lightning: written, read, compared.

The numbers to be found are those that the updates used, noted by a hook of the optimizer.
W&B is in test_docs.py, in a process of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning
import mlflow
import pytest
import torch
from accelerate import Accelerator
from lightning.pytorch.loggers import CSVLogger
from torch.optim import AdamW, Optimizer
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter

import lrdsl
from tests.trainers.kept import Kept, Numbers, by_lightning, by_mlflow, by_tensorboard
from tests.trainers.test_lightning import pytestmark as of_lightning
from tests.trainers.training import Rows, batches, model

pytestmark = [
    *of_lightning,
    # Of MLflow: what it asks SQLAlchemy for is on its way out.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]

# Groups with and without a name, several targets, a scalar, and a metric that reduces.
RATE = "warmup(warm) >> cosine(10, peak)"
TEXT = f"""
param peak = 0.4
param warm = 2st
lr: ({RATE}) * plateau(0.5, patience = 0)
lr["body.0"]: linear(12)
momentum: linear(12, 0.8, 0.9)
scalar kl_weight: linear(12, 0, 1)
"""
PARAMS = {"peak": 0.3}
LOSSES = (3.0, 2.0, 2.5, 2.6, 2.0, 1.0)


class Run:
    """A run under the text, and what its updates used.

    Attributes:
        scheduler: the scheduler.
        used: the numbers of each update, by name.
    """

    def __init__(self) -> None:
        layers = model()
        groups: list[dict[str, Any]] = [
            {"params": layers[0].parameters(), "name": "body.0"},
            {"params": [layers[2].weight], "name": "head"},
            {"params": [layers[2].bias]},
        ]
        self.layers = layers
        self.used: Numbers = {}
        optimizer = AdamW(groups, lr=0.1)
        self.scheduler = lrdsl.compile(TEXT, optimizer, params=PARAMS)
        optimizer.register_step_pre_hook(self._note)

    def _note(self, optimizer: Optimizer, *_: object) -> None:
        update = self.scheduler.last_epoch
        for name, group in zip(("body.0", "head", "2"), optimizer.param_groups, strict=True):
            self._keep(f"lr/{name}", update, group["lr"])
            self._keep(f"momentum/{name}", update, group["betas"][0])
        self._keep("kl_weight", update, update / 12)
        unreduced = lrdsl.parse(RATE.replace("warm)", "2)").replace("peak", "0.3")).resolve()
        rate = unreduced(update)
        self._keep("plateau", update, optimizer.param_groups[1]["lr"] / rate if rate else 1.0)

    def _keep(self, name: str, update: int, value: float) -> None:
        self.used.setdefault(name, {})[update] = float(value)

    def updates(self) -> Iterator[int]:
        """Makes the updates; each is yielded before the scheduler goes on."""
        for update, loss in enumerate(LOSSES):
            self.scheduler.optimizer.step()
            yield update
            self.scheduler.step(loss)


def in_tensorboard(run: Run, folder: Path) -> Kept:
    with SummaryWriter(str(folder)) as writer:
        writer.add_text("schedule", json.dumps(run.scheduler.schedules.as_dict()))
        for step in run.updates():
            for name, value in lrdsl.log(run.scheduler).items():
                writer.add_scalar(name, value, step)
    return by_tensorboard(folder)


def in_mlflow(run: Run, folder: Path) -> Kept:
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = mlflow.create_experiment("digits", artifact_location=folder.as_uri())
    with mlflow.start_run(experiment_id=experiment) as kept:
        mlflow.log_dict(run.scheduler.schedules.as_dict(), "schedule.json")
        for step in run.updates():
            mlflow.log_metrics(lrdsl.log(run.scheduler), step=step)
    return by_mlflow(kept.info.run_id)


class Module(lightning.LightningModule):
    """The run, as Lightning trains it."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run, self.layers = run, run.layers

    def training_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
        self.log_dict(lrdsl.log(self.lr_schedulers()))
        loss: torch.Tensor = self.layers(batch).square().mean()
        return loss

    def on_train_batch_end(self, outputs: Any, batch: torch.Tensor, index: int) -> None:
        self.run.scheduler.observe(LOSSES[index])

    def configure_optimizers(self) -> Any:
        self.logger.log_hyperparams({"schedule": self.run.scheduler.schedules.as_dict()})
        return lrdsl.lightning(self.run.scheduler, monitor=False)


def in_lightning(run: Run, folder: Path) -> Kept:
    trainer = lightning.Trainer(
        max_epochs=1,
        accelerator="cpu",
        devices=1,
        logger=CSVLogger(folder),
        log_every_n_steps=1,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(Module(run), DataLoader(Rows(batches(len(LOSSES))), batch_size=None))
    return by_lightning(folder)


# How exactly each keeps a number: those that keep float32 are named by its precision.
TRACKERS: dict[str, tuple[Callable[[Run, Path], Kept], float]] = {
    "TensorBoard": (in_tensorboard, 2**-24),
    "MLflow": (in_mlflow, 0.0),
    "Lightning": (in_lightning, 2**-24),
}


@pytest.mark.parametrize("name", TRACKERS)
def test_a_tracker_keeps_what_the_updates_used(name: str, tmp_path: Path) -> None:
    run = Run()
    track, precision = TRACKERS[name]
    config, numbers = track(run, tmp_path)
    assert set(numbers) == set(run.used)
    assert len(set(run.used["plateau"].values())) > 1
    for label, used in run.used.items():
        assert numbers[label] == pytest.approx(used, rel=precision, abs=0), label
    again = lrdsl.parse(config["text"]).resolve_all(**config["run"])
    assert again == run.scheduler.schedules
    assert config == again.as_dict()
    assert config["params"] == {"peak": 0.3, "warm": "2st"}


def test_what_accelerate_has_wrapped() -> None:
    run = Run()
    wrapped = Accelerator(cpu=True).prepare(run.scheduler)
    assert type(wrapped).__module__ == "accelerate.scheduler"
    assert lrdsl.log(wrapped) == lrdsl.log(run.scheduler)
