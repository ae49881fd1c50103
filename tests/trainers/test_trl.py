"""TRL's SFTTrainer with a schedule that stands in its arguments, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from trl import SFTConfig, SFTTrainer, TrlParser

import lrdsl
from lrdsl.transformers import ScheduleMixin
from tests.trainers import language
from tests.trainers.recorder import Recorder

TEXT = "warmup(1ep) >> cosine(rest, base, base / 10)"
PEAK, PER_EPOCH, EPOCHS = 0.01, 5, 2
BATCH, ACCUMULATED = 2, 2
# The arguments as a config of TRL's holds them.
CONFIG = f"""
output_dir: {{folder}}
lr_scheduler_kwargs:
  source: {TEXT}
learning_rate: {PEAK}
weight_decay: 0.1
num_train_epochs: {EPOCHS}
per_device_train_batch_size: {BATCH}
gradient_accumulation_steps: {ACCUMULATED}
save_strategy: steps
save_steps: 4
bf16: false
use_cpu: true
dataloader_pin_memory: false
disable_tqdm: true
report_to: none
"""


# TRL's own defaults, of which transformers warns.
pytestmark = pytest.mark.filterwarnings("ignore:.gradient_checkpointing:FutureWarning")


class Scheduled(ScheduleMixin, SFTTrainer):
    """A trainer of a user's."""


def train(folder: Path, resume: str | None = None) -> Recorder:
    file = folder / "config.yaml"
    file.write_text(CONFIG.format(folder=folder), "utf-8")
    (args,) = TrlParser(SFTConfig).parse_args_and_config(["--config", str(file)])
    recorder = Recorder()
    trainer = Scheduled(
        model=language.model(),
        args=args,
        train_dataset=language.texts(PER_EPOCH * BATCH * ACCUMULATED),
        processing_class=language.tokenizer(),
        callbacks=[recorder],
    )
    trainer.train(resume_from_checkpoint=resume)
    return recorder


def test_a_schedule_in_a_config_of_trl_and_its_resumed_run(tmp_path: Path) -> None:
    total = PER_EPOCH * EPOCHS
    schedule = lrdsl.parse(TEXT).resolve(total=total, steps_per_epoch=PER_EPOCH)
    whole = train(tmp_path)
    assert whole.used == [(schedule(t, base=PEAK),) * 2 for t in range(total)]
    assert whole.decays == [0.1, 0.0]
    rest = train(tmp_path, str(tmp_path / "checkpoint-4"))
    assert rest.used == whole.used[4:]


def test_the_mixin_stands_before_the_trainer_of_trl() -> None:
    with pytest.raises(TypeError, match=r"`class Late\(ScheduleMixin, SFTTrainer\)`"):

        class Late(SFTTrainer, ScheduleMixin):
            pass
