"""A schedule that stands in the arguments of transformers' Trainer, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import HfArgumentParser, Trainer, TrainingArguments

import lrdsl
from lrdsl.transformers import ScheduleMixin
from tests.trainers.processes import Runs, in_each
from tests.trainers.recorder import Recorder
from tests.trainers.training import WithLoss, batches

TEXT = "warmup(10%) >> cosine(rest, base, base / 10)"
PEAK, PER_EPOCH = 0.01, 5


class Scheduled(ScheduleMixin, Trainer):
    """A trainer of a user's."""


def arguments(folder: Path, given: dict[str, Any], **options: Any) -> TrainingArguments:
    plain = {
        "output_dir": str(folder),
        "per_device_train_batch_size": 2,
        "learning_rate": PEAK,
        "weight_decay": 0.1,
        "save_strategy": "steps",
        "save_steps": 4,
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
        "dataloader_pin_memory": False,
        "lr_scheduler_kwargs": given,
    }
    return TrainingArguments(**{**plain, **options})


def train(args: TrainingArguments, resume: Path | None = None) -> tuple[Recorder, Trainer]:
    count = PER_EPOCH * args.gradient_accumulation_steps * args.world_size
    examples = [{"inputs": row, "labels": 0.0} for row in batches(count).flatten(0, 1)]
    recorder = Recorder()
    trainer = Scheduled(
        model=WithLoss(),
        args=args,
        train_dataset=examples,
        eval_dataset=examples,
        callbacks=[recorder],
    )
    trainer.train(resume_from_checkpoint=str(resume) if resume else None)
    return recorder, trainer


def curve(text: str, count: int, **run: Any) -> list[float]:
    schedule = lrdsl.parse(text).resolve(**run)
    return [schedule(t, base=PEAK) for t in range(count)]


def test_a_schedule_in_a_file_of_arguments(tmp_path: Path) -> None:
    """The optimizer and its groups are the Trainer's own, and the length follows from epochs."""
    file = tmp_path / "arguments.json"
    args = arguments(tmp_path, {"source": TEXT}, num_train_epochs=4, gradient_accumulation_steps=3)
    file.write_text(args.to_json_string(), "utf-8")
    (read,) = HfArgumentParser(TrainingArguments).parse_json_file(str(file))
    assert json.loads(read.to_json_string())["lr_scheduler_kwargs"] == {"source": TEXT}
    recorder, _ = train(read)
    assert recorder.used == [(rate, rate) for rate in curve(TEXT, 20, total=20)]
    assert recorder.decays == [0.1, 0.0]


def test_epochs_are_known_where_they_give_the_length(tmp_path: Path) -> None:
    text = "warmup(1ep) >> cosine"
    recorder, _ = train(arguments(tmp_path, {"source": text}, num_train_epochs=3))
    assert [rates[0] for rates in recorder.used] == curve(text, 15, total=15, steps_per_epoch=5)
    with pytest.raises(lrdsl.LrsError, match="steps_per_epoch"):
        train(arguments(tmp_path, {"source": text}, max_steps=15))
    given = {"source": text, "steps_per_epoch": 5}
    recorder, _ = train(arguments(tmp_path, given, max_steps=15))
    assert [rates[0] for rates in recorder.used] == curve(text, 15, total=15, steps_per_epoch=5)


def test_a_run_taken_up_again_goes_on_bit_for_bit(tmp_path: Path) -> None:
    args = arguments(tmp_path, {"source": TEXT}, max_steps=20)
    whole, _ = train(args)
    rest, _ = train(args, tmp_path / "checkpoint-8")
    assert rest.used == whole.used[8:]


def test_a_second_run_of_one_trainer_starts_anew(tmp_path: Path) -> None:
    given = {"source": "warmup(2) >> const * plateau(0.5, patience = 0)"}
    args = arguments(tmp_path, given, max_steps=10, eval_strategy="steps", eval_steps=5)
    recorder, trainer = train(args)
    trainer.train()
    assert recorder.used[10:12] == recorder.used[:2]


