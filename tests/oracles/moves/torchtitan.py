"""torchtitan: TOML files of four versions, and calls of ``LRSchedulersContainer.Config``."""

from __future__ import annotations

import copy
import functools
import logging
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.oracles.moves.definitions import defined
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_NEWEST = "0.3.0"
_DEFAULTS = {"warmup_steps": 200, "decay_ratio": None, "decay_type": "linear"}


class _Stateful:
    """What its class of schedulers inherits from: a protocol of torch's."""


class _Configurable:
    """Likewise: something with a ``Config``."""

    class Config:
        """Has no fields."""


def _scheduler(version: str, optimizer: Any, settings: dict[str, Any], steps: int) -> Any:
    """The package's own schedulers; the older versions are installed in folders of their own."""
    from torch.optim.lr_scheduler import LambdaLR

    given = {"copy": copy, "functools": functools, "math": math, "LambdaLR": LambdaLR,
             "dataclass": dataclass, "Stateful": _Stateful, "Configurable": _Configurable,
             "logger": logging.getLogger("torchtitan")}  # fmt: skip
    if version == _NEWEST:
        file = "torchtitan/components/optimizer/lr_scheduler.py"
        found = defined("torchtitan", file, {"LRSchedulersContainer"}, given)
        config = found["LRSchedulersContainer"].Config(**settings)
        return config.build(optimizers=[optimizer], training_steps=steps)
    folder = Path(sys.prefix) / f"torchtitan-{version}"
    names = {"LRSchedulersContainer", "build_lr_schedulers"}
    file = "torchtitan/components/lr_scheduler.py"
    build = defined("torchtitan", file, names, given, folder)["build_lr_schedulers"]
    low: dict[str, Any] = {"lr_min" if version == "0.1.0" else "min_lr_factor": 0.0}
    total = {"total_steps": None} if version == "0.2.2" else {}
    config = SimpleNamespace(**{**_DEFAULTS, **low, **total, **settings})
    if version == "0.1.0":
        job = SimpleNamespace(lr_scheduler=config, training=SimpleNamespace(steps=steps))
        return build([optimizer], job)
    return build([optimizer], config, steps)


def _rates(
    version: str, settings: dict[str, Any], steps: int, lr: float
) -> Callable[[int], list[float]]:
    """Steps it as ``train_step`` does: after each update."""

    def rates(updates: int) -> list[float]:
        import torch

        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        schedulers = _scheduler(version, optimizer, settings, steps)
        found = []
        for _ in range(updates):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            if len(found) < updates:  # beyond its end it may raise
                schedulers.step()
        return found

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    yield _toml(_NEWEST, {}, 1000, 8e-4, said="")
    for kind in ("linear", "sqrt", "cosine"):
        settings: dict[str, Any] = {"warmup_steps": 10, "decay_ratio": 0.3, "decay_type": kind,
                                    "min_lr_factor": 0.1, "total_steps": 120}  # fmt: skip
        yield _toml(_NEWEST, settings, 100, 8e-4, said="")
    for version in ("0.1.0", "0.2.0", "0.2.2", _NEWEST):
        low = "lr_min" if version == "0.1.0" else "min_lr_factor"
        for kind in ("linear", "sqrt", "cosine"):
            lr, steps = draw.rate(1e-5, 1e-2), draw.randint(120, 900)
            settings = {"warmup_steps": draw.randint(2, 60), "decay_type": kind}
            yield _toml(version, settings, steps, lr)
            settings |= {"decay_ratio": draw.factor(0.1, 0.6), low: draw.factor(0.01, 0.4)}
            yield _toml(version, settings, steps, lr)
    for settings in (
        {"warmup_steps": 0},
        {"warmup_steps": 1, "decay_ratio": 0.3},
        {"warmup_steps": 0, "decay_ratio": 0.5, "min_lr_factor": 0.1},
        {"warmup_steps": 99},
        {"warmup_steps": 100},
        {"warmup_steps": 300, "decay_ratio": 0.3},
        {"warmup_steps": 20, "decay_ratio": 1.0},
        {"warmup_steps": 20, "decay_ratio": 0.0},
        {"warmup_steps": 5, "decay_ratio": 0.125},
        {"warmup_steps": 10, "total_steps": 250, "decay_type": "cosine"},
        {"warmup_steps": 10, "total_steps": 250, "decay_ratio": 0.8},
    ):
        yield _toml(_NEWEST, settings, 100, draw.rate(1e-5, 1e-2))
    for settings in (
        {},
        {"warmup_steps": 2, "decay_ratio": 0.8, "decay_type": "linear", "min_lr_factor": 0.0},
        {"warmup_steps": 30, "decay_type": "cosine", "min_lr_factor": 0.1},
    ):
        yield _call(settings, 600, draw.rate(1e-5, 1e-2))


def _toml(
    version: str, settings: dict[str, Any], steps: int, lr: float, *, said: str | None = None,
) -> Move:  # fmt: skip
    lines = [f"{key} = {_spelled(value)}" for key, value in settings.items()]
    text = "\n".join(
        ["[optimizer]", 'name = "AdamW"', f"lr = {lr}", "", "[lr_scheduler]", *lines, "",
         "[training]", f"steps = {steps}", ""]
    )  # fmt: skip
    rates = _rates(version, settings, steps, lr)
    named = f"torchtitan=={version}" if said is None else said
    return Move({"train.toml": text}, rates, steps, base=lr, version=named)


def _call(settings: dict[str, Any], steps: int, lr: float) -> Move:
    arguments = ", ".join(f"{key}={_spelled(value)}" for key, value in settings.items())
    text = (
        "from torchtitan.components.optimizer import LRSchedulersContainer, default_adamw\n"
        "from torchtitan.config import TrainingConfig\n"
        "from torchtitan.trainer import Trainer\n\n\n"
        "def small() -> Trainer.Config:\n"
        "    return Trainer.Config(\n"
        f"        optimizer=default_adamw(lr={lr}),\n"
        f"        lr_scheduler=LRSchedulersContainer.Config({arguments}),\n"
        f"        training=TrainingConfig(local_batch_size=8, steps={steps}),\n"
        "    )\n"
    )
    return Move({"config_registry.py": text}, _rates(_NEWEST, settings, steps, lr), steps, base=lr)


def _spelled(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


MOVES = Moves("torchtitan", _drawn)
