"""Work done by several processes at once, joined by gloo."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import distributed
from torch.multiprocessing import get_context
from torch.multiprocessing.spawn import start_processes

from tests.trainers.training import Rates

COUNT = 2
# All are forked from one process that has imported these, as imports take longest.
get_context("forkserver").set_forkserver_preload(
    ["accelerate", "lrdsl", "torch.distributed.checkpoint.state_dict", "torch.distributed.fsdp"]
)
# The rates that were used, by the name of the run.
Runs = dict[str, Rates]


def in_each(work: Callable[[Path], Runs], folder: Path, count: int = COUNT) -> list[Runs]:
    """What each of the processes returns.

    Args:
        work: what they do, given a folder that they share; a function of a module.
        folder: a folder in which no processes have met yet.
        count: how many they are.
    """
    start_processes(_run, (work, folder, count), nprocs=count, start_method="forkserver")
    texts = [(folder / f"{rank}.json").read_text("utf-8") for rank in range(count)]
    return [
        {name: [tuple(rates) for rates in used] for name, used in json.loads(text).items()}
        for text in texts
    ]


def _run(rank: int, work: Callable[[Path], Runs], folder: Path, count: int) -> None:
    warnings.simplefilter("error")  # as pytest has it in its own process
    torch.set_num_threads(1)
    # What `torchrun` and `accelerate launch` would set.
    here, all_of_them = str(rank), str(count)
    os.environ |= {"RANK": here, "LOCAL_RANK": here, "OMP_NUM_THREADS": "1"}
    os.environ |= {"WORLD_SIZE": all_of_them, "LOCAL_WORLD_SIZE": all_of_them}
    # They meet in a file, because a port that is free now may be taken in a moment.
    meeting = (folder / "meeting").as_uri()
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=count)
    try:
        runs = work(folder)
    finally:
        distributed.destroy_process_group()
    (folder / f"{rank}.json").write_text(json.dumps(runs), "utf-8")
