"""axolotl: its YAML, with the schedules of its trainers.

axolotl itself takes a GPU's libraries to install. ``utils/schedulers.py`` of its source package
needs torch alone, and is loaded from there; which schedule a config gets, and how long its warm-up
is, is written here from ``core/builders/base.py`` and ``core/trainers/mixins/scheduler.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch.optim import SGD

from tests.oracles.moves.by_path import loaded
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw
from tests.oracles.torch_rates import torch_rates


def _rates(
    settings: dict[str, Any], up: int, total: int, lr: float
) -> Callable[[int], list[float]]:
    def rates(updates: int) -> list[float]:
        return torch_rates(lambda optimizer: _made(settings, optimizer, up, total), updates, lr)

    return rates


def _made(settings: dict[str, Any], optimizer: SGD, up: int, total: int) -> Any:
    """The schedule that a trainer makes of the settings."""
    from transformers import get_scheduler

    own = loaded("axolotl", "axolotl/utils/schedulers.py", {})
    kind = settings.get("lr_scheduler", "cosine")
    low, held = settings.get("cosine_min_lr_ratio"), settings.get("cosine_constant_lr_ratio")
    if kind == "rex":
        return own.RexLR(optimizer, settings["learning_rate"], 0, total, up)
    if kind == "cosine" and settings.get("lr_quadratic_warmup"):
        return own.get_cosine_schedule_with_quadratic_warmup(optimizer, up, total)
    if kind == "cosine" and low and held:
        return own.get_cosine_schedule_with_warmup_decay_constant(optimizer, up, total, held, low)
    if kind == "cosine" and low:
        return own.get_cosine_schedule_with_min_lr(optimizer, up, total, low)
    return get_scheduler(kind, optimizer, up, total, settings.get("lr_scheduler_kwargs"))


def _warmup(settings: dict[str, Any], total: int) -> int:
    if (steps := settings.get("warmup_steps")) is None:
        ratio = settings.get("warmup_ratio")
        steps = min(int(0.03 * total), 100) if ratio is None else max(int(ratio * total), 0)
    return 2 if steps == 1 else steps


def _drawn(draw: Draw) -> Iterator[Move]:
    for own in (
        {},
        {"lr_scheduler": "linear"},
        {"lr_scheduler": "rex"},
        {"lr_quadratic_warmup": True},
        {"cosine_min_lr_ratio": 0.1},
        {"cosine_min_lr_ratio": 0.1, "cosine_constant_lr_ratio": 0.8},
        {"lr_scheduler": "cosine_with_restarts", "lr_scheduler_kwargs": {"num_cycles": 3}},
        {"lr_scheduler": "constant_with_warmup"},
    ):
        for up in ({}, {"warmup_steps": 0}, {"warmup_steps": 1}, {"warmup_ratio": 0.17}):
            lr, total = draw.rate(1e-5, 1e-2), draw.choice([20, 101, 477, 4567])
            settings: dict[str, Any] = {
                "base_model": "llama", "micro_batch_size": 2, "learning_rate": lr,
                "max_steps": total, **own, **up,
            }  # fmt: skip
            text = "".join(f"{key}: {_spelled(value)}\n" for key, value in settings.items())
            rates = _rates(settings, _warmup(settings, total), total, lr)
            yield Move({"run.yml": text}, rates, total, base=lr)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


MOVES = Moves("axolotl", _drawn)
