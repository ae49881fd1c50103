"""transformers: arguments of a ``Trainer``, and calls of the functions that make schedules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw
from tests.oracles.torch_rates import torch_rates


def _rates(
    kind: str, up: int, total: int, options: dict[str, Any] | None, lr: float
) -> Callable[[int], list[float]]:
    """Builds the schedule as ``Trainer`` does, and steps it after each update."""

    def rates(updates: int) -> list[float]:
        from transformers import get_scheduler

        return torch_rates(lambda o: get_scheduler(kind, o, up, total, options), updates, lr)

    return rates


# Kinds with their options: none given, and all given.
_KINDS: tuple[tuple[str, dict[str, Any] | None], ...] = (
    ("linear", None),
    ("cosine", None),
    ("cosine", {"num_cycles": 1.5}),
    ("cosine_with_restarts", None),
    ("cosine_with_restarts", {"num_cycles": 3}),
    ("polynomial", None),
    ("polynomial", {"lr_end": 1e-6, "power": 2.0}),
    ("cosine_with_min_lr", {"min_lr": 1e-6}),
    ("cosine_with_min_lr", {"min_lr_rate": 0.1, "num_cycles": 1.5}),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1}),
    ("cosine_warmup_with_min_lr", {"min_lr": 1e-6, "warmup_lr_rate": 0.2, "num_cycles": 1.5}),
    ("constant", None),
    ("constant_with_warmup", None),
    ("inverse_sqrt", None),
    ("inverse_sqrt", {"timescale": 30}),
    ("warmup_stable_decay", {"num_decay_steps": 40}),
    ("warmup_stable_decay", {"num_decay_steps": 40, "num_cycles": 1.5, "min_lr_ratio": 0.2}),
    ("warmup_stable_decay", {"num_decay_steps": 40, "decay_type": "linear"}),
    ("warmup_stable_decay",
     {"num_decay_steps": 40, "num_stable_steps": 30, "decay_type": "1-sqrt",
      "warmup_type": "cosine", "min_lr_ratio": 0.1}),
)  # fmt: skip


def _arguments(draw: Draw) -> Iterator[Move]:
    """The arguments of a trainer in YAML, those left out that have their default."""
    yield _move({}, 50, lr=5e-5, given={"total": 50})
    for kind, options in _KINDS:
        lr, total = draw.rate(1e-6, 1e-2), draw.randint(120, 900)
        settings = {"lr_scheduler_type": kind, "learning_rate": lr, "max_steps": total}
        if options:
            settings["lr_scheduler_kwargs"] = options
        for up in (0, 1, draw.randint(2, 60), draw.factor(0.01, 0.2)):
            yield _move(settings | {"warmup_steps": up}, total, lr)


def _move(settings: dict[str, Any], total: int, lr: float, **given: Any) -> Move:
    up = settings.get("warmup_steps", 0)
    steps = int(up) if up >= 1 else math.ceil(total * up)
    kind = settings.get("lr_scheduler_type", "linear")
    text = "".join(
        f"{key}: {_spelled(value)}\n"
        for key, value in ({"lr_scheduler_type": kind} | settings).items()
    )
    rates = _rates(kind, steps, total, settings.get("lr_scheduler_kwargs"), lr)
    return Move({"train.yaml": text}, rates, total, base=lr, **given)


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {v}" for k, v in value.items()) + "}"
    return str(value)


# Functions with their arguments after the optimizer: those they cannot do without, and all.
_CALLS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("constant_schedule", {}, {}),
    ("constant_schedule_with_warmup", {"num_warmup_steps": 10}, {}),
    ("linear_schedule_with_warmup", {"num_warmup_steps": 10, "num_training_steps": 100}, {}),
    ("cosine_schedule_with_warmup", {"num_warmup_steps": 10, "num_training_steps": 100},
     {"num_cycles": 1.5}),
    ("cosine_with_hard_restarts_schedule_with_warmup",
     {"num_warmup_steps": 10, "num_training_steps": 100}, {"num_cycles": 3}),
    ("polynomial_decay_schedule_with_warmup",
     {"num_warmup_steps": 10, "num_training_steps": 100}, {"lr_end": 0.01, "power": 2.0}),
    ("inverse_sqrt_schedule", {"num_warmup_steps": 10}, {"timescale": 30}),
    ("cosine_with_min_lr_schedule_with_warmup",
     {"num_warmup_steps": 10, "num_training_steps": 100, "min_lr_rate": 0.1},
     {"num_cycles": 1.5}),
    ("cosine_with_min_lr_schedule_with_warmup_lr_rate",
     {"num_warmup_steps": 10, "num_training_steps": 100, "min_lr_rate": 0.1},
     {"num_cycles": 1.5, "warmup_lr_rate": 0.2}),
    ("wsd_schedule",
     {"num_warmup_steps": 10, "num_decay_steps": 40, "num_training_steps": 100},
     {"warmup_type": "1-sqrt", "decay_type": "linear", "min_lr_ratio": 0.1}),
)  # fmt: skip


def _calls() -> Iterator[Move]:
    """Calls of the functions: at their defaults, and with every argument that a row can show."""
    for name, least, more in _CALLS:
        for given in [least, least | more] if more else [least]:
            arguments = ", ".join(["optimizer", *(f"{k}={v!r}" for k, v in given.items())])
            text = f"from transformers import get_{name}\n\nscheduler = get_{name}({arguments})\n"
            yield Move({"train.py": text}, _called(name, given), 100)


def _called(name: str, given: dict[str, Any]) -> Callable[[int], list[float]]:
    def rates(updates: int) -> list[float]:
        import transformers

        make = getattr(transformers, f"get_{name}")
        return torch_rates(lambda optimizer: make(optimizer, **given), updates, 1.0)

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    yield from _arguments(draw)
    yield from _calls()


MOVES = Moves("transformers", _drawn)
