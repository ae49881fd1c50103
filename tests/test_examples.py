"""The scripts of examples/ that need no trainer, run as a reader runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.process import lrdsl
from tests.scripts import ROOT, TRAINERS, last_line

SCRIPTS = {
    "plain_loop.py": "plain loop: 40 updates, loss 0.005, last rate 0.001",
    "per_epoch.py": "per epoch: 10 epochs, loss 3e-06, last rate 0.01",
    "hydra/train.py": "Hydra: 32 updates, last rate 0.001",
}
# What `make demo` runs.
DEMO = "train_digits.py"


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_works_without_a_warning(script: str, tmp_path: Path) -> None:
    shown, wanted = last_line(script, tmp_path), SCRIPTS[script]
    # Losses differ in their digits from machine to machine.
    assert shown.partition(", loss")[0] == wanted.partition(", loss")[0]
    assert shown.rpartition(", ")[2] == wanted.rpartition(", ")[2]


def test_the_demo_shows_a_schedule_that_helps(tmp_path: Path) -> None:
    # It ends with an error where the constant rate is as good, or the network has not learned.
    assert last_line(DEMO, tmp_path).startswith("50 epochs in ")
    assert (tmp_path / "demo.png").read_bytes().startswith(b"\x89PNG")


def test_hydra_overrides_the_schedule(tmp_path: Path) -> None:
    sweep = ("--multirun", "scheduler.source='linear(end = 0.01)','const(value = 0.02)'")
    assert last_line("hydra/train.py", tmp_path, *sweep) == "Hydra: 32 updates, last rate 0.02"


def test_the_schedules_in_configs_are_right() -> None:
    run = ("--total-from", "epochs=ep", "--steps-per-epoch", "8")
    done = lrdsl("check", "examples/hydra", *run)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_every_script_is_run_and_short() -> None:
    folder = ROOT / "examples"
    # What is elsewhere is read by `lrdsl import`, as the example of its help does, and never run.
    paths = [path for path in folder.rglob("*.py") if path.parent.name != "elsewhere"]
    found = {path.relative_to(folder).as_posix() for path in paths}
    assert found == {*SCRIPTS, *TRAINERS, DEMO}
    for name in found - {DEMO}:
        assert len((ROOT / "examples" / name).read_text("utf-8").splitlines()) <= 60, name
