"""Audits of runs of Accelerate with two processes: one of its default, and a good one."""

from __future__ import annotations

from pathlib import Path

from accelerate import Accelerator, DataLoaderConfiguration
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader

from tests.trainers.audited import optimizer, reasons, table
from tests.trainers.processes import COUNT, Runs, in_each
from tests.trainers.training import Rows, batches

UPDATES = 40


def accelerated(folder: Path) -> Runs:
    """The usual loop of Accelerate, once with its default and once with split batches."""
    for name, split in (("each", False), ("split", True)):
        accelerator = Accelerator(
            cpu=True, dataloader_config=DataLoaderConfiguration(split_batches=split)
        )
        driven = optimizer()
        size = 2 * COUNT if split else 2
        loader = DataLoader(Rows(batches(COUNT * UPDATES // 2).flatten(0, 1)), batch_size=size)
        wrapped, loader, scheduler = accelerator.prepare(
            driven, loader, CosineAnnealingLR(driven, UPDATES)
        )
        parameters = driven.param_groups[0]["params"]
        with table(folder / f"{name}{accelerator.process_index}.csv") as log:
            for update, _ in enumerate(loader):
                log(update, [driven.param_groups[0]["lr"]])
                accelerator.backward(sum(parameter.sum() for parameter in parameters))
                wrapped.step()
                scheduler.step()
                wrapped.zero_grad()
    return {}


def test_accelerate_steps_once_for_each_process(tmp_path: Path) -> None:
    in_each(accelerated, tmp_path)
    assert not reasons(tmp_path / "split0.csv", "cosine", total=UPDATES)
    found = reasons(tmp_path / "each0.csv", "cosine", total=UPDATES)
    assert next(iter(found)) == "faster"
    assert f"stepped {COUNT} times an update" in found["faster"]
