"""OLMo-core: calls of its schedulers, and what it writes of them to ``config.json``."""

from __future__ import annotations

import json
import math
import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from tests.oracles.moves.definitions import defined
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

# With the names that `register` gives them.
_NAMES = {
    "ConstantScheduler": "constant",
    "ConstantWithWarmup": "constant_with_warmup",
    "WSD": "wsd",
    "PowerLR": "power_lr",
    "LinearWithWarmup": "linear_with_warmup",
    "InvSqrtWithWarmup": "inv_sqrt_with_warmup",
    "CosWithWarmup": "cos_with_warmup",
    "HalfCosWithWarmup": "half_cos_with_warmup",
    "CosWithWarmupAndLinearDecay": "cos_with_warmup_and_linear_decay",
}
_BATCH = 512


class _Config:
    """What its schedulers inherit from."""


class _Registrable:
    """Likewise: it registers classes by name."""

    @classmethod
    def register(cls, name: str) -> Callable[[type], type]:
        return lambda registered: registered


def _schedulers() -> dict[str, Any]:
    import torch

    given = {"dataclass": dataclass, "ABCMeta": ABCMeta, "abstractmethod": abstractmethod,
             "Config": _Config, "Registrable": _Registrable, "LR_FIELD": "lr", "torch": torch,
             "INITIAL_LR_FIELD": "initial_lr", "OLMoConfigurationError": ValueError,
             "SchedulerUnits": SimpleNamespace(steps="steps", tokens="tokens"),
             "warnings": warnings, "cos": math.cos, "pi": math.pi, "sqrt": math.sqrt}  # fmt: skip
    names = {"Scheduler", "_linear_warmup", "_linear_decay", *_NAMES}
    return defined("ai2-olmo-core", "olmo_core/optim/scheduler.py", names, given)


