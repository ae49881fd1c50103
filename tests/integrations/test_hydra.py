"""Hydra itself: the script and the configs of the docs, run from a command line."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import OmegaConf

import lrdsl
from tests.blocks import blocks

FILES = [
    block
    for language in ("yaml", "python")
    for block in blocks(language)
    if block.mark.startswith("hydra: ")
]
COMMANDS = [
    line for block in blocks("console") if block.mark == "hydra" for line in block.text.splitlines()
]
TEXT = "param peak = 0.4  warmup(5ep) >> cosine(85ep, peak)"
# What each of the commands prints, in their order.
PRINTED: list[list[tuple[int, float | None]]] = [
    [(9000, 0.4)],
    [(4500, 0.2)],
    [(1000, None)],
    [(9000, 0.1), (9000, 0.2)],
]


# Command lines, one after the other in one process, as imports take longest.
ONE_BY_ONE = """
import runpy, sys
for words in {}:
    sys.argv = words
    runpy.run_path(words[0], run_name="__main__")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The script of the docs, with its configs."""
    for block in FILES:
        path = tmp_path / block.mark.removeprefix("hydra: ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")
    return tmp_path


def train(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=200
    )


def test_there_is_an_outcome_for_every_command() -> None:
    assert len(COMMANDS) == len(PRINTED)


def test_the_command_lines(folder: Path) -> None:
    lines = [shlex.split(line) for line in COMMANDS]
    assert {program for program, *_ in lines} == {"python"}
    first, *others = [arguments for _, *arguments in lines]
    # What the docs print is made comparable: one line for each run.
    script = folder / "train.py"
    text = script.read_text("utf-8")
    shown = "print(scheduler.schedule, scheduler.schedules.params)"
    assert shown in text
    line = "print('@', scheduler.schedule.length, scheduler.schedules.params.get('peak'))"
    script.write_text(text.replace(shown, line), "utf-8")
    alone, together = train(folder, *first), train(folder, "-c", ONE_BY_ONE.format(others))
    printed = []
    for done in (alone, together):
        assert done.returncode == 0, done.stderr
        printed.append([line for line in done.stdout.splitlines() if line.startswith("@")])
    wanted = [[f"@ {length} {peak}" for length, peak in runs] for runs in PRINTED]
    assert printed == [wanted[0], [line for lines in wanted[1:] for line in lines]]


def test_an_error_of_a_command_line_is_the_whole_diagnostic(folder: Path) -> None:
    done = train(folder, "train.py", 'scheduler.source="warmup(5ep) >> cosin(20ep)"')
    assert done.returncode == 1
    assert "error[LRS201 unknown-name]: there is no `cosin`\n" in done.stderr
    assert "1 | warmup(5ep) >> cosin(20ep)\n  |                ^^^^^\n" in done.stderr


@pytest.mark.parametrize("target", ["lrdsl.compile", "lrdsl.ScheduleLR"])
def test_a_schedule_of_hydra_is_the_same_as_any_other(target: str) -> None:
    call = {
        "_target_": target,
        "_partial_": True,
        "source": TEXT,
        "steps_per_epoch": 10,
        "per_step": {"tok": 2},
        "params": {"peak": "${rate}"},
    }
    config = OmegaConf.create({"scheduler": call, "rate": 0.2})
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = instantiate(config.scheduler)(optimizer=optimizer)
    assert isinstance(scheduler, torch.optim.lr_scheduler.LambdaLR)
    wanted = lrdsl.parse(TEXT).resolve(steps_per_epoch=10, params={"peak": 0.2})
    used = []
    for _ in range(900):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert used == [wanted(t) for t in range(900)]


def test_a_wrong_param_of_a_config_is_refused() -> None:
    call = {"_target_": "lrdsl.compile", "source": TEXT, "params": {"paek": 0.2}}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    with pytest.raises(InstantiationException, match="did you mean `peak`"):
        instantiate(OmegaConf.create(call), optimizer=optimizer)
