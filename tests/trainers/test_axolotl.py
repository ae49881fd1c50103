"""axolotl's own plugin manager, config model and trainer with a schedule of its YAML."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from datasets import Dataset
from transformers import TrainingArguments, default_data_collator

import lrdsl
from tests.blocks import Block, each
from tests.trainers.recorder import Recorder
from tests.trainers.training import WithLoss, batches

# It imports parts of TRL and torch that warn.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from axolotl.core.trainers.base import AxolotlTrainer
    from axolotl.integrations.base import PluginManager
    from axolotl.integrations.config import merge_input_args, merge_training_args
    from axolotl.utils.dict import DictDefault

TEXT = "warmup(1ep) >> cosine(rest, base, base / 10)"
PEAK, PER_EPOCH, EPOCHS, BATCH = 0.01, 5, 4, 2
CONFIG = f"""
base_model: small
datasets: [{{path: texts.jsonl, type: completion}}]
micro_batch_size: {BATCH}
gradient_accumulation_steps: 1
num_epochs: {EPOCHS}
learning_rate: {PEAK}
"""
PLUGIN = f"{CONFIG}plugins: [lrdsl.axolotl.Plugin]\n"


@dataclass
class Arguments(merge_training_args(), TrainingArguments):  # type: ignore[misc]
    """``AxolotlTrainingArguments``, whose module needs the TRL that axolotl pins."""


@pytest.fixture(autouse=True)
def manager() -> Iterator[Any]:
    """The manager, of which there is one a process, as it is before any config."""
    one = PluginManager.get_instance()
    one.plugins.clear()
    yield one
    one.plugins.clear()


def loaded(text: str) -> Any:
    """A config as axolotl's ``load_cfg`` reads it: plugins first, then its model."""
    cfg = DictDefault(yaml.safe_load(text))
    manager = PluginManager.get_instance()
    for name in cfg["plugins"]:
        manager.register(name)
    for plugin in manager.plugins.values():
        plugin.register(cfg)
    _, model = merge_input_args()
    manager.cfg = DictDefault(model(**cfg).model_dump(exclude_none=True))
    return manager.cfg


def train(folder: Path, text: str, resume: str | None = None, **options: Any) -> Recorder:
    cfg = loaded(text)
    # What its builder makes of the config, with the warm-up and the kind that it adds to each.
    plain = {
        "output_dir": str(folder),
        "per_device_train_batch_size": cfg.micro_batch_size,
        "learning_rate": cfg.learning_rate,
        "num_train_epochs": cfg.num_epochs,
        "lr_scheduler_type": cfg.lr_scheduler,
        "warmup_steps": 2,
        "weight_decay": 0.1,
        "save_strategy": "steps",
        "save_steps": 4,
        "use_cpu": True,
        "dataloader_pin_memory": False,
        "disable_tqdm": True,
        "report_to": "none",
    }
    rows = batches(PER_EPOCH, BATCH).flatten(0, 1).tolist()
    examples = Dataset.from_dict({"inputs": rows, "labels": [0.0] * len(rows)})
    recorder = Recorder()
    trainer = AxolotlTrainer(
        model=WithLoss(),
        args=Arguments(**{**plain, **options}),
        train_dataset=examples,
        eval_dataset=examples,
        eval_data_collator=default_data_collator,
        callbacks=[recorder],
    )
    trainer.train(resume_from_checkpoint=resume)
    return recorder


@each("yaml", marked="axolotl")
def test_the_lines_of_the_page(block: Block, tmp_path: Path) -> None:
    recorder = train(tmp_path, CONFIG + block.text, num_train_epochs=20)
    schedule = lrdsl.parse(yaml.safe_load(block.text)["schedule"]).resolve(total=100)
    assert [rates[0] for rates in recorder.used] == [schedule(t, base=PEAK) for t in range(100)]


def test_a_schedule_in_the_config_and_its_resumed_run(tmp_path: Path) -> None:
    text = f'{PLUGIN}schedule: "{TEXT}"\n'
    total = PER_EPOCH * EPOCHS
    schedule = lrdsl.parse(TEXT).resolve(total=total, steps_per_epoch=PER_EPOCH)
    whole = train(tmp_path, text)
    assert whole.used == [(schedule(t, base=PEAK),) * 2 for t in range(total)]
    assert whole.decays == [0.1, 0.0]
    rest = train(tmp_path, text, str(tmp_path / "checkpoint-8"))
    assert rest.used == whole.used[8:]


def test_a_table_with_arguments_of_compile(tmp_path: Path) -> None:
    table = "{source: 'param low = 0\n\n  cosine(rest, base, low)', params: {low: 0.005}}"
    recorder = train(tmp_path, f"{PLUGIN}schedule: {table}\n")
    schedule = lrdsl.parse("cosine(20, base, 0.005)").resolve()
    assert [rates[0] for rates in recorder.used] == [schedule(t, base=PEAK) for t in range(20)]


def test_the_loss_drives_a_plateau(tmp_path: Path) -> None:
    """With a threshold that no loss can pass, each measurement after the first is a bad one.

    The evaluations before the first update, which axolotl adds to every run, are not measured.
    """
    text = f'{PLUGIN}schedule: "const * plateau(0.5, patience = 1, threshold = 0.999)"\n'
    evaluated: dict[str, Any] = {"eval_strategy": "steps", "eval_steps": 4, "eval_on_start": True}
    whole = train(tmp_path, text, **evaluated)
    assert [rates[0] / PEAK for rates in whole.used] == [1] * 12 + [0.5] * 8
    rest = train(tmp_path, text, str(tmp_path / "checkpoint-12"), **evaluated)
    assert rest.used == whole.used[12:]


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        ("", ValueError, "needs a text, `schedule: "),
        ("schedule: {metric: loss}", ValueError, "a table with a `source`"),
        (f"schedule: {TEXT}\nwarmup_steps: 5", ValueError, "`warmup_steps` has no effect"),
        (f"schedule: {TEXT}\nlr_scheduler: cosine", ValueError, "`lr_scheduler` has no effect"),
        ("schedule: warmup(5) >> cosin", lrdsl.LrsError, "cosine"),
    ],
)
def test_a_config_is_refused_before_anything_is_loaded(
    lines: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        loaded(PLUGIN + lines)


def test_a_metric_that_nothing_evaluates(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing is evaluated"):
        train(tmp_path, f'{PLUGIN}schedule: "const * plateau(0.5, 1)"\n')
    with pytest.raises(ValueError, match="no part of this schedule is driven by a metric"):
        train(tmp_path, f"{PLUGIN}schedule: {{source: const, metric: loss}}\n")
