"""LightningCLI with a config alone: the scheduler is a class, and a callback sets its interval."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
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


BASE = [
    "fit",
    "--seed_everything=0",
    "--trainer.max_epochs=3",
    "--trainer.accelerator=cpu",
    "--trainer.devices=1",
    "--trainer.logger=false",
    "--trainer.enable_progress_bar=false",
    "--trainer.enable_model_summary=false",
]


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
            *BASE,
            "--optimizer=SGD",
            "--optimizer.lr=0.1",
            "--lr_scheduler=lrdsl.ScheduleLR",
            f"--lr_scheduler.source={text}",
            f"--trainer.max_epochs={epochs}",
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


def found_in(folder: Path, text: str, *arguments: str, epochs: int = 3) -> list[str]:
    """The codes of what a run warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", lrdsl.LrsWarning)
        fit(folder, text, CALLBACK, *arguments, epochs=epochs)
    found = [one.message for one in caught]
    return [one.diagnostic.code for one in found if isinstance(one, lrdsl.LrsWarning)]


def test_what_is_wrong_in_a_run_of_this_length_is_said_once(tmp_path: Path) -> None:
    text = "warmup(4) >> cosine(16)"
    assert found_in(tmp_path, text) == ["LRS605"]
    assert found_in(tmp_path, text) == []
    assert found_in(tmp_path, "warmup(4) >> cosine(17)", "--lr_scheduler.total=30") == ["LRS605"]
    assert found_in(tmp_path, "warmup(4) >> cosine(26)") == []


def test_a_schedule_of_epochs_is_looked_at_in_epochs(tmp_path: Path) -> None:
    by_epoch = "--lr_scheduler.steps_per_epoch=1"
    assert found_in(tmp_path, "cosine(4ep)", by_epoch, epochs=4) == []
    assert found_in(tmp_path, "cosine(2ep)", by_epoch, epochs=4) == ["LRS605"]


def test_the_scheduler_says_what_becomes_of_findings(tmp_path: Path) -> None:
    assert found_in(tmp_path, "warmup(4) >> cosine(18)", "--lr_scheduler.lint=off") == []
    with pytest.raises(lrdsl.LrsError, match="LRS605"):
        fit(tmp_path, "warmup(4) >> cosine(18)", CALLBACK, "--lr_scheduler.lint=error")


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
    ("text", "arguments", "run", "updates"),
    [
        ("warmup(25%) >> cosine", ["--trainer.max_steps=10"], {"total": 10}, 10),
        ("warmup(25%) >> cosine", ["--trainer.accumulate_grad_batches=3"], {"total": 8}, 8),
        ("warmup(1ep) >> cosine(1ep)", [], {"steps_per_epoch": 10}, 20),
        ("warmup(1ep) >> cosine", [], {"total": 20, "steps_per_epoch": 10}, 20),
        # What is said of the run is not taken from the trainer.
        ("warmup(25%) >> cosine", ["--lr_scheduler.total=3ep"], {"total": 30}, 20),
    ],
)
def test_the_trainer_says_how_long_the_run_is(
    tmp_path: Path, text: str, arguments: list[str], run: dict[str, Any], updates: int
) -> None:
    found = fit(tmp_path, text, CALLBACK, *arguments, epochs=2)
    assert found == wanted(text, updates, **run)


def test_the_text_says_it_before_the_trainer(tmp_path: Path) -> None:
    found = fit(tmp_path, "run total = 3ep warmup(25%) >> cosine(rest)", CALLBACK, epochs=2)
    assert found == wanted("warmup(25%) >> cosine", 20, total=30)


def test_such_a_run_is_taken_up_again(tmp_path: Path) -> None:
    text = "warmup(10%) >> cosine"
    at = [CALLBACK, *CHECKPOINTS, f"--trainer.callbacks.dirpath={tmp_path}"]
    assert fit(tmp_path, text, *at) == wanted(text, 30, total=30)
    resumed = fit(tmp_path, text, *at, f"--ckpt_path={tmp_path / 'epoch=0.ckpt'}")
    assert resumed == wanted(text, 30, total=30)[10:]


def test_a_schedule_of_epochs_gets_their_number(tmp_path: Path) -> None:
    found = fit(tmp_path, "linear", "--lr_scheduler.steps_per_epoch=1", CALLBACK)
    assert found == [rate for rate in wanted("linear(3)", 3) for _ in range(10)]


@pytest.mark.parametrize(
    ("text", "arguments", "slug", "missing"),
    [
        ("cosine", [], "missing-length", "`--lr_scheduler.total`"),
        ("cosine(90%)", [], "unresolved-unit", "`--lr_scheduler.total`"),
        ("cosine(2ep)", [], "unresolved-unit", "`--lr_scheduler.steps_per_epoch`"),
    ],
)
def test_without_the_callback_the_first_update_is_refused(
    tmp_path: Path, text: str, arguments: list[str], slug: str, missing: str
) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        fit(tmp_path, text, *arguments)
    (found,) = caught.value.diagnostics
    assert found.slug == slug
    assert CALLBACK in found.help
    assert missing in found.help


def test_a_resumed_run_is_refused_before_its_first_update(tmp_path: Path) -> None:
    at = [*CHECKPOINTS, f"--trainer.callbacks.dirpath={tmp_path}"]
    fit(tmp_path, TEXT, CALLBACK, "--lr_scheduler.lint=off", *at, epochs=1)
    with pytest.raises(lrdsl.LrsError, match="`cosine` needs a length"):
        fit(tmp_path, "warmup(5) >> cosine", *at, f"--ckpt_path={tmp_path / 'epoch=0.ckpt'}")


def test_a_run_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(lrdsl.LrsError, match=r"set `--trainer\.max_steps`; or pass"):
        fit(tmp_path, "cosine", CALLBACK, epochs=-1)


def test_what_no_trainer_says_is_missed_at_once(tmp_path: Path) -> None:
    with pytest.raises(lrdsl.LrsError, match="how many `tok` one step takes") as caught:
        fit(tmp_path, "warmup(5tok) >> cosine", CALLBACK)
    assert "--trainer" not in str(caught.value)


class Injected(Module):
    """Takes its scheduler from the config and makes it itself."""

    def __init__(
        self,
        scheduler: Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler],
    ) -> None:
        super().__init__()
        self.scheduler = scheduler

    def configure_optimizers(self) -> Any:
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        return [optimizer], [self.scheduler(optimizer)]


def test_a_module_that_takes_a_scheduler(tmp_path: Path) -> None:
    scheduler = ["--model.scheduler=lrdsl.ScheduleLR", "--model.scheduler.source=linear"]
    arguments = [*BASE, f"--trainer.default_root_dir={tmp_path}", *scheduler]
    keep: Any = {"save_config_kwargs": {"overwrite": True}}
    cli = LightningCLI(Injected, args=[*arguments, CALLBACK], **keep)
    assert cli.model.used == wanted("linear", 30, total=30)
    with pytest.raises(lrdsl.LrsError, match="`linear` needs a length"):
        LightningCLI(Injected, args=arguments, **keep)


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
