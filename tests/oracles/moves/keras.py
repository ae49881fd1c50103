"""Keras: configs of its schedules and of optimizers, and calls. It computes in float32."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_MODULE = "keras.optimizers.schedules"


def _rates(kind: str, config: dict[str, Any]) -> Callable[[int], list[float]]:
    """What an optimizer reads: the schedule at its count of updates, from 0."""

    def rates(updates: int) -> list[float]:
        os.environ["KERAS_BACKEND"] = "torch"
        import keras

        schedule = getattr(keras.optimizers.schedules, kind)(**config)
        return [float(schedule(t)) for t in range(updates)]

    return rates


def _as_config(kind: str, config: dict[str, Any]) -> tuple[str, str]:
    table = {"module": _MODULE, "class_name": kind, "config": config, "registered_name": None}
    return "schedule.json", json.dumps(table, indent=1)


def _in_optimizer(kind: str, config: dict[str, Any]) -> tuple[str, str]:
    schedule = {"module": _MODULE, "class_name": kind, "config": config}
    adam = {"name": "adam", "learning_rate": schedule, "beta_1": 0.9, "weight_decay": None}
    table = {"module": "keras.optimizers", "class_name": "Adam", "config": adam}
    return "optimizer.json", json.dumps(table, indent=1)


def _as_call(kind: str, config: dict[str, Any]) -> tuple[str, str]:
    given = ", ".join(f"{name}={value!r}" for name, value in config.items())
    return "train.py", f"import keras\nrate = keras.optimizers.schedules.{kind}({given})\n"


def _in_tensorflow(kind: str, config: dict[str, Any]) -> tuple[str, str]:
    first, *others = config.items()
    given = ", ".join([repr(first[1]), *(f"{name}={value!r}" for name, value in others)])
    return "train.py", f"import tensorflow as tf\nrate = tf.{_MODULE}.{kind}({given})\n"


_FORMS = (_as_config, _in_optimizer, _as_call, _in_tensorflow)


def _drawn(draw: Draw) -> Iterator[Move]:
    for i, (kind, config, updates) in enumerate(_settings(draw)):
        name, text = _FORMS[i % 4](kind, config)
        yield Move({name: text}, _rates(kind, config), updates)


def _settings(draw: Draw) -> Iterator[tuple[str, dict[str, Any], int]]:
    for kind in ("ExponentialDecay", "InverseTimeDecay"):
        for stairs in (None, False, True, True):
            rate, every = draw.rate(), draw.randint(2, 60)
            config = {"initial_learning_rate": rate, "decay_steps": every}
            config["decay_rate"] = draw.factor()
            yield kind, config | ({} if stairs is None else {"staircase": stairs}), 4 * every
        yield kind, {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.5}, 9
    for count in (1, 1, 2, 3, 5):
        at, values = draw.ascending(count, 90), [draw.rate() for _ in range(count + 1)]
        yield "PiecewiseConstantDecay", {"boundaries": at, "values": values}, at[-1] + 3
    yield "PiecewiseConstantDecay", {"boundaries": [0, 1], "values": [0.3, 0.2, 0.1]}, 5
    for length in (1, 2, 37, 100):
        config = {"initial_learning_rate": draw.rate(0.01), "decay_steps": length}
        yield "PolynomialDecay", config, length
        config |= {"end_learning_rate": draw.rate(1e-5, 1e-3), "power": draw.factor(0.3, 3)}
        yield "PolynomialDecay", config | {"cycle": False}, length
    yield (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.5},
        20,
    )
    for length in (1, 2, 50, 211):
        config = {"initial_learning_rate": draw.rate(), "decay_steps": length}
        yield "CosineDecay", config, length
        yield "CosineDecay", config | {"alpha": draw.factor()}, length
        yield "CosineDecay", config | {"warmup_steps": 7}, length
        config |= {"initial_learning_rate": 0.0, "warmup_target": draw.rate(0.1)}
        yield "CosineDecay", config | {"warmup_steps": draw.randint(1, 40)}, length + 40
        yield "CosineDecay", config | {"warmup_steps": 1, "alpha": 0.1}, length + 1
        yield "CosineDecay", config | {"initial_learning_rate": 0.03, "warmup_steps": 9}, length + 9
        yield "CosineDecay", config | {"initial_learning_rate": 0.03, "warmup_steps": 0}, length
    for first in (1, 10, 17):
        config = {"initial_learning_rate": draw.rate(), "first_decay_steps": first}
        yield "CosineDecayRestarts", config, 7 * first
        yield "CosineDecayRestarts", config | {"t_mul": 1.0}, 4 * first
        yield "CosineDecayRestarts", config | {"m_mul": 0.5}, 7 * first
        yield "CosineDecayRestarts", config | {"alpha": 0.1}, 7 * first
        yield (
            "CosineDecayRestarts",
            config | {"t_mul": 3.0, "m_mul": 0.7, "alpha": 0.05},
            13 * first,
        )


MOVES = Moves("keras", _drawn)
