"""mmcv 1.x: ``lr_config`` of configs, by its own hooks and the calls that its runners make."""

from __future__ import annotations

import json
import math
import numbers
from collections.abc import Callable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

from tests.oracles.moves.definitions import defined
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

# The updates of an epoch.
_LENGTH = 25
_POLICIES = (
    "Fixed", "Step", "Exp", "Poly", "Inv", "CosineAnnealing", "FlatCosineAnnealing",
    "LinearAnnealing", "CosineRestart", "Cyclic", "OneCycle",
)  # fmt: skip


class _Hook:
    """What its hooks inherit from: they define all that a runner calls here."""


def _is_list_of(values: Any, kind: type) -> bool:
    """``mmcv.utils.misc.is_list_of``."""
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


@cache
def _hooks() -> dict[str, Any]:
    """The hooks of ``mmcv/runner/hooks/lr_updater.py``, whose package imports OpenCV."""
    hooks = SimpleNamespace(register_module=lambda: lambda kind: kind)
    given = {"HOOKS": hooks, "Hook": _Hook, "cos": math.cos, "pi": math.pi, "numbers": numbers,
             "mmcv": SimpleNamespace(is_list_of=_is_list_of)}  # fmt: skip
    names = {"annealing_cos", "annealing_linear", "format_param", "get_position_from_periods",
             "LrUpdaterHook", *(f"{name}LrUpdaterHook" for name in _POLICIES)}  # fmt: skip
    return defined("mmcv", "mmcv/runner/hooks/lr_updater.py", names, given)


def _rates(policy: dict[str, Any], run: dict[str, int], lr: float) -> Callable[[int], list[float]]:
    """Makes the hook as ``BaseRunner.register_lr_hook`` does, and calls it as a runner does."""

    def rates(updates: int) -> list[float]:
        import torch

        settings = dict(policy)
        name = settings.pop("policy")
        name = name.title() if name == name.lower() else name
        hook = _hooks()[f"{name}LrUpdaterHook"](**settings)
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        runner = SimpleNamespace(optimizer=optimizer, epoch=0, iter=0, data_loader=[0] * _LENGTH)
        runner.max_epochs = run.get("max_epochs")
        runner.max_iters = run.get("max_iters") or run["max_epochs"] * _LENGTH
        hook.before_run(runner)
        found = []
        for t in range(updates):
            runner.iter, runner.epoch = t, t // _LENGTH
            # EpochBasedRunner.train; IterBasedRunner has no `before_train_epoch`.
            if "max_epochs" in run and t % _LENGTH == 0:
                hook.before_train_epoch(runner)
            hook.before_train_iter(runner)
            found.append(float(optimizer.param_groups[0]["lr"]))
        return found

    return rates


