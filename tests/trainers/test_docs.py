"""The blocks of the docs that need a trainer, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

import lrdsl
from tests.blocks import ROOT, Block, blocks, each
from tests.docs.loop import side


@each("python", marked="trainers")
def test_a_python_block_runs(block: Block, tmp_path: Path) -> None:
    run(block.text, block, tmp_path)


# What reads the run that a block of a tool left behind: its config and its rates.
KEPT = {
    "import mlflow": "by_mlflow(run.info.run_id)",
    "SummaryWriter": 'by_tensorboard("runs")',
    "import wandb": 'by_wandb("wandb")',
    "CSVLogger": 'by_lightning("runs")',
}
TOOLS = [block for block in blocks("python") if block.mark == "tools"]
READS = "from tests.trainers.kept import *\nprint({})\n"


def test_a_python_block_with_another_tool_runs(tmp_path: Path) -> None:
    others = [block for block in TOOLS if not any(tool in block.text for tool in KEPT)]
    assert len(others) == len(TOOLS) - len(KEPT) > 0
    for block in others:
        run(block.text, block, tmp_path)


@pytest.mark.parametrize("tool", KEPT)
def test_a_tool_has_kept_the_schedule_and_the_rates_of_the_updates(
    tool: str, tmp_path: Path
) -> None:
    (block,) = (one for one in TOOLS if tool in one.text)
    config, numbers = literal_eval(run(block.text + READS.format(KEPT[tool]), block, tmp_path))
    resolved = lrdsl.parse(config["text"]).resolve_all(**config["run"])
    assert config == resolved.as_dict()
    assert config["params"] == {"peak": 0.4}
    rate = lrdsl.parse("warmup(5) >> cosine(20, 0.4)").resolve()
    assert numbers == {"lr": pytest.approx({step: rate(step) for step in range(25)}, rel=1e-6)}


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
"""


@each("diff", marked="part of a module")
def test_lightning_trains_at_the_same_rates(block: Block, tmp_path: Path) -> None:
    texts = [MODULE.replace("METHOD", side(block.text, sign)) for sign in "-+"]
    before, after = rates(texts, block, tmp_path)
    assert len(before) == 120
    assert len(set(before)) > 100
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))


@each("diff", marked="trainers")
def test_what_is_replaced_trains_at_the_same_rates(block: Block, tmp_path: Path) -> None:
    texts = [side(block.text, sign) for sign in "-+"]
    before, after = rates(texts, block, tmp_path)
    assert len(before) > 100
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))


def rates(texts: list[str], block: Block, folder: Path) -> list[list[float]]:
    """The rates that scripts leave, each run by itself in one process: imports take longest."""
    names = []
    for number, text in enumerate(texts):
        names.append(f"side{number}.py")
        (folder / names[-1]).write_text(text, encoding="utf-8")
    print_all = f"from runpy import run_path\nprint([run_path(n)['rates'] for n in {names}])\n"
    found: list[list[float]] = literal_eval(run(print_all, block, folder))
    return found


def run(text: str, block: Block, folder: Path) -> str:
    """What a script prints last."""
    (folder / "block.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "block.py"],
        cwd=folder,
        # W&B has no account, and needs none.
        env={**os.environ, "PYTHONPATH": str(ROOT), "WANDB_MODE": "offline"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, f"{block.place}\n{done.stderr}"
    return done.stdout.strip().rpartition("\n")[2]
