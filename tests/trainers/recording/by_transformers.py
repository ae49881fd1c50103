"""Runs of the Trainer of transformers: what it saves, and what it prints."""

from __future__ import annotations

import contextlib
import shutil
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from transformers import Trainer, TrainerCallback, TrainingArguments

from tests.trainers.recording.recorded import BASE, BATCHES, TOTAL, WARM, Recorded
from tests.trainers.training import WithLoss, batches

# The run of the pages on audit and fit.
SFT = "warmup(20) >> cosine(180, 3e-4)"


class Twice(TrainerCallback):
    """Steps the scheduler a second time after each update."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        kwargs["lr_scheduler"].step()


class Ends(TrainerCallback):
    """Ends the run after 100 updates, as if it had been stopped."""

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 100:
            control.should_save = control.should_training_stop = True


def train(
    folder: Path,
    *callbacks: TrainerCallback,
    updates: int = TOTAL,
    warm: int = WARM,
    rate: float = BASE,
    every: int = 5,
    of_epoch: int = BATCHES,
    resume: Path | None = None,
) -> Path:
    """Trains with transformers, and returns the state that it saved last."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=updates,
        warmup_steps=warm,
        learning_rate=rate,
        lr_scheduler_type="cosine",
        per_device_train_batch_size=2,
        logging_steps=every,
        save_strategy="steps",
        save_steps=updates,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
    )
    examples = [{"inputs": row, "labels": 0.0} for row in batches(of_epoch).flatten(0, 1)]
    trainer = Trainer(
        model=WithLoss(), args=arguments, train_dataset=examples, callbacks=[*callbacks]
    )
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return folder / f"checkpoint-{trainer.state.global_step}" / "trainer_state.json"


def saved(path: Path, *callbacks: TrainerCallback, **options: Any) -> None:
    """Keeps what a run saved."""
    with TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        shutil.copyfile(train(Path(folder), *callbacks, **options), path)


def twice(path: Path, **options: Any) -> None:
    """Keeps what a run saved whose schedule was over after half its updates."""
    saved(path, Twice(), Ends(), **options)


def printed(path: Path, **options: Any) -> None:
    """Keeps what a run printed."""
    with (
        TemporaryDirectory() as folder,
        path.open("w", encoding="utf-8") as file,
        contextlib.redirect_stdout(file),
    ):
        train(Path(folder), **options)


def state_not_loaded(path: Path) -> None:
    """Resumed from a checkpoint without its scheduler.pt, which the Trainer does not miss."""
    with TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        checkpoint = train(Path(folder), Ends()).parent
        (checkpoint / "scheduler.pt").unlink()
        shutil.copyfile(train(Path(folder), resume=checkpoint), path)


BY = ("transformers", "torch")
LOGGED = {"base": BASE, "total": TOTAL, "logging_steps": 5}
RUNS = (
    Recorded(
        "sft.json", "a good run", partial(saved, rate=3e-4, every=2, of_epoch=25), BY,
        schedule=SFT, run={"total": TOTAL},
    ),
    Recorded(
        "twice.json", "steps the scheduler in a callback too",
        partial(twice, rate=3e-4, every=2, of_epoch=25), BY, "faster", "stepped 2 times an update",
        schedule=SFT, run={"total": TOTAL},
    ),
    Recorded(
        "transformers/another_total.json", "has another max_steps", partial(saved, updates=150),
        BY, "total", "a total of 150 updates, not 200",
    ),
    Recorded(
        "transformers/no_warmup.json", "has no warmup_steps", partial(saved, warm=0), BY,
        "warmup",
    ),
    Recorded(
        "transformers/warmup_in_epochs.json", "has its warm-up of one epoch as one update",
        partial(saved, warm=1), BY, "length",
        "`warmup` took 1 updates, not 20: it was counted in updates",
        schedule="warmup(1ep) >> cosine",
        run={"base": BASE, "total": TOTAL, "steps_per_epoch": BATCHES},
    ),
    Recorded(
        "transformers/state_not_loaded.json", "resumes from a checkpoint without scheduler.pt",
        state_not_loaded, BY, "restarted", "started over at update 100",
    ),
    Recorded("transformers/good.log", "a good run, as printed", printed, BY, run=LOGGED),
    Recorded(
        "transformers/scaled.log", "multiplies the rate by 8, as printed",
        partial(printed, rate=8 * BASE), BY, "peak", "8 times the schedule's", run=LOGGED,
    ),
)  # fmt: skip
