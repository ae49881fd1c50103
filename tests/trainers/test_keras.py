"""Keras, on torch: a schedule by epochs in a callback, and by updates in the optimizer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

import lrdsl

# Keras reads it when it is imported.
os.environ["KERAS_BACKEND"] = "torch"

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


class ByUpdates(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of the optimizer's updates, as the page on trainers has it."""

    def __init__(self, schedule: lrdsl.Schedule, base: float) -> None:
        self.schedule, self.base = schedule, base

    def __call__(self, step: Any) -> Any:
        step = keras.ops.convert_to_tensor(step)
        return self.schedule.array_curve(step, base=self.base)(step)


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
    used = train(ByUpdates(schedule, BASE), 3)
    assert used == pytest.approx([schedule(t, base=BASE) for t in range(12)], rel=1e-6)
