"""Keras, on torch and jax: a schedule by epochs in a callback, and by updates in the optimizer."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lrdsl

# Keras reads it when it is imported.
os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TEXT = "warmup(3) >> cosine(5)"
BASE = 0.1
BATCHES = 4


class Remembering(keras.callbacks.Callback):
    """Notes the rate at the start of every batch."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        rate = self.model.optimizer.learning_rate
        self.used.append(float(keras.ops.convert_to_numpy(rate)))


def train(rate: Any, epochs: int, *callbacks: Any) -> list[float]:
    """The rates of a run, batch by batch."""
    remembering = Remembering()
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), loss="mse")
    x, y = np.ones((2 * BATCHES, 4), "float32"), np.ones((2 * BATCHES, 1), "float32")
    model.fit(x, y, batch_size=2, epochs=epochs, verbose=0, callbacks=[*callbacks, remembering])
    return remembering.used


def by_epochs(schedule: Callable[..., float]) -> Any:
    return keras.callbacks.LearningRateScheduler(schedule)


def test_a_callback_steps_once_an_epoch() -> None:
    schedule = lrdsl.parse(TEXT).resolve()
    used = train(BASE, 9, by_epochs(lambda epoch: schedule(epoch, base=BASE)))
    wanted = [schedule(epoch, base=BASE) for epoch in range(9) for _ in range(BATCHES)]
    assert used == pytest.approx(wanted, rel=1e-6)


def test_a_rate_is_never_taken_for_the_base() -> None:
    """Keras calls `schedule(epoch, rate)` first, and `schedule(epoch)` where that fails."""
    schedule = lrdsl.parse("linear(4, base, base / 2)").resolve()
    used = train(BASE, 3, by_epochs(schedule))
    assert used == pytest.approx([1.0] * BATCHES + [0.875] * BATCHES + [0.75] * BATCHES)


def test_a_schedule_of_updates() -> None:
    schedule = lrdsl.parse(TEXT).resolve()
    used = train(lrdsl.keras(schedule, BASE), 3)
    assert used == pytest.approx([schedule(t, base=BASE) for t in range(12)], rel=1e-6)


SAVED = [
    (TEXT, {}, "lr"),
    ("run 1ep = 4st  param peak = base  lr: warmup(1ep) >> cosine(2ep, peak)  momentum: "
     "const(value = 0.9)", {"params": {"peak": 0.05}}, "lr"),
    ('lr["layers.{i}.*"]: base * 0.5 ^ (2 - i)', {}, 'lr["layers.{i=1}.*"]'),
    ('until(signal("cooldown"), const) >> linear(4)', {}, "lr"),
    ("warmup(5%) >> repeat(cosine(1.2345678ep))", {"total": 40, "steps_per_epoch": 10}, "lr"),
]  # fmt: skip


def compiled(text: str, run: Any, target: str) -> Any:
    """A model whose optimizer follows a schedule."""
    program = lrdsl.parse(text)
    if "{i}" in text:
        program = program.for_groups(["layers.1.weight", "layers.2.weight"])
    resolved = program.resolve_all(**run)
    schedule = resolved.after({event.key: 6 for event in resolved.events})[target]
    steps = 40 if "1.2345678" in text else None
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(lrdsl.keras(schedule, BASE, steps=steps)), loss="mse")
    model.fit(np.ones((8, 4), "float32"), np.ones((8, 1), "float32"), batch_size=2, verbose=0)
    return model


def rates(model: Any) -> list[float]:
    """The rates of a model's schedule."""
    schedule = model.optimizer._learning_rate
    found: list[float] = keras.ops.convert_to_numpy(schedule(np.arange(40))).tolist()
    return found


@pytest.mark.parametrize(("text", "run", "target"), SAVED, ids=range(len(SAVED)))
def test_a_saved_model_keeps_its_schedule(text: str, run: Any, target: str, tmp_path: Path) -> None:
    model = compiled(text, run, target)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert rates(again) == rates(model)
    assert int(again.optimizer.iterations.numpy()) == 4
    schedule = model.optimizer._learning_rate.schedule
    wanted = [schedule(t, base=BASE) for t in range(40)]
    assert rates(model) == pytest.approx(wanted, abs=4 * 2.0**-23 * BASE)


ELSEWHERE = """
import sys
import keras
import lrdsl.keras_schedule

model = keras.models.load_model(sys.argv[1])
schedule = model.optimizer._learning_rate
print(keras.backend.backend(), *schedule(list(range(12))).tolist())
"""


def test_all_of_this_on_jax(tmp_path: Path) -> None:
    """In processes of their own, as Keras has one backend in each."""
    if keras.backend.backend() == "jax":
        return
    environment = {**os.environ, "KERAS_BACKEND": "jax"}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "6 passed" in run("-m", "pytest", "-q", __file__, "-k", "updates or saved_model")
    compiled(TEXT, {}, "lr").save(tmp_path / "model.keras")
    backend, *found = run("-c", ELSEWHERE, str(tmp_path / "model.keras")).split()
    schedule = lrdsl.parse(TEXT).resolve()
    wanted = [schedule(t, base=BASE) for t in range(12)]
    assert backend == "jax"
    assert [float(rate) for rate in found] == pytest.approx(wanted, rel=1e-6)


def test_what_cannot_be_saved_says_so() -> None:
    schedule = pickle.loads(pickle.dumps(lrdsl.parse(TEXT).resolve()))
    with pytest.raises(ValueError, match=r"pass the one that Program.resolve returned"):
        lrdsl.keras(schedule, BASE).get_config()
