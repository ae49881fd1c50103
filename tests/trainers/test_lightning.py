"""Lightning: the dictionary for `configure_optimizers`, and a run that is taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from torch.utils.data import DataLoader

import lrdsl
from tests.trainers.training import TEXT, Rates, Rows, batches, model, optimizer, wanted

# Lightning 2.6 asks torch for what torch 2.13 has renamed.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:`isinstance\(treespec, LeafSpec\)` is deprecated:FutureWarning"
)


class Module(lightning.LightningModule):
    """The small model, as Lightning trains it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = model()

    def training_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
        loss: torch.Tensor = self.layers(batch).square().mean()
        return loss

    def configure_optimizers(self) -> dict[str, Any]:
        self.driven = optimizer(self.layers)
        return lrdsl.lightning(lrdsl.compile(TEXT, self.driven))


def fit(folder: Path, epochs: int, *, resume: Path | None = None, **options: Any) -> Rates:
    """Trains for epochs of eight batches, and says which rates were used."""
    module = Module()
    trainer = lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        default_root_dir=folder,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )
    trainer.fit(module, DataLoader(Rows(batches(8)), batch_size=None), ckpt_path=resume)
    trainer.save_checkpoint(folder / "last.ckpt")
    return module.driven.used


def test_it_steps_after_every_update(tmp_path: Path) -> None:
    assert fit(tmp_path, 2) == wanted(16)


def test_accumulated_batches_make_one_update(tmp_path: Path) -> None:
    assert fit(tmp_path, 4, accumulate_grad_batches=2) == wanted(16)


def test_a_run_taken_up_again_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = fit(tmp_path, 3)
    assert fit(tmp_path, 1) == whole[:8]
    assert fit(tmp_path, 3, resume=tmp_path / "last.ckpt") == whole[8:] == wanted(16, first=8)


def test_what_lightning_would_do_without_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It steps once an epoch: the tests above would notice a dictionary without the interval."""

    def untold(self: Module) -> dict[str, Any]:
        self.driven = optimizer(self.layers)
        return {"optimizer": self.driven, "lr_scheduler": lrdsl.compile(TEXT, self.driven)}

    monkeypatch.setattr(Module, "configure_optimizers", untold)
    assert fit(tmp_path, 2) == [rates for rates in wanted(2) for _ in range(8)]
