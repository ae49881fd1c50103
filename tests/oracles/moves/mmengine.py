"""mmengine: ``param_scheduler`` of configs, built as ``Runner`` builds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

# The updates of an epoch.
_LENGTH = 25
_Schedulers = list[dict[str, Any]]


def _rates(
    schedulers: _Schedulers, loop: dict[str, Any], lr: float
) -> Callable[[int], list[float]]:
    """Builds the schedulers by mmengine's registry, and steps them as its hook does."""

    def rates(updates: int) -> list[float]:
        import torch
        from mmengine import optim  # noqa: F401  # which registers them
        from mmengine.registry import PARAM_SCHEDULERS

        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        built = []
        for settings in schedulers:
            # Runner._build_param_scheduler: a scheduler without an end ends with the run.
            by_epoch = settings.get("by_epoch", True)
            if "max_epochs" in loop:
                end = loop["max_epochs"] * (1 if by_epoch else _LENGTH)
            else:
                end = loop["max_iters"]
            given = {"optimizer": optimizer, "epoch_length": _LENGTH}
            built.append(PARAM_SCHEDULERS.build({"end": end} | settings, default_args=given))
        found = []
        for t in range(1, updates + 1):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            for scheduler in built:  # ParamSchedulerHook.after_train_iter
                if not scheduler.by_epoch:
                    scheduler.step()
            for scheduler in built:  # ParamSchedulerHook.after_train_epoch
                if scheduler.by_epoch and t % _LENGTH == 0:
                    scheduler.step()
        return found

    return rates


def _move(schedulers: _Schedulers, lr: float, form: str = "py", **loop: Any) -> Move:
    updates = loop["max_epochs"] * _LENGTH if "max_epochs" in loop else loop["max_iters"]
    kind = "EpochBasedTrainLoop" if "max_epochs" in loop else "IterBasedTrainLoop"
    config = {
        "train_cfg": {"type": kind, **loop, "val_interval": 1},
        "optim_wrapper": {"type": "OptimWrapper", "optimizer": {"type": "SGD", "lr": lr}},
        "param_scheduler": schedulers,
    }
    if form == "py":
        text = "".join(f"{name} = {value!r}\n" for name, value in config.items())
    else:
        text = json.dumps(config, indent=1)  # which is YAML too
    counted = "max_epochs" in loop or any(s.get("by_epoch", True) for s in schedulers)
    given = {"steps_per_epoch": _LENGTH} if counted else {}
    return Move({f"config.{form}": text}, _rates(schedulers, loop, lr), updates, given, base=lr)


# With what every class documents: at its defaults, and with none at its default.
_SINGLE: list[dict[str, Any]] = [
    {"type": "LinearLR"},
    {"type": "LinearLR", "end": 1},
    {"type": "LinearLR", "start_factor": 0.01, "end_factor": 0.8, "begin": 2, "end": 7},
    {"type": "LinearLR", "start_factor": 1e-3, "by_epoch": False, "end": 2},
    {"type": "ConstantLR"},
    {"type": "ConstantLR", "factor": 0.2, "begin": 1, "end": 4},
    {"type": "ConstantLR", "factor": 0.2, "by_epoch": False, "end": 1},
    {"type": "StepLR", "step_size": 4},
    {"type": "StepLR", "step_size": 2, "gamma": 0.5, "begin": 1, "end": 8},
    {"type": "StepLR", "step_size": 3, "gamma": 0.5, "convert_to_iter_based": True},
    {"type": "MultiStepLR", "milestones": [8, 11]},
    {"type": "MultiStepLR", "milestones": [3, 3, 1], "gamma": 0.5, "begin": 2, "end": 9},
    {"type": "MultiStepLR", "milestones": [0, 5, 40], "convert_to_iter_based": True},
    {"type": "ExponentialLR", "gamma": 0.9},
    {"type": "ExponentialLR", "gamma": 0.99, "by_epoch": False, "begin": 10, "end": 80},
    {"type": "CosineAnnealingLR"},
    {"type": "CosineAnnealingLR", "T_max": 12, "eta_min": 1e-5, "convert_to_iter_based": True},
    {"type": "CosineAnnealingLR", "T_max": 20, "eta_min_ratio": 0.05, "begin": 1, "end": 9},
    {"type": "CosineAnnealingLR", "T_max": 4, "eta_min": 1e-3},
    {"type": "CosineAnnealingLR", "T_max": 1},
    {"type": "PolyLR"},
    {"type": "PolyLR", "eta_min": 1e-4, "power": 0.9, "begin": 1, "end": 10},
    {"type": "PolyLR", "eta_min": 1e-4, "power": 2, "convert_to_iter_based": True},
    {"type": "CosineRestartLR", "periods": [12], "eta_min": 0},
    {"type": "CosineRestartLR", "periods": [4, 4, 4], "restart_weights": [1, 1, 1],
     "eta_min_ratio": 0.01},
    {"type": "CosineRestartLR", "periods": [3, 6], "restart_weights": [1, 0.5],
     "eta_min": 1e-4, "convert_to_iter_based": True},
    {"type": "OneCycleLR", "eta_max": 0.1, "convert_to_iter_based": True},
    {"type": "OneCycleLR", "eta_max": 0.1, "total_steps": 400, "pct_start": 0.2,
     "anneal_strategy": "linear", "div_factor": 10.0, "final_div_factor": 100.0,
     "three_phase": True, "by_epoch": False},
]  # fmt: skip


