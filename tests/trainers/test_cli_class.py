"""LightningCLI with a config alone: the scheduler is a class, and a callback sets its interval."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
import yaml
from lightning.pytorch.cli import LightningCLI
from torch import nn

import lrdsl

pytestmark = [
    pytest.mark.filterwarnings(
        r"ignore:`isinstance\(treespec, LeafSpec\)` is deprecated:FutureWarning"
    ),
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:GPU available but not used"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
    # LightningCLI 2.6 calls jsonargparse as earlier versions of it wanted.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CALLBACK = "--trainer.callbacks+=lrdsl.lightning_callback.ScheduleCallback"
CHECKPOINTS = [
    "--trainer.callbacks+=ModelCheckpoint",
    "--trainer.callbacks.filename={epoch}",
    "--trainer.callbacks.save_top_k=-1",
    "--trainer.callbacks.save_on_train_epoch_end=true",
]
TEXT = "warmup(5) >> cosine(25)"
LOSSES = (3.0, 2.0, 2.0, 2.0)


class Module(lightning.LightningModule):
    """Ten batches an epoch, and the rates that the updates used."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 1)
        self.used: list[float] = []

    def train_dataloader(self) -> Any:
        return torch.ones(10, 2, 4)

    def val_dataloader(self) -> Any:
        return torch.ones(1, 2, 4)

    def training_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
        loss: torch.Tensor = self.layer(batch).square().mean()
        return loss

    def validation_step(self, batch: torch.Tensor, index: int) -> None:
        self.log("val_loss", LOSSES[self.current_epoch] + batch.mean() * 0)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        self.used.append(optimizer.param_groups[0]["lr"])


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of pytest itself are none of the command line's."""
    monkeypatch.setattr(sys, "argv", sys.argv[:1])


def fit(folder: Path, text: str, *arguments: str, epochs: int = 3) -> list[float]:
    """Runs the command line, and says which rates were used."""
    cli = LightningCLI(
        Module,
        args=[
            "fit",
            "--seed_everything=0",
            "--optimizer=SGD",
            "--optimizer.lr=0.1",
            "--lr_scheduler=lrdsl.ScheduleLR",
            f"--lr_scheduler.source={text}",
            f"--trainer.max_epochs={epochs}",
            "--trainer.accelerator=cpu",
            "--trainer.devices=1",
            "--trainer.logger=false",
            "--trainer.enable_progress_bar=false",
            "--trainer.enable_model_summary=false",
            f"--trainer.default_root_dir={folder}",
            *arguments,
        ],
        save_config_kwargs={"overwrite": True},
    )
    used: list[float] = cli.model.used
    return used


def wanted(text: str, updates: int, **run: Any) -> list[float]:
    schedule = lrdsl.parse(text).resolve(**run)
    return [schedule(step, base=0.1) for step in range(updates)]


def test_the_callback_steps_after_every_update(tmp_path: Path) -> None:
    text = "warmup(5%) >> cosine"
    found = fit(tmp_path, text, "--lr_scheduler.total=30", CALLBACK)
    assert found == wanted(text, 30, total=30)
    saved = yaml.safe_load((tmp_path / "config.yaml").read_text("utf-8"))["lr_scheduler"]
    assert saved["class_path"] == "lrdsl.ScheduleLR"
    assert (saved["init_args"]["source"], saved["init_args"]["total"]) == (text, 30)


def test_accumulated_batches_make_one_update(tmp_path: Path) -> None:
    found = fit(tmp_path, "linear(15)", CALLBACK, "--trainer.accumulate_grad_batches=2")
    assert found == wanted("linear(15)", 15)


def test_a_run_is_taken_up_again(tmp_path: Path) -> None:
    at = [CALLBACK, *CHECKPOINTS, f"--trainer.callbacks.dirpath={tmp_path}"]
    assert fit(tmp_path, TEXT, *at) == wanted(TEXT, 30)
    for epoch in range(2):
        resumed = fit(tmp_path, TEXT, *at, f"--ckpt_path={tmp_path / f'epoch={epoch}.ckpt'}")
        assert resumed == wanted(TEXT, 30)[10 * (epoch + 1) :]


def test_a_metric_is_observed_every_epoch(tmp_path: Path) -> None:
    text = "const * plateau(0.5, patience = 0)"
    monitor = "--trainer.callbacks.monitor=val_loss"
    found = fit(tmp_path, text, CALLBACK, monitor, epochs=4)
    assert found == [0.1] * 30 + [0.05] * 10


def test_epochs_are_stepped_by_epochs(tmp_path: Path) -> None:
    run = "--lr_scheduler.steps_per_epoch=1"
    found = [rate for rate in wanted("linear(3)", 3) for _ in range(10)]
    assert fit(tmp_path, "linear(3)", run, CALLBACK) == found
    assert fit(tmp_path, "linear(3)", run) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT, "10 updates were made before this step, and the schedule counts updates"),
        ("const * plateau()", "and nothing passes the schedule its metric"),
    ],
)
def test_without_the_callback_the_first_epoch_ends_in_an_error(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        fit(tmp_path, text)
    (found,) = caught.value.diagnostics
    assert found.slug == "too-few-steps"
    assert found.message.startswith("Lightning steps this `lrdsl.ScheduleLR` once per epoch: ")
    assert why in found.message
    assert CALLBACK in found.help


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        ("const * plateau()", [], "^a metric drives this schedule: pass monitor="),
        (TEXT, ["--trainer.callbacks.monitor=val_loss"], "^no part of this schedule is driven"),
        (TEXT, ["--lr_scheduler=ConstantLR"], "^ScheduleCallback found no scheduler of lrdsl"),
    ],
)
def test_what_the_callback_refuses(
    tmp_path: Path, text: str, arguments: list[str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        fit(tmp_path, text, CALLBACK, *arguments)


def test_a_wrong_text_ends_the_command(tmp_path: Path) -> None:
    with pytest.raises(lrdsl.LrsError, match="did you mean `cosine`"):
        fit(tmp_path, "warmup(5) >> cosin(20)", CALLBACK)
