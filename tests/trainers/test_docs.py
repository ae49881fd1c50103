"""The blocks of the docs that need a trainer, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

import lrdsl
from tests.blocks import Block, blocks, each
from tests.docs.loop import side


@each("python", marked="trainers")
def test_a_python_block_runs(block: Block, tmp_path: Path) -> None:
    run(block.text, block, tmp_path)


@each("python", marked="tools")
def test_a_python_block_with_other_tools_runs(block: Block, tmp_path: Path) -> None:
    run(block.text, block, tmp_path)


# What reads the rates that a block left behind. W&B reads those of a run without an account only
# while it lasts, so that its block is run and no more.
KEPT = {
    "mlflow": """
history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "lr")
print({point.step: point.value for point in history})
""",
    "SummaryWriter": """
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator("runs").Reload().Scalars("lr")
print({event.step: event.value for event in events})
""",
}


@pytest.mark.parametrize("tool", KEPT)
def test_a_tool_has_kept_the_rates_of_the_updates(tool: str, tmp_path: Path) -> None:
    (block,) = (one for one in blocks("python") if one.mark == "tools" and tool in one.text)
    kept = literal_eval(run(block.text + KEPT[tool], block, tmp_path))
    rate = lrdsl.parse("warmup(5) >> cosine(20, 0.4)").resolve()
    assert max(kept) == 24
    assert kept == pytest.approx({step: rate(step) for step in kept}, rel=1e-6)


# Around the method that the page shows: a module whose updates note their rate.
MODULE = """
import lightning
import torch
from torch.optim.lr_scheduler import OneCycleLR

import lrdsl

rates = []


class Module(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, index):
        rates.append(self.trainer.optimizers[0].param_groups[0]["lr"])
        return self.layer(batch).square().mean()

METHOD

trainer = lightning.Trainer(
    max_epochs=12,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
)
trainer.fit(Module(), torch.utils.data.DataLoader(torch.ones(40, 4), batch_size=4))
print(rates)
"""


@each("diff", marked="part of a module")
def test_lightning_trains_at_the_same_rates(block: Block, tmp_path: Path) -> None:
    texts = [MODULE.replace("METHOD", side(block.text, sign)) for sign in "-+"]
    before, after = (literal_eval(run(text, block, tmp_path)) for text in texts)
    assert len(before) == 120
    assert len(set(before)) > 100
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))


@each("diff", marked="trainers")
def test_what_is_replaced_trains_at_the_same_rates(block: Block, tmp_path: Path) -> None:
    texts = [side(block.text, sign) + "print(rates)\n" for sign in "-+"]
    before, after = (literal_eval(run(text, block, tmp_path)) for text in texts)
    assert len(before) > 100
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))


def run(text: str, block: Block, folder: Path) -> str:
    """What a script prints last."""
    (folder / "block.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "block.py"],
        cwd=folder,
        env={**os.environ, "WANDB_MODE": "offline"},  # it has no account, and needs none
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, f"{block.place}\n{done.stderr}"
    return done.stdout.strip().rpartition("\n")[2]