def test_params_and_other_arguments_of_compile(tmp_path: Path) -> None:
    given = {"source": "param low = 0\ncosine(rest, base, low)", "params": {"low": 0.005}}
    recorder, _ = train(arguments(tmp_path, given, max_steps=10))
    assert [rates[0] for rates in recorder.used] == curve("cosine(10, base, 0.005)", 10)
    with pytest.raises(TypeError, match="warm"):
        train(arguments(tmp_path, {"source": TEXT, "warm": 3}, max_steps=10))


def test_the_loss_drives_a_plateau(tmp_path: Path) -> None:
    """With a threshold that no loss can pass, each measurement after the first is a bad one."""
    given = {"source": "const * plateau(0.5, patience = 1, threshold = 0.999)"}
    evaluated = {"eval_strategy": "steps", "eval_steps": 4}
    args = arguments(tmp_path, given, max_steps=20, **evaluated)
    whole, _ = train(args)
    assert [rates[0] / PEAK for rates in whole.used] == [1] * 12 + [0.5] * 8
    rest, _ = train(args, tmp_path / "checkpoint-12")
    assert rest.used == whole.used[12:]


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        ({"source": TEXT}, {"warmup_steps": 5}, "warmup_steps=5 has no effect"),
        ({"source": TEXT}, {"lr_scheduler_type": "cosine"}, "lr_scheduler_type='cosine' has no"),
        ({"source": TEXT, "metric": "loss"}, {}, "no part of this schedule is driven by a metric"),
        ({"source": "const * plateau(0.5, 1)"}, {}, "nothing is evaluated"),
    ],
)
def test_nothing_is_without_effect(
    tmp_path: Path, given: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        train(arguments(tmp_path, given, max_steps=20, **options))


def test_a_metric_that_is_not_evaluated_is_named(tmp_path: Path) -> None:
    given = {"source": "const * plateau(0.5, 1)", "metric": "accuracy"}
    args = arguments(tmp_path, given, max_steps=10, eval_strategy="steps", eval_steps=5)
    with pytest.raises(KeyError, match=r"eval_accuracy.*eval_loss"):
        train(args)


def test_only_evaluations_of_the_training_count(tmp_path: Path) -> None:
    """As with torch's ReduceLROnPlateau: a user's own have no effect, whatever they are called."""
    given = {"source": "const * plateau(0.5, patience = 0, threshold = 0.999)"}
    evaluated = {"eval_strategy": "steps", "eval_steps": 10, "eval_on_start": True}
    _, trainer = train(arguments(tmp_path, given, max_steps=20, **evaluated))
    rates = trainer.lr_scheduler.get_last_lr()
    assert rates == [PEAK / 2] * 2
    trainer.evaluate()
    trainer.evaluate(metric_key_prefix="test")
    assert trainer.lr_scheduler.get_last_lr() == rates


def test_a_part_of_an_epoch_does_not_tell_how_long_one_is(tmp_path: Path) -> None:
    given = {"source": "warmup(0.1ep) >> cosine"}
    with pytest.raises(lrdsl.LrsError, match="steps_per_epoch"):
        train(arguments(tmp_path, given, num_train_epochs=0.5))


def test_the_mixin_stands_first() -> None:
    with pytest.raises(TypeError, match=r"`class Late\(ScheduleMixin, Trainer\)`"):

        class Late(Trainer, ScheduleMixin):
            pass


def test_without_a_source_the_trainer_makes_its_own(tmp_path: Path) -> None:
    args = arguments(tmp_path, {}, max_steps=10, lr_scheduler_type="constant")
    recorder, trainer = train(args)
    assert {rates[0] for rates in recorder.used} == {PEAK}
    assert type(trainer.lr_scheduler) is torch.optim.lr_scheduler.LambdaLR


def _on_two(folder: Path) -> Runs:
    args = arguments(folder, {"source": TEXT}, max_steps=20, ddp_backend="gloo")
    return {"used": train(args)[0].used}


def test_two_processes(tmp_path: Path) -> None:
    wanted = [(rate, rate) for rate in curve(TEXT, 20, total=20)]
    assert in_each(_on_two, tmp_path) == [{"used": wanted}] * 2
