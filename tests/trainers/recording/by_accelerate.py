"""Runs of Accelerate with two processes, which are started once for all of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from accelerate import Accelerator, DataLoaderConfiguration
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader

from tests.trainers.processes import COUNT, Runs, in_each
from tests.trainers.recording.loops import optimizer, table
from tests.trainers.recording.recorded import BASE, Recorded
from tests.trainers.training import Rows, batches

UPDATES = 40


def train(path: Path, *, split: bool, scale: int = 1) -> None:
    """The usual loop of Accelerate; the first process logs.

    Args:
        path: the table.
        split: whether each process gets a part of a batch, and not a batch of its own.
        scale: what the rate is multiplied by.
    """
    accelerator = Accelerator(
        cpu=True, dataloader_config=DataLoaderConfiguration(split_batches=split)
    )
    driven = optimizer(scale * BASE)
    size = 2 * COUNT if split else 2
    loader = DataLoader(Rows(batches(COUNT * UPDATES // 2).flatten(0, 1)), batch_size=size)
    wrapped, loader, scheduler = accelerator.prepare(
        driven, loader, CosineAnnealingLR(driven, UPDATES)
    )
    parameters = driven.param_groups[0]["params"]
    is_first = accelerator.is_main_process
    with table(path if is_first else path.with_suffix(".other")) as log:
        for update, _ in enumerate(loader):
            log(update, [driven.param_groups[0]["lr"]])
            accelerator.backward(sum(parameter.sum() for parameter in parameters))
            wrapped.step()
            scheduler.step()
            wrapped.zero_grad()


def trained(folder: Path) -> Runs:
    """Every run, in each of the processes."""
    train(folder / "split_batches.csv", split=True)
    train(folder / "each_process.csv", split=False)
    train(folder / "scaled.csv", split=True, scale=COUNT)
    return {}


def started(path: Path) -> None:
    """Starts the processes, unless they have left the log already."""
    if not path.exists():
        in_each(trained, path.parent)


BY, RUN = ("accelerate", "torch"), {"base": BASE, "total": UPDATES}
ours = partial(Recorded, write=started, by=BY, schedule="cosine", run=RUN)
RUNS = (
    ours("accelerate/split_batches.csv", "a good run, with split_batches"),
    ours(
        "accelerate/each_process.csv", "steps the scheduler once for each of 2 processes",
        mistake="faster", says=f"stepped {COUNT} times an update",
        also=("total",),
    ),
    ours(
        "accelerate/scaled.csv", "multiplies the rate by 2 processes",
        mistake="peak", says=f"{COUNT} times the schedule's",
    ),
)  # fmt: skip