def _rates(
    kind: str, settings: dict[str, Any], lr: float, total: int
) -> Callable[[int], list[float]]:
    """Sets the rate of a group with ``set_lr``, as ``TransformerTrainModule.optim_step`` does.

    The trainer has counted the update by then: ``olmo_core/train/trainer.py`` 3.0.0, line 1693.
    """

    def rates(updates: int) -> list[float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            scheduler = _schedulers()[kind](**settings)
        group: dict[str, Any] = {"lr": lr}
        found = []
        for step in range(1, updates + 1):
            trainer = SimpleNamespace(
                global_step=step, max_steps=total, max_tokens=total * _BATCH,
                global_train_tokens_seen=step * _BATCH,
            )  # fmt: skip
            found.append(float(scheduler.set_lr(group, trainer)))
        return found

    return rates


# What each can be given beside its warm-up.
_MORE: dict[str, dict[str, Any]] = {
    "ConstantWithWarmup": {},
    "WSD": {"decay": 20, "decay_fraction": None, "decay_min_lr": 1e-6},
    "PowerLR": {"b": -0.3, "decay": 20, "decay_fraction": None, "decay_min_lr": 1e-6},
    "LinearWithWarmup": {"alpha_f": 0.2, "t_max": 80},
    "InvSqrtWithWarmup": {"alpha_f": 0.2},
    "CosWithWarmup": {"alpha_f": 0.2, "t_max": 80},
    "HalfCosWithWarmup": {"alpha_f": 0.2, "t_max": 80},
    "CosWithWarmupAndLinearDecay": {
        "alpha_f": 0.2, "t_max": 120, "decay": 20, "decay_fraction": None, "decay_min_lr": 1e-6},
}  # fmt: skip


def _drawn(draw: Draw) -> Iterator[Move]:
    yield _row("ConstantScheduler", {})
    for kind, more in _MORE.items():
        yield _row(kind, {"warmup": 10})
        yield _row(kind, {"warmup_fraction": 0.1, "warmup_min_lr": 1e-6, **more})
    for kind in _NAMES:
        lr, total = draw.rate(1e-5, 1e-2), draw.randint(200, 900)
        if kind == "ConstantScheduler":
            yield _call(kind, {}, lr, total)
            yield _config(kind, {}, lr, total)
            continue
        yield _call(kind, {"warmup": draw.randint(2, 60)}, lr, total)
        yield _call(kind, {"warmup": 1}, lr, total)
        yield _config(kind, {"warmup_fraction": draw.factor(0.02, 0.1)}, lr, total)
        settings: dict[str, Any] = {"warmup_steps": draw.randint(2, 60), "warmup_min_lr": lr / 8}
        if kind not in {"ConstantWithWarmup", "WSD", "PowerLR"}:
            settings["alpha_f"] = draw.factor(0.01, 0.4)
        if kind == "PowerLR":
            settings["b"] = -0.3
        if kind in {"WSD", "PowerLR", "CosWithWarmupAndLinearDecay"}:
            settings |= {"decay": draw.randint(5, 60), "decay_fraction": None,
                         "decay_min_lr": lr / 50}  # fmt: skip
        elif kind in {"LinearWithWarmup", "CosWithWarmup", "HalfCosWithWarmup"}:
            settings["t_max"] = total - 30
        yield _call(kind, settings, lr, total)
        yield _config(kind, settings | {"units": "tokens"} | _tokens(settings), lr, total)
    for kind in ("ConstantWithWarmup", "WSD", "LinearWithWarmup", "InvSqrtWithWarmup",
                 "CosWithWarmup", "HalfCosWithWarmup", "CosWithWarmupAndLinearDecay"):  # fmt: skip
        yield _call(kind, {"warmup": 0}, draw.rate(1e-5, 1e-2), 300)
    yield _call("CosWithWarmup", {"warmup": 299}, draw.rate(1e-5, 1e-2), 300)
    yield _call("WSD", {"warmup": 270}, draw.rate(1e-5, 1e-2), 300)
    yield _call("CosWithWarmup", {"warmup": 20, "t_max": 500}, draw.rate(1e-5, 1e-2), 300)


def _tokens(settings: dict[str, Any]) -> dict[str, Any]:
    """The lengths of a setting in tokens instead of updates."""
    lengths = ("warmup", "warmup_steps", "decay", "decay_steps", "t_max")
    return {key: settings[key] * _BATCH for key in lengths if settings.get(key) is not None}


def _call(kind: str, settings: dict[str, Any], lr: float, total: int) -> Move:
    arguments = ", ".join(f"{key}={value}" for key, value in settings.items())
    text = (
        f"from olmo_core.optim import AdamWConfig, {kind}\n"
        "from olmo_core.train import Duration, TrainerConfig\n"
        "from olmo_core.train.train_module import TransformerTrainModuleConfig\n\n"
        "train_module = TransformerTrainModuleConfig(\n"
        f"    optim=AdamWConfig(lr={lr}),\n"
        f"    scheduler={kind}({arguments}),\n"
        ")\n"
        f"trainer = TrainerConfig(max_duration=Duration.steps({total}))\n"
    )
    return Move({"train.py": text}, _rates(kind, settings, lr, total), total, base=lr)


def _row(kind: str, settings: dict[str, Any]) -> Move:
    arguments = ", ".join(f"{key}={value}" for key, value in settings.items())
    text = (
        f"from olmo_core.optim import {kind}\n"
        "from olmo_core.train import Duration, TrainerConfig\n\n"
        f"scheduler = {kind}({arguments})\n"
        "trainer = TrainerConfig(max_duration=Duration.steps(100))\n"
    )
    return Move({"train.py": text}, _rates(kind, settings, 1.0, 100), 100)


def _config(kind: str, settings: dict[str, Any], lr: float, total: int) -> Move:
    """What ``Config.as_config_dict`` has: without None, with the class and its name."""
    written = {"lr_field": "lr", "initial_lr_field": "initial_lr", "units": "steps", **settings}
    if "warmup_steps" in written:
        written["warmup"] = written.pop("warmup_steps")
    scheduler = {key: value for key, value in written.items() if value is not None}
    scheduler |= {"_CLASS_": f"olmo_core.optim.scheduler.{kind}", "type": _NAMES[kind]}
    config = {
        "data_loader": {"global_batch_size": _BATCH},
        "train_module": {"optim": {"lr": lr, "weight_decay": 0.1}, "scheduler": scheduler},
        "trainer": {"max_duration": {"value": total, "unit": "steps"}},
    }
    text = json.dumps(config, indent=2) + "\n"
    return Move({"config.json": text}, _rates(kind, settings, lr, total), total, base=lr)


MOVES = Moves("ai2-olmo-core", _drawn)
