"""A training script as users write it, which `accelerate launch` starts in each process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from accelerate import Accelerator
from torch.utils.data import DataLoader

import lrdsl
from tests.trainers.training import TEXT, Rows, batches, model, optimizer


def main(folder: Path, updates: int) -> None:
    """Trains for some updates, from the checkpoint in the folder if there is one.

    Args:
        folder: where the checkpoint is, and the rates that each process used are written.
        updates: how many updates this start makes.
    """
    accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
    layers = model()
    driven = optimizer(layers)
    scheduler = lrdsl.compile(TEXT, driven, calls_per_update=accelerator.num_processes)
    rows = Rows(batches(updates * 2 * accelerator.num_processes).flatten(0, 1))
    prepared, wrapped, loader, stepped = accelerator.prepare(
        layers, driven, DataLoader(rows, batch_size=2), scheduler
    )
    checkpoint = folder / "checkpoint"
    if checkpoint.exists():
        accelerator.load_state(str(checkpoint))
    for batch in loader:
        with accelerator.accumulate(prepared):
            accelerator.backward(prepared(batch).square().mean())
            wrapped.step()
            stepped.step()
            wrapped.zero_grad()
    accelerator.save_state(str(checkpoint))
    used = {"processes": accelerator.num_processes, "rates": driven.used}
    name = f"{scheduler.last_epoch}-{accelerator.process_index}.json"
    (folder / name).write_text(json.dumps(used), "utf-8")
    accelerator.end_training()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