def _together(draw: Draw) -> Iterator[Move]:
    """Schedulers one after the other, and above each other."""
    warmup = {"type": "LinearLR", "start_factor": 0.001, "by_epoch": False, "begin": 0}
    steps = {"type": "MultiStepLR", "begin": 0, "end": 12, "milestones": [8, 11]}
    lr = draw.rate(1e-3, 1e-1)
    yield _move([warmup | {"end": 60}, steps], lr, max_epochs=12)
    # The warm-up is longer than the first milestone takes.
    yield _move([warmup | {"end": 220}, steps], lr, "json", max_epochs=12)
    half = {"begin": 6, "end": 12, "T_max": 6, "by_epoch": True, "convert_to_iter_based": True}
    cosine = {"type": "CosineAnnealingLR", "eta_min": lr / 20}
    yield _move([warmup | {"end": 40}, cosine | half], lr, "yaml", max_epochs=12)
    yield _move([warmup | {"end": 40}, {"type": "CosineAnnealingLR"}], lr, max_epochs=12)
    up = {"type": "CosineAnnealingLR", "T_max": 5, "eta_min": lr * 10, "begin": 0, "end": 5}
    down = {"type": "CosineAnnealingLR", "T_max": 7, "eta_min": lr / 1e4, "begin": 5, "end": 12}
    per_update = {"by_epoch": True, "convert_to_iter_based": True}
    yield _move([up | per_update, down | per_update], lr, max_epochs=12)
    rise = {"type": "LinearLR", "start_factor": 1e-3, "end": 3, "convert_to_iter_based": True}
    yield _move([rise, {"type": "CosineAnnealingLR", "begin": 3, "eta_min": 1e-5}], lr,
                max_epochs=12)  # fmt: skip
    poly = {"type": "PolyLR", "power": 1.0, "begin": 30, "end": 400, "by_epoch": False}
    yield _move([warmup | {"end": 30}, poly], lr, max_iters=400)
    yield _move([warmup | {"end": 30}, poly | {"end": 300, "eta_min": 1e-5}], lr, max_iters=400)
    over = {"type": "PolyLR", "power": 0.9, "begin": 0, "end": 400, "by_epoch": False}
    yield _move([warmup | {"end": 30}, over], lr, max_iters=400)
    three = [
        {"type": "ConstantLR", "factor": 0.5, "by_epoch": False, "begin": 20, "end": 90},
        {"type": "ExponentialLR", "gamma": 0.9, "begin": 2, "end": 10},
        {"type": "StepLR", "step_size": 3, "begin": 1},
    ]
    yield _move(three, lr, max_epochs=12)


def _drawn(draw: Draw) -> Iterator[Move]:
    for i, settings in enumerate(_SINGLE):
        form = ("py", "json", "yaml")[i % 3]
        yield _move([settings], draw.rate(1e-3, 1e-1), form, max_epochs=12)
    yield from _together(draw)
    yield _move([], 0.01, max_epochs=2)


MOVES = Moves("mmengine", _drawn)
