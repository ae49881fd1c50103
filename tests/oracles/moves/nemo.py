"""NeMo: the ``sched`` of an optimizer, made and stepped as its models do."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.oracles.moves.by_path import loaded
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw


@cache
def _schedules() -> Any:
    unused = object
    return loaded(
        "nemo_toolkit",
        "nemo/core/optim/lr_scheduler.py",
        {
            "omegaconf": {"DictConfig": unused, "OmegaConf": unused},
            "nemo.core.classes.common": {"safe_instantiate": unused},
            "nemo.core.config.schedulers": dict.fromkeys(
                ("SchedulerParams", "get_scheduler_config", "register_scheduler_params"), unused
            ),
            "nemo.utils": {"logging": logging},
            "nemo.utils.model_utils": {"maybe_update_config_version": unused},
        },
    )


def _rates(kind: str, params: dict[str, Any], lr: float) -> Callable[[int], list[float]]:
    """Makes the schedule as ``prepare_lr_scheduler`` does, and steps it after each update."""

    def rates(updates: int) -> list[float]:
        import torch

        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
        scheduler = _schedules().AVAILABLE_SCHEDULERS[kind](optimizer, max_steps=updates, **params)
        found = []
        for _ in range(updates):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scheduler.step()
        return found

    return rates


# By kind: what it needs, and what else it knows.
_KINDS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "WarmupPolicy": ({}, []),
    "CosineAnnealing": ({}, [{"constant_steps": 40}, {"constant_ratio": 0.13}]),
    "WarmupAnnealing": ({}, []),
    "SquareAnnealing": ({}, []),
    "SquareRootAnnealing": ({}, []),
    "PolynomialDecayAnnealing": ({}, [{"power": 2.0}, {"power": 0.5, "cycle": True}]),
    "InverseSquareRootAnnealing": ({}, []),
    "NoamAnnealing": ({"d_model": 256}, []),
    "WarmupHoldPolicy": ({}, [{"hold_steps": 30}]),
    "PolynomialHoldDecayAnnealing": ({}, [
        {"hold_steps": 30, "power": 2.0}, {"hold_ratio": 0.17}, {"hold_steps": 0}]),
    "WarmupHoldAnnealLinear": ({}, [{"hold_steps": 30}, {"hold_ratio": 0.17}]),
    "WarmupHoldAnnealOneMinusSquareRoot": ({}, [{"hold_steps": 30}, {"hold_ratio": 0.17}]),
    "NoamHoldAnnealing": ({"warmup_steps": 20}, [
        {"hold_steps": 30}, {"hold_ratio": 0.17, "decay_rate": 1.0}]),
}  # fmt: skip


def _configs(draw: Draw) -> Iterator[Move]:
    yield _move("T5InverseSquareRootAnnealing", {"constant_steps": 50}, 1.0, 200)
    for kind, (needed, others) in _KINDS.items():
        # Of a peak of NeMo's noam, sqrt(256 · 20) is left.
        peak = 2.0 if kind == "NoamAnnealing" else draw.rate(1e-3, 1e-1)
        lowest = {"min_lr": peak / 200 if kind == "NoamAnnealing" else peak / 16}
        for own in ({}, *others):
            yield _move(kind, needed | own, peak, draw.randint(150, 300))
            for up in (
                {"warmup_steps": draw.randint(2, 50)},
                {"warmup_ratio": draw.factor(0.05, 0.2)},
            ):
                rest = {k: v for k, v in needed.items() if k != "warmup_steps"}
                yield _move(kind, rest | own | up | lowest, peak, draw.randint(150, 300))
        yield _move(kind, needed | {"warmup_steps": 1}, peak, 120)


def _move(kind: str, params: dict[str, Any], lr: float, total: int) -> Move:
    given = "".join(f"      {key}: {str(value).lower()}\n" for key, value in params.items())
    text = (
        f"trainer:\n  max_steps: {total}\nmodel:\n  optim:\n    name: adamw\n    lr: {lr}\n"
        f"    sched:\n      name: {kind}\n{given}"
    )
    up = params.get("warmup_steps", int(params.get("warmup_ratio", 0) * total))
    held = params.get("hold_steps", int(params.get("hold_ratio", 0) * total))
    late = params.get("constant_steps", int(params.get("constant_ratio", 0) * total))
    marks = (2, up, up + 1, up + held, total - late, total - up)
    return Move({"config.yaml": text}, _rates(kind, params, lr), total, base=lr, marks=marks)


MOVES = Moves("nemo_toolkit", _configs)
