"""ignite: an event handler steps the scheduler, and its checkpoints keep the state."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

import lrdsl
from tests.trainers.training import TEXT, Rates, batches, model, optimizer, wanted

# It imports a part of torch that is deprecated.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ignite.engine import Engine, Events
    from ignite.handlers import Checkpoint, DiskSaver
    from ignite.handlers.param_scheduler import LRScheduler

# With a total, it is known to count updates.
COUNTED, UPDATES, SAVED = f"{TEXT} >> const", 20, 8


class Run:
    """A trainer of ignite, and what its checkpoints hold."""

    def __init__(self) -> None:
        layers = model()
        self.driven = optimizer(layers)
        self.scheduler = lrdsl.compile(COUNTED, self.driven, total=UPDATES)

        def update(engine: Engine, batch: torch.Tensor) -> None:
            self.driven.zero_grad()
            layers(batch).square().mean().backward()
            self.driven.step()

        self.trainer = Engine(update)
        self.objects = {"model": layers, "optimizer": self.driven, "scheduler": self.scheduler}

    def follow(self) -> None:
        """Attaches what the page says."""
        self.trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: self.scheduler.step())

    def train(self, updates: int) -> Rates:
        self.trainer.run(batches(updates), max_epochs=1)
        return self.driven.used


def test_a_run_is_saved_and_goes_on(tmp_path: Path) -> None:
    runs = Run(), Run()
    for run in runs:
        run.follow()
    saver = Checkpoint(runs[0].objects, DiskSaver(tmp_path), filename_pattern="{name}.pt")
    runs[0].trainer.add_event_handler(Events.COMPLETED, saver)
    assert runs[0].train(SAVED) == wanted(SAVED)
    checkpoint = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    Checkpoint.load_objects(runs[1].objects, checkpoint=checkpoint)
    assert runs[1].train(UPDATES - SAVED) == wanted(UPDATES - SAVED, first=SAVED)


@pytest.mark.parametrize(
    ("event", "first"), [(Events.ITERATION_COMPLETED, 0), (Events.ITERATION_STARTED, 1)]
)
def test_its_own_handler_is_right_at_the_end_of_an_iteration(event: Any, first: int) -> None:
    run = Run()
    run.trainer.add_event_handler(event, LRScheduler(run.scheduler))
    assert run.train(UPDATES - 1) == wanted(UPDATES - 1, first=first)


def test_a_step_without_a_function_around_it_gets_the_engine() -> None:
    run = Run()
    run.trainer.add_event_handler(Events.ITERATION_COMPLETED, run.scheduler.step)
    with pytest.raises(ValueError, match="is no step"):
        run.train(1)
