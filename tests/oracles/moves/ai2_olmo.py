"""OLMo: the scheduler of a training config, by the classes of ``olmo/optim.py``."""

from __future__ import annotations

import math
from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from tests.oracles.moves.definitions import defined
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_CLASSES = {
    "Scheduler", "CosWithWarmup", "LinearWithWarmup", "InvSqrtWithWarmup", "MaxScheduler",
    "ConstantScheduler", "CosLinearEnvelope", "ConstantWithWarmupScheduler", "build_scheduler",
}  # fmt: skip
_NAMES = (
    "cosine_with_warmup", "linear_with_warmup", "inverse_sqrt_with_warmup", "max_scheduler",
    "constant", "cosine_linear_envelope", "constant_with_warmup",
)  # fmt: skip
_BATCH, _SEQUENCE = 8, 64


@dataclass
class _Config:
    """The fields and defaults of ``SchedulerConfig``."""

    name: str = "cosine_with_warmup"
    units: str = "steps"
    t_warmup: float = 100
    t_max: float | None = None
    alpha_f: float = 0.1
    grad_clip_warmup_steps: float | None = None
    grad_clip_warmup_factor: float | None = None
    warmup_min_lr: float | None = None


def _rates(
    settings: dict[str, Any], lr: float, total: int, tokens: int
) -> Callable[[int], list[float]]:
    """Asks for the rates as ``Trainer.train_step`` does, which counts an update before it.

    That is ``olmo/train.py`` 0.6.0, line 1198 and then 864: ``scheduler_current`` is
    ``global_step``, or the tokens seen, those of the update included.
    """

    def rates(updates: int) -> list[float]:
        given = {"dataclass": dataclass, "ABCMeta": ABCMeta, "abstractmethod": abstractmethod,
                 "cos": math.cos, "pi": math.pi, "sqrt": math.sqrt, "replace": replace,
                 "SchedulerType": SimpleNamespace(**{name: name for name in _NAMES})}  # fmt: skip
        found = defined("ai2-olmo", "olmo/optim.py", _CLASSES, given)
        config = _Config(**settings)
        scheduler = found["build_scheduler"](None, config)
        by_step = config.units == "steps"
        scale, most = (1, total) if by_step else (_BATCH * _SEQUENCE, tokens)
        return [
            float(scheduler.get_lr(lr, scale * global_step, most))
            for global_step in range(1, updates + 1)
        ]

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    yield _move({}, draw.rate(1e-5, 1e-2), "700", 700)
    for name in _NAMES:
        lr, total = draw.rate(1e-5, 1e-2), draw.randint(150, 900)
        yield _move({"name": name}, lr, total, total, is_bare=True)
        settings: dict[str, Any] = {
            "name": name, "t_warmup": draw.randint(2, 60), "alpha_f": draw.factor(0.01, 0.5),
            "warmup_min_lr": 0.0, "grad_clip_warmup_steps": 10, "grad_clip_warmup_factor": 5.0,
        }  # fmt: skip
        yield _move(settings, lr, total, total)
        settings |= {"warmup_min_lr": lr / 8, "t_max": total - 20}
        yield _move(settings, lr, total, total)
        settings = {"name": name, "t_warmup": 10, "alpha_f": 0.2, "warmup_min_lr": 1e-6,
                    "t_max": 80}  # fmt: skip
        yield _move(settings, 3e-4, 100, 100, is_bare=True)
    for settings in (
        {"t_warmup": 0},
        {"t_warmup": 1},
        {"t_warmup": 2, "alpha_f": 0.0},
        {"t_warmup": 299},
        {"name": "linear_with_warmup", "t_warmup": 0, "alpha_f": 0.0},
        {"name": "cosine_linear_envelope", "t_warmup": 0, "alpha_f": 0.0},
        {"name": "cosine_with_warmup", "t_warmup": 30, "t_max": 500},
    ):
        yield _move(settings, draw.rate(1e-5, 1e-2), 300, 300)
    # In tokens: an update has 8 * 64 of them.
    tokens = {"units": "tokens", "t_warmup": 20 * 512}
    yield _move(tokens, draw.rate(), "2e5T", 391, 200_000)
    yield _move(tokens | {"t_max": 200_000}, draw.rate(), 400, 400, 400 * 512)
    yield _move(tokens | {"name": "linear_with_warmup"}, draw.rate(), "2e5T", 391, 200_000)
    yield _move(tokens | {"name": "max_scheduler"}, draw.rate(), "2e5T", 391, 200_000)
    yield _move(tokens | {"name": "cosine_linear_envelope"}, draw.rate(), "2e5T", 391, 200_000)
    yield _move({"t_warmup": 20}, draw.rate(), "2e5T", 391)
    yield _move({"t_warmup": 20}, draw.rate(), "3ep", 240, given={"steps_per_epoch": 80})


def _move(
    settings: dict[str, Any], lr: float, duration: float | str, total: int, tokens: int = 0,
    given: dict[str, int] | None = None, is_bare: bool = False,
) -> Move:  # fmt: skip
    lines = [f"  {key}: {value}" for key, value in ({"name": _NAMES[0]} | settings).items()]
    batch = [] if is_bare else ["model:", f"  max_sequence_length: {_SEQUENCE}",
                               f"global_train_batch_size: {_BATCH}"]  # fmt: skip
    text = "\n".join(
        ["optimizer:", f"  learning_rate: {lr}", "scheduler:", *lines,
         f"max_duration: {duration}", *batch, ""]
    )  # fmt: skip
    rates = _rates(settings, lr, total, tokens or total * _BATCH * _SEQUENCE)
    return Move({"train.yaml": text}, rates, total, base=lr, given=given or {})


MOVES = Moves("ai2-olmo", _drawn)
