"""axolotl: its YAML, with the schedules of its trainers.

axolotl itself takes a GPU's libraries to install. ``utils/schedulers.py`` of its source package
needs torch alone, and is loaded from there; which schedule a config gets, and how long its warm-up
is, is written here from ``core/builders/base.py`` and ``core/trainers/mixins/scheduler.py``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw


def _schedulers() -> Any:
    """The module of its schedules, from its installed package, which is not imported itself."""
    files = metadata.files("axolotl") or []
    path = next(f for f in files if str(f).endswith("axolotl/utils/schedulers.py"))
    spec = importlib.util.spec_from_file_location("axolotl_schedulers", path.locate())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _rates(
    settings: dict[str, Any], up: int, total: int, lr: float
) -> Callable[[int], list[float]]:
    def rates(updates: int) -> list[float]:
        import torch
        from transformers import get_scheduler

        optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr)
        own, kind = _schedulers(), settings.get("lr_scheduler", "cosine")
        low, held = settings.get("cosine_min_lr_ratio"), settings.get("cosine_constant_lr_ratio")
        if kind == "rex":
            scheduler = own.RexLR(optimizer, lr, 0, total, up)
        elif kind == "cosine" and settings.get("lr_quadratic_warmup"):
            scheduler = own.get_cosine_schedule_with_quadratic_warmup(optimizer, up, total)
        elif kind == "cosine" and low and held:
            scheduler = own.get_cosine_schedule_with_warmup_decay_constant(
                optimizer, up, total, held, low
            )
        elif kind == "cosine" and low:
            scheduler = own.get_cosine_schedule_with_min_lr(optimizer, up, total, low)
        else:
            options = settings.get("lr_scheduler_kwargs")
            scheduler = get_scheduler(kind, optimizer, up, total, options)
        found = []
        for _ in range(updates):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            scheduler.step()
        return found

    return rates


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
