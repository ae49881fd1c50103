"""Runs of Keras, on torch: a function of the epoch in a callback."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.trainers.recording.recorded import BASE, Recorded

# Keras reads it when it is imported.
os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

EPOCHS = 20


def train(path: Path, rate: Callable[[int], float]) -> None:
    """Trains with Keras, and keeps the table of its CSVLogger."""
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(BASE), loss="mse")
    x, y = np.ones((4, 4), "float32"), np.ones((4, 1), "float32")
    callbacks = [keras.callbacks.LearningRateScheduler(rate), keras.callbacks.CSVLogger(str(path))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of numpy
        model.fit(x, y, batch_size=2, epochs=EPOCHS, verbose=0, callbacks=callbacks)


def linear(epochs: int) -> Callable[[int], float]:
    """A warm-up of four epochs, and a linear decay to the end of so many."""
    return lambda epoch: BASE * (epoch / 4 if epoch < 4 else (epochs - epoch) / (epochs - 4))


BY, TEXT, RUN = ("keras", "torch"), "warmup(4) >> linear", {"base": BASE, "total": EPOCHS}
RUNS = (
    Recorded(
        "keras/good.csv", "a good run", partial(train, rate=linear(EPOCHS)), BY,
        schedule=TEXT, run=RUN,
    ),
    Recorded(
        "keras/another_total.csv", "has a function that was written for 30 epochs",
        partial(train, rate=linear(30)), BY, "total", "a total of 30 updates, not 20",
        schedule=TEXT, run=RUN,
    ),
)  # fmt: skip
