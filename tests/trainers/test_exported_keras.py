"""``lrdsl export --to keras``: the class follows the schedule, and is saved with its optimizer.

On torch and on jax.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lrdsl

# Keras reads it when it is imported.
os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

from lrdsl.check import library

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BASE, TOTAL = 0.7, 100
SINGLE = 2.0**-23
LEFT_OUT = "plateau", "adaptive", "signal", "stalled", "below", "above"
EXAMPLES = {
    name: notes.example
    for name, notes in library.all_notes().items()
    if notes.example is not None and not any(word in notes.example for word in LEFT_OUT)
}
MORE = (
    "warmup(5) >> repeat(linear(10, 0.1, 0.2) >> const(5), decay = 0.5)",
    "repeat(linear(5.5ep, 1) >> const(2), decay = 0.5)",
    "every(2.5ep, cosine(40))",
    "const(value = 0.1)",
    "max(warmup(5) >> cosine(20), 0.01) >> min(linear(10), 0.005, exponential(0.9))",
    "stairs([30, 80], [base, base / 2, 0.1])",
    "poly(90, power = 40) >> cosine_power(20, 0.1, exponent = 20)",
    "cosine_waves(90, cycles = 11.1176)",
)


def exported(text: str) -> tuple[lrdsl.Schedule, Any]:
    """The schedule of a text, and the one of Keras."""
    resolved = lrdsl.parse(text).resolve_all(total=TOTAL, steps_per_epoch=1)
    names: dict[str, Any] = {"__name__": "exported"}
    code = lrdsl.export(resolved, "keras")
    exec(compile(code, "<exported>", "exec"), names)
    assert "lrdsl" not in code.partition("Fingerprint")[2]
    made = names["LearningRate"]
    return resolved["lr"], made(BASE) if "base: float" in code else made()


@pytest.mark.parametrize("text", [*EXAMPLES.values(), *MORE])
def test_the_values_are_those_of_the_schedule(text: str) -> None:
    schedule, rate = exported(text)
    steps = np.arange(TOTAL + 20)
    found = keras.ops.convert_to_numpy(rate(keras.ops.convert_to_tensor(steps)))
    wanted = schedule.values(len(steps), base=BASE)
    assert abs(found - wanted).max() <= 4 * SINGLE * wanted.max()
    one = keras.ops.convert_to_numpy(rate(keras.ops.convert_to_tensor(7)))
    assert one.shape == ()
    assert float(one) == pytest.approx(wanted[7], abs=4 * SINGLE * wanted.max())


TRAINED = "warmup(3) >> cosine(9, base, base / 10)"


def trained(rate: Any) -> Any:
    """A model after 8 updates."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), loss="mse")
    x, y = np.ones((8, 4), "float32"), np.ones((8, 1), "float32")
    model.fit(x, y, batch_size=2, epochs=2, verbose=0)
    return model


def test_a_model_trains_with_it_and_is_saved_with_it(tmp_path: Path) -> None:
    schedule, rate = exported(TRAINED)
    model = trained(rate)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for one in (model, again):
        found = float(keras.ops.convert_to_numpy(one.optimizer.learning_rate))
        assert found == pytest.approx(schedule(8, base=BASE), rel=1e-6)


ELSEWHERE = """
import sys
import keras

exec(sys.argv[2], {"__name__": "exported"})
model = keras.saving.load_model(sys.argv[1])
print(keras.backend.backend(), float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))
"""


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="this is the process on jax")
def test_all_of_this_on_jax(tmp_path: Path) -> None:
    """In processes of their own, as Keras has one backend in each."""
    environment = {**os.environ, "KERAS_BACKEND": "jax"}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    count = len(EXAMPLES) + len(MORE) + 2
    assert f"{count} passed, 1 skipped" in run("-m", "pytest", "-q", __file__)
    schedule, rate = exported(TRAINED)
    trained(rate).save(tmp_path / "model.keras")
    code = lrdsl.export(TRAINED, "keras")
    backend, found = run("-c", ELSEWHERE, str(tmp_path / "model.keras"), code).split()
    assert backend == "jax"
    assert float(found) == pytest.approx(schedule(8, base=BASE), rel=1e-6)


def test_what_keras_does_not_drive_is_refused() -> None:
    with pytest.raises(lrdsl.LrsError, match="cannot be exported for Keras"):
        lrdsl.export("lr: const momentum: linear(9, 0.9, 0.8)", "keras")
    points = ", ".join(map(str, range(40)))
    with pytest.raises(lrdsl.LrsError, match="so many points cannot be exported for Keras"):
        lrdsl.export(f"points([{points}], [{points}])", "keras")
