"""States of transformers' Trainer as logs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable

HISTORY = [
    {"epoch": 0.1, "grad_norm": 1.5, "learning_rate": 0.0, "loss": 2.5, "step": 1},
    {"epoch": 0.2, "grad_norm": 1.25, "learning_rate": 1e-4 / 3, "loss": 2.25, "step": 2},
    {"epoch": 0.2, "eval_loss": 2.0, "step": 2},
    {"epoch": 0.3, "grad_norm": 1.0, "learning_rate": 2e-4 / 3, "loss": 2.0, "step": 3},
    {"epoch": 0.3, "train_runtime": 12.5, "step": 3},
]


def _saved(folder: Path, history: list[dict[str, float]] = HISTORY) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "trainer_state.json"
    path.write_text(json.dumps({"best_metric": None, "log_history": history}))
    return path


def test_steps_and_rates_are_read(tmp_path: Path) -> None:
    log = read(_saved(tmp_path))
    (run,) = log.runs
    (series,) = run.rates
    assert (series.steps, series.values) == ([1, 2, 3], [0.0, 1e-4 / 3, 2e-4 / 3])
    assert (series.group, str(series.precision)) == (0, "float64")


def test_a_folder_is_read_by_its_last_checkpoint(tmp_path: Path) -> None:
    for updates in (900, 1000, 200):
        _saved(tmp_path / f"checkpoint-{updates}")
    assert Path(read(tmp_path).path).parent.name == "checkpoint-1000"


def test_a_state_without_rates_is_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path, [{"loss": 1.0, "step": 1}])
    with pytest.raises(Unreadable, match="no learning rates"):
        read(path)
