"""DeepSpeed: the ``scheduler`` of its config, stepped as its engine does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.oracles.moves.by_path import loaded
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw


@cache
def _schedules() -> Any:
    logger = logging.getLogger("deepspeed")
    logger.setLevel(logging.ERROR)
    return loaded(
        "deepspeed", "deepspeed/runtime/lr_schedules.py", {"deepspeed.utils": {"logger": logger}}
    )


def _rates(
    kind: str, params: dict[str, Any], lr: float, target: str
) -> Callable[[int], list[float]]:
    """Builds the schedule as ``_scheduler_from_config`` does, and steps it after each update."""

    def rates(updates: int) -> list[float]:
        import torch

        make = torch.optim.SGD if target == "lr" else torch.optim.Adam
        optimizer = make([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        scheduler = getattr(_schedules(), kind)(optimizer, **params)
        found = []
        for _ in range(updates):
            (group,) = optimizer.param_groups
            betas = dict(zip(("beta1", "beta2"), group.get("betas", ()), strict=False))
            found.append(float({**group, **betas}[target]))
            optimizer.step()
            scheduler.step()
        return found

    return rates


def _configs(draw: Draw) -> Iterator[Move]:
    for kind, params in _warmups(draw):
        yield _move(kind, params, draw.rate(1e-5, 1e-2))
    for params in _cycles(draw):
        yield _move("OneCycle", params | {"cycle_momentum": False}, 1e-3)
        for target in ("beta1", "beta2"):
            yield _move("OneCycle", params, 1e-3, target)
    for params in (
        {"lr_range_test_step_size": 200},
        {"lr_range_test_step_size": 7, "lr_range_test_staircase": True},
        {"lr_range_test_min_lr": 1e-4, "lr_range_test_step_size": 50,
         "lr_range_test_step_rate": 2.5},
        {"lr_range_test_min_lr": 1e-4, "lr_range_test_step_size": 50,
         "lr_range_test_step_rate": 5, "lr_range_test_staircase": True},
    ):  # fmt: skip
        yield _move("LRRangeTest", params, 1e-3)


def _warmups(draw: Draw) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each of the warm-ups with nothing given that has a default, and with everything."""
    yield "WarmupLR", {}
    yield "WarmupDecayLR", {"total_num_steps": 1_400}
    yield "WarmupCosineLR", {"total_num_steps": 1_400}
    for kind in ("WarmupLR", "WarmupDecayLR"):
        for way in ("log", "linear"):
            for up in (1, 2, draw.randint(3, 60)):
                params: dict[str, Any] = {"warmup_type": way, "warmup_num_steps": up}
                if kind != "WarmupLR":
                    params["total_num_steps"] = draw.randint(100, 300)
                yield kind, params
                ends = {"warmup_min_lr": draw.rate(1e-6, 1e-5), "warmup_max_lr": draw.rate()}
                yield kind, params | ends
    for way in ("log", "linear"):
        for up in (1, draw.randint(3, 60)):
            params = {"warmup_type": way, "warmup_num_steps": up, "total_num_steps": 190}
            yield "WarmupCosineLR", params
            yield (
                "WarmupCosineLR",
                params | {"warmup_min_ratio": draw.factor(), "cos_min_ratio": draw.factor()},
            )
    # Runs that end with the warm-up, before it, and right after it.
    for kind in ("WarmupDecayLR", "WarmupCosineLR"):
        for total in (20, 21, 22, 23):
            yield kind, {"warmup_num_steps": 21, "total_num_steps": total}


def _cycles(draw: Draw) -> Iterator[dict[str, Any]]:
    ends = {"cycle_min_lr": 1e-4, "cycle_max_lr": draw.rate(1e-3, 1e-1)}
    yield ends | {"cycle_first_step_size": 40}
    yield ends | {"cycle_first_step_size": 40, "cycle_second_step_size": 0}
    yield ends | {"cycle_first_step_size": 1, "cycle_second_step_size": 55}
    yield ends | {
        "cycle_first_step_size": draw.randint(20, 60), "cycle_second_step_size": 70,
        "decay_step_size": 13, "decay_lr_rate": 0.3, "decay_mom_rate": 0.01,
        "cycle_min_mom": 0.85, "cycle_max_mom": 0.95,
    }  # fmt: skip


def _move(kind: str, params: dict[str, Any], lr: float, target: str = "lr") -> Move:
    config = {
        "train_batch_size": 64,
        "optimizer": {"type": "Adam", "params": {"lr": lr}},
        "scheduler": {"type": kind, "params": params},
    }
    # Beyond the end of each.
    updates = 60 + sum(
        params.get(key, default)
        for key, default in (
            ("warmup_num_steps", 1_000 if "Warmup" in kind else 0),
            ("total_num_steps", 0),
            ("cycle_first_step_size", 0),
            ("cycle_second_step_size", 60),
        )
    )
    base = {"lr": lr, "beta1": 0.9, "beta2": 0.999}[target]
    rates = _rates(kind, params, lr, target)
    files = {"ds_config.json": json.dumps(config, indent=2)}
    return Move(files, rates, updates, base=base, target=target, marks=_marks(params))


def _marks(params: dict[str, Any]) -> tuple[int, ...]:
    first = params.get("cycle_first_step_size", 0)
    keys = ("warmup_num_steps", "total_num_steps", "lr_range_test_step_size")
    ends = (params.get(key, 1_000) for key in keys)
    return (2, *ends, first, first + params.get("cycle_second_step_size", first))


MOVES = Moves("deepspeed", _configs)
