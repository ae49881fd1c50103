"""Lightning: the dictionary for `configure_optimizers`, its callbacks, and runs taken up again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import (
    BackboneFinetuning,
    BaseFinetuning,
    ModelCheckpoint,
    StochasticWeightAveraging,
)
from torch.utils.data import DataLoader

import lrdsl
from tests.trainers.training import (
    BASES,
    TEXT,
    Rates,
    Remembering,
    Rows,
    batches,
    model,
    optimizer,
    wanted,
)

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

BATCHES = 8
# A plateau, the losses that it observes after each epoch, and what it makes of them.
METERED = "warmup(3) >> const * plateau(0.5, patience = 1)"
LOSSES = (3.0, 2.0, 2.0, 2.0, 2.0, 1.0)


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


class Monitored(Module):
    """Lightning hands on the metric."""

    monitor: Any = "val_loss"

    def validation_step(self, batch: torch.Tensor, index: int) -> None:
        self.log("val_loss", LOSSES[self.current_epoch] + batch.mean() * 0)

    def configure_optimizers(self) -> Any:
        self.driven = optimizer(self.layers)
        return lrdsl.lightning(lrdsl.compile(METERED, self.driven), monitor=self.monitor)


class Observing(Monitored):
    """The module observes the metric itself, as the documentation has it."""

    monitor = False

    def on_validation_epoch_end(self) -> None:
        if not self.trainer.sanity_checking:
            self.lr_schedulers().observe(self.trainer.callback_metrics["val_loss"])


def fit(
    folder: Path,
    epochs: int,
    kind: type[Module] = Module,
    *,
    resume: Path | None = None,
    callbacks: Iterable[Any] = (),
    **options: Any,
) -> Rates:
    """Trains for epochs of eight batches, and says which rates were used."""
    module = kind()
    trainer = lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=1,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[ModelCheckpoint(folder, "{epoch}", save_top_k=-1), *callbacks],
        **options,
    )
    rows = Rows(batches(BATCHES))
    trainer.fit(
        module,
        DataLoader(rows, batch_size=None),
        DataLoader(rows, batch_size=None) if isinstance(module, Monitored) else None,
        ckpt_path=resume,
    )
    return module.driven.used


def test_it_steps_after_every_update(tmp_path: Path) -> None:
    assert fit(tmp_path, 2) == wanted(16)


def test_accumulated_batches_make_one_update(tmp_path: Path) -> None:
    assert fit(tmp_path, 4, accumulate_grad_batches=2) == wanted(16)


def test_clipped_gradients_change_no_rate(tmp_path: Path) -> None:
    assert fit(tmp_path, 2, gradient_clip_val=0.1) == wanted(16)


@pytest.mark.filterwarnings("ignore:SWA is currently only supported every epoch")
@pytest.mark.filterwarnings("ignore:Swapping scheduler")
def test_stochastic_weight_averaging_takes_over(tmp_path: Path) -> None:
    averaging = StochasticWeightAveraging(swa_lrs=0.01, swa_epoch_start=2)
    used = fit(tmp_path, 3, callbacks=[averaging])
    assert used[:BATCHES] == wanted(BATCHES)
    # From then on, torch's SWALR sets the rates, once an epoch.
    for first in (BATCHES, 2 * BATCHES):
        assert len({*used[first : first + BATCHES]}) == 1


def test_a_run_taken_up_again_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = fit(tmp_path, 3)
    checkpoint = tmp_path / "epoch=0.ckpt"
    assert whole == wanted(24)
    assert fit(tmp_path, 3, resume=checkpoint) == whole[8:]


def metered(epochs: int) -> Rates:
    """The rates of a plain loop that observes a loss after each epoch."""
    driven = optimizer(model())
    scheduler = lrdsl.compile(METERED, driven)
    for loss in LOSSES[:epochs]:
        for _ in range(BATCHES):
            driven.step()
            scheduler.step()
        scheduler.observe(loss)
    return driven.used


@pytest.mark.parametrize("kind", [Monitored, Observing])
def test_a_plateau_observes_every_epoch(tmp_path: Path, kind: type[Module]) -> None:
    found = fit(tmp_path, 6, kind)
    assert found == metered(6)
    assert {rates[0] for rates in found[3:]} == {BASES[0], BASES[0] / 2}


def test_a_plateau_is_taken_up_again(tmp_path: Path) -> None:
    """From each of the checkpoints that Lightning wrote, before and after the reduction."""
    whole = fit(tmp_path, 6, Observing)
    for epoch in range(5):
        checkpoint = tmp_path / f"epoch={epoch}.ckpt"
        after = BATCHES * (epoch + 1)
        assert fit(tmp_path, 6, Observing, resume=checkpoint) == whole[after:]


def test_what_lightning_would_do_without_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It steps once an epoch, which is warned of; the tests above are silent."""

    def untold(self: Module) -> dict[str, Any]:
        self.driven = optimizer(self.layers)
        return {"optimizer": self.driven, "lr_scheduler": lrdsl.compile(TEXT, self.driven)}

    monkeypatch.setattr(Module, "configure_optimizers", untold)
    with pytest.warns(lrdsl.LrsWarning, match="too-few-steps. 8 updates") as given:
        assert fit(tmp_path, 4) == [rates for rates in wanted(4) for _ in range(8)]
    assert len([w for w in given if issubclass(w.category, lrdsl.LrsWarning)]) == 1


