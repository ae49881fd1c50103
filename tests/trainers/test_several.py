"""Several optimizers in Lightning, which asks for manual optimization then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader

import lrdsl
from lrdsl.lightning_callback import ScheduleCallback
from tests.trainers.training import Rates, Remembering, Rows, batches

pytestmark = [
    # Lightning 2.6 asks torch for what torch 2.13 has renamed.
    pytest.mark.filterwarnings(
        r"ignore:`isinstance\(treespec, LeafSpec\)` is deprecated:FutureWarning"
    ),
    # Its advice for larger runs, which depends on the machine.
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers"),
    pytest.mark.filterwarnings("ignore:GPU available but not used"),
    # A run that is taken up again writes to the folder of the first.
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty"),
]

BATCHES, CRITICS = 8, 4
TEXT = """
lr["g"]: warmup(2) >> until(signal("cool"), const) >> linear(4, prev, 0)
lr["d"]: linear(40, base, base / 4) * plateau(0.5, patience = 0)
"""


class Gan(lightning.LightningModule):
    """A generator that is updated after every fourth update of its critic."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.way = way
        self.g, self.d = nn.Linear(4, 4), nn.Linear(4, 1)

    def configure_optimizers(self) -> Any:
        g = Remembering(self.g.parameters(), lr=0.1)
        d = Remembering(self.d.parameters(), lr=0.4)
        self.driven = g, d
        self.scheduler = lrdsl.compile(TEXT, {"g": g, "d": d})
        return lrdsl.lightning(self.scheduler, monitor=False)

    def training_step(self, batch: torch.Tensor, index: int) -> None:
        g, d = self.optimizers()
        d.zero_grad()
        self.manual_backward(self.d(self.g(batch).detach()).mean() - self.d(batch).mean())
        d.step()
        self.go_on("d")
        if (index + 1) % CRITICS == 0:
            g.zero_grad()
            self.manual_backward(-self.d(self.g(batch)).mean())
            g.step()
            self.go_on("g")

    def go_on(self, name: str) -> None:
        if self.way == "only":
            self.scheduler.step(only=name)
        else:  # what Lightning has of them
            self.lr_schedulers()[["g", "d"].index(name)].step()

    def on_train_epoch_end(self) -> None:
        self.scheduler.schedulers["d"].observe(1.0 + self.current_epoch)
        if self.current_epoch == 1:
            self.scheduler.signal("cool")


def fit(
    folder: Path, epochs: int, way: str, resume: Path | None = None, kind: type[Gan] = Gan
) -> tuple[Rates, Rates]:
    module = kind(way)
    trainer = lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[ModelCheckpoint(folder, "{epoch}", save_top_k=-1, save_on_train_epoch_end=True)],
    )
    trainer.fit(module, DataLoader(Rows(batches(BATCHES)), batch_size=None), ckpt_path=resume)
    g, d = module.driven
    return g.used, d.used


@pytest.mark.parametrize("way", ["only", "lightning"])
def test_a_gan_has_the_rates_of_its_text_and_resumes(tmp_path: Path, way: str) -> None:
    """The reference is a list written by hand: two updates of `g` an epoch, eight of `d`."""
    g, d = fit(tmp_path, 4, way)
    assert [rate for (rate,) in g] == pytest.approx([0, 0.05, 0.1, 0.1, 0.1, 0.075, 0.05, 0.025])
    curve = [0.4 - 0.3 * t / 40 for t in range(32)]
    halved = [0.5 ** max(t // 8 - 1, 0) for t in range(32)]
    assert [rate for (rate,) in d] == pytest.approx(
        [a * b for a, b in zip(curve, halved, strict=True)]
    )
    for epoch in range(3):
        again = fit(tmp_path, 4, way, tmp_path / f"epoch={epoch}.ckpt")
        assert again == (g[2 * (epoch + 1) :], d[8 * (epoch + 1) :])


def test_the_states_of_the_two_are_not_mixed_up(tmp_path: Path) -> None:
    class Swapped(Gan):
        def configure_optimizers(self) -> Any:
            optimizers, schedulers = super().configure_optimizers()
            return optimizers[::-1], schedulers[::-1]

        def optimizers(self, *_: Any) -> Any:
            return super().optimizers()[::-1]

    fit(tmp_path, 1, "only")
    with pytest.raises(ValueError, match='of the optimizer "g", not of "d"'):
        fit(tmp_path, 2, "only", tmp_path / "epoch=0.ckpt", kind=Swapped)


class Metered(Gan):
    """A schedule for each optimizer; one of them observes a metric."""

    def configure_optimizers(self) -> Any:
        g = Remembering(self.g.parameters(), lr=0.1)
        d = Remembering(self.d.parameters(), lr=0.4)
        self.driven = g, d
        one = lrdsl.compile("warmup(2) >> const", g)
        other = lrdsl.compile("const * plateau(0.5, patience = 0)", d)
        return lrdsl.lightning(one, other, monitor={other: "val_loss"})

    def go_on(self, name: str) -> None:
        self.lr_schedulers()[["g", "d"].index(name)].step()

    def on_train_epoch_end(self) -> None:
        pass

    def training_step(self, batch: torch.Tensor, index: int) -> None:
        super().training_step(batch, index)
        self.log("val_loss", 1.0 + self.current_epoch, on_step=False, on_epoch=True)


def train(folder: Path, *callbacks: Any, resume: Path | None = None) -> tuple[Gan, Path]:
    module = Metered("lightning")
    logger = CSVLogger(folder)
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        devices=1,
        logger=logger,
        log_every_n_steps=1,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[
            *callbacks,
            LearningRateMonitor("step"),
            ModelCheckpoint(folder, "{epoch}", save_top_k=-1, save_on_train_epoch_end=True),
        ],
    )
    trainer.fit(module, DataLoader(Rows(batches(BATCHES)), batch_size=None), ckpt_path=resume)
    return module, Path(logger.log_dir) / "metrics.csv"


def test_a_schedule_for_each_optimizer_and_one_metric(tmp_path: Path) -> None:
    """The reference is written by hand. The rate of each is logged once."""
    module, log = train(tmp_path, ScheduleCallback())
    g, d = ([rate for (rate,) in one.used] for one in module.driven)
    assert g == pytest.approx([0, 0.05, 0.1, 0.1, 0.1, 0.1])
    assert d == [0.4] * 16 + [0.2] * 8
    columns = log.read_text("utf-8").splitlines()[0].split(",")
    assert [one for one in columns if one.startswith("lr-")] == [
        "lr-Remembering",
        "lr-Remembering-1",
    ]
    again, _ = train(tmp_path, ScheduleCallback(), resume=tmp_path / "epoch=1.ckpt")
    assert [rate for (rate,) in again.driven[1].used] == [0.2] * 8


def test_a_metric_that_nothing_passes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ScheduleCallback"):
        train(tmp_path)