_UP = {"warmup": "linear", "warmup_iters": 30, "warmup_ratio": 0.001}
_EPOCHS: list[dict[str, Any]] = [
    {"policy": "fixed"},
    {"policy": "fixed", "warmup": "linear", "warmup_iters": 7},
    {"policy": "fixed", "warmup": "exp", "warmup_iters": 30, "warmup_ratio": 0.01},
    {"policy": "fixed", "warmup": "constant", "warmup_iters": 2, "warmup_ratio": 0.5,
     "warmup_by_epoch": True},
    {"policy": "step", "step": [8, 11]},
    {"policy": "step", "step": [8, 11], **_UP},
    {"policy": "step", "step": [1, 2], "gamma": 0.3, "warmup": "exp", "warmup_iters": 60},
    {"policy": "step", "step": 4, "min_lr": 1e-4},
    {"policy": "step", "step": 90, "by_epoch": False, "gamma": 0.5, **_UP},
    {"policy": "step", "step": [100, 200], "by_epoch": False, "warmup": "constant",
     "warmup_iters": 10},
    {"policy": "exp", "gamma": 0.9},
    {"policy": "exp", "gamma": 0.99, "by_epoch": False, "warmup": "linear", "warmup_iters": 1},
    {"policy": "poly"},
    {"policy": "poly", "power": 0.9, "min_lr": 1e-4, "by_epoch": False},
    {"policy": "poly", "power": 0.9, "min_lr": 1e-4, **_UP},
    {"policy": "inv", "gamma": 0.3},
    {"policy": "inv", "gamma": 0.01, "power": 0.75, "by_epoch": False},
    {"policy": "inv", "gamma": 0.5, "power": 2, **_UP},
    {"policy": "CosineAnnealing", "min_lr": 0},
    {"policy": "CosineAnnealing", "min_lr_ratio": 1e-2, "by_epoch": False, **_UP},
    {"policy": "CosineAnnealing", "min_lr": 1e-5, "warmup": "linear", "warmup_iters": 2,
     "warmup_ratio": 0.1, "warmup_by_epoch": True},
    {"policy": "LinearAnnealing", "min_lr_ratio": 0.01},
    {"policy": "FlatCosineAnnealing", "min_lr": 0.0},
    {"policy": "FlatCosineAnnealing", "min_lr_ratio": 0.1, "start_percent": 0.3,
     "by_epoch": False, **_UP},
    {"policy": "CosineRestart", "periods": [12], "min_lr": 1e-4},
    {"policy": "CosineRestart", "periods": [4, 4, 4], "restart_weights": [1, 1, 1],
     "min_lr_ratio": 0.01},
    {"policy": "CosineRestart", "periods": [100, 300], "restart_weights": [1, 0.5],
     "min_lr": 1e-4, "by_epoch": False, **_UP},
    {"policy": "cyclic"},
    {"policy": "cyclic", "target_ratio": (6, 1e-3), "cyclic_times": 3, "step_ratio_up": 0.3},
    {"policy": "cyclic", "target_ratio": (6, 1e-3), "cyclic_times": 7, "gamma": 0.5,
     "anneal_strategy": "linear"},
    {"policy": "OneCycle", "max_lr": 0.05},
    {"policy": "OneCycle", "max_lr": 0.05, "total_steps": 400, "pct_start": 0.2,
     "anneal_strategy": "linear", "div_factor": 10, "final_div_factor": 100,
     "three_phase": True},
]  # fmt: skip
_ITERATIONS: list[dict[str, Any]] = [
    {"policy": "poly", "power": 0.9, "min_lr": 1e-4, "by_epoch": False},
    {"policy": "poly", "by_epoch": False, "warmup": "linear", "warmup_iters": 150,
     "warmup_ratio": 1e-6},
    {"policy": "CosineAnnealing", "min_lr": 1e-5, "by_epoch": False},
    {"policy": "FlatCosineAnnealing", "min_lr": 1e-5, "by_epoch": False},
    {"policy": "cyclic", "target_ratio": (10, 1e-4), "cyclic_times": 1, "step_ratio_up": 0.4},
]  # fmt: skip


def _drawn(draw: Draw) -> Iterator[Move]:
    for i, policy in enumerate(_EPOCHS):
        yield _move(policy, draw.rate(1e-3, 1e-1), i, {"max_epochs": 12})
    for i, policy in enumerate(_ITERATIONS):
        yield _move(policy, draw.rate(1e-3, 1e-1), i, {"max_iters": 333})


def _move(policy: dict[str, Any], lr: float, index: int, run: dict[str, int]) -> Move:
    by_epoch = "max_epochs" in run
    runner = {"type": f"{'Epoch' if by_epoch else 'Iter'}BasedRunner", **run}
    config = {"optimizer": {"type": "SGD", "lr": lr, "momentum": 0.9}, "runner": runner,
              "lr_config": policy}  # fmt: skip
    form = ("py", "json", "yaml")[index % 3]
    if form == "py":
        text = "".join(f"{name} = {value!r}\n" for name, value in config.items())
    else:
        text = json.dumps(config, indent=1)  # which is YAML too
    updates = run.get("max_iters") or run["max_epochs"] * _LENGTH
    given = {"steps_per_epoch": _LENGTH} if by_epoch else {}
    return Move({f"config.{form}": text}, _rates(policy, run, lr), updates, given, base=lr)


MOVES = Moves("mmcv", _drawn)