def test_epochs_are_stepped_by_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One step an epoch is declared, and nothing is said."""

    def by_epochs(self: Module) -> dict[str, Any]:
        self.driven = optimizer(self.layers)
        return lrdsl.lightning(lrdsl.compile(TEXT, self.driven, steps_per_epoch=1))

    monkeypatch.setattr(Module, "configure_optimizers", by_epochs)
    assert fit(tmp_path, 4) == [rates for rates in wanted(4) for _ in range(8)]


class Finetuned(lightning.LightningModule):
    """A head that is trained from the start, and a backbone that joins later."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone, _, self.head = model()

    def training_step(self, batch: torch.Tensor, index: int) -> torch.Tensor:
        loss: torch.Tensor = self.head(self.backbone(batch)).square().mean()
        return loss

    def configure_optimizers(self) -> dict[str, Any]:
        self.driven = Remembering(self.head.parameters(), lr=0.08, momentum=0.9)
        return lrdsl.lightning(lrdsl.compile(TEXT, self.driven, lint="off"))


class Unfreezing(BaseFinetuning):
    """The group joins in the second epoch, and the schedule does the rest."""

    def freeze_before_training(self, pl_module: lightning.LightningModule) -> None:
        self.freeze(pl_module.backbone)

    def finetune_function(
        self, pl_module: lightning.LightningModule, epoch: int, optimizer: torch.optim.Optimizer
    ) -> None:
        if epoch == 1:
            self.unfreeze_and_add_param_group(pl_module.backbone, optimizer, lr=0.02)


def finetuned(folder: Path, callback: BaseFinetuning, resume: Path | None = None) -> Rates:
    keep = ModelCheckpoint(folder, "{epoch}", save_top_k=-1, save_on_train_epoch_end=True)
    module = Finetuned()
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        devices=1,
        default_root_dir=folder,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[callback, keep],
    )
    trainer.fit(module, DataLoader(Rows(batches(4)), batch_size=None), ckpt_path=resume)
    return module.driven.used


def test_a_group_that_a_callback_unfreezes_joins(tmp_path: Path) -> None:
    used = finetuned(tmp_path, Unfreezing())
    assert used == [(rates[0],) for rates in wanted(4)] + wanted(8, 4)
    for epoch in range(2):
        resumed = finetuned(tmp_path, Unfreezing(), tmp_path / f"epoch={epoch}.ckpt")
        assert resumed == used[4 * (epoch + 1) :]


def test_backbone_finetuning_sets_the_first_rate_of_an_epoch(tmp_path: Path) -> None:
    callback = BackboneFinetuning(1, lambda epoch: 1.0, backbone_initial_lr=0.02)
    used = finetuned(tmp_path, callback)
    schedule = wanted(8, 4)
    assert used[4:8] + used[9:] == schedule[:4] + schedule[5:]
    assert used[8] == (schedule[4][0], min(schedule[4][0], 0.02))
