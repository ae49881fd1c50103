"""fairseq: configs and commands, with the loop of its trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.oracles.moves.by_path import loaded
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_FILES = {
    "inverse_sqrt": ("inverse_square_root_schedule", "InverseSquareRoot"),
    "cosine": ("cosine_lr_scheduler", "CosineLR"),
    "polynomial_decay": ("polynomial_decay_schedule", "PolynomialDecayLR"),
    "tri_stage": ("tri_stage_lr_scheduler", "TriStageLR"),
    "fixed": ("fixed_schedule", "FixedLR"),
    "triangular": ("triangular_lr_scheduler", "TriangularLR"),
    "step": ("step_lr_scheduler", "StepLR"),
}


class Optimizer:
    """An optimizer of one rate: ``FairseqOptimizer``."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def set_lr(self, lr: float) -> None:
        """Sets the rate."""
        self.lr = lr

    def get_lr(self) -> float:
        """The rate."""
        return self.lr


@cache
def _module(name: str) -> Any:
    base = loaded(
        "fairseq",
        "fairseq/optim/lr_scheduler/fairseq_lr_scheduler.py",
        {
            "fairseq.dataclass.utils": {"gen_parser_from_dataclass": None},
            "fairseq.optim": {"FairseqOptimizer": Optimizer},
        },
    )
    return loaded(
        "fairseq",
        f"fairseq/optim/lr_scheduler/{name}.py",
        {
            "omegaconf": {"II": lambda name: name},
            "fairseq.dataclass": {"FairseqDataclass": object},
            "fairseq.optim.lr_scheduler": {
                "FairseqLRScheduler": base.FairseqLRScheduler,
                "register_lr_scheduler": lambda name, dataclass: lambda kind: kind,
            },
        },
    )


def _rates(
    kind: str, fields: dict[str, Any], lr: list[float], total: int, per_epoch: int
) -> Callable[[int], list[float]]:
    """Steps as ``Trainer`` does: before the first update, at an epoch's start, after an update."""

    def rates(updates: int) -> list[float]:
        file, name = _FILES[kind]
        module = _module(file)
        config = getattr(module, f"{name.removesuffix('LR')}LRScheduleConfig")()
        config.lr = lr
        for key in ("max_update", "total_num_update"):
            if hasattr(config, key):
                setattr(config, key, total)
        for key, value in fields.items():
            setattr(config, key, value)
        optimizer = Optimizer(lr[0])
        scheduler = getattr(module, f"{name}Schedule")(config, optimizer)
        scheduler.step_update(0)
        found = []
        for n in range(updates):
            if n % per_epoch == 0:
                scheduler.step_begin_epoch(n // per_epoch + 1)
                scheduler.step_update(n)
            found.append(float(optimizer.get_lr()))
            scheduler.step_update(n + 1)
        return found

    return rates


_KINDS: dict[str, list[dict[str, Any]]] = {
    "inverse_sqrt": [{}, {"warmup_updates": 1}, {"warmup_updates": 70, "warmup_init_lr": 1e-7}],
    "cosine": [
        {}, {"warmup_updates": 30, "min_lr": 1e-6},
        {"warmup_updates": 30, "warmup_init_lr": 1e-7, "lr_period_updates": 80},
        {"lr_period_updates": 50, "lr_shrink": 0.5, "min_lr": 1e-6},
        {"lr_period_updates": 50, "lr_shrink": 1.0, "warmup_updates": 1},
        {"lr_period_updates": 40, "t_mult": 2.0, "lr_shrink": 0.7, "min_lr": 1e-6},
    ],
    "polynomial_decay": [
        {}, {"warmup_updates": 40}, {"warmup_updates": 1, "power": 2.0},
        {"warmup_updates": 40, "total_num_update": 200, "end_learning_rate": 1e-6},
        {"warmup_updates": 40, "total_num_update": 700, "power": 0.5},
    ],
    "tri_stage": [
        {"decay_steps": 100}, {"warmup_steps": 30, "hold_steps": 50, "decay_steps": 120},
        {"warmup_steps": 1, "hold_steps": 0, "decay_steps": 120, "final_lr_scale": 0.05,
         "init_lr_scale": 0.1},
        {"phase_ratio": [0.1, 0.4, 0.5], "final_lr_scale": 0.05},
    ],
    "fixed": [{}, {"warmup_updates": 1}, {"warmup_updates": 40}],
    "triangular": [
        {"max_lr": 0.5}, {"max_lr": 0.5, "lr_period_updates": 60, "lr_shrink": 0.5},
        {"max_lr": 0.5, "lr_period_updates": 75, "shrink_min": True},
        {"max_lr": 0.5, "lr_period_updates": 60, "lr_shrink": 1.0},
    ],
    "step": [
        {}, {"warmup_updates": 30, "lr_deacy_period": 40, "lr_decay": 0.3, "min_lr": 1e-4},
        {"warmup_updates": 1, "warmup_init_lr": 1e-5, "lr_deacy_period": 40},
    ],
}  # fmt: skip


def _moves(draw: Draw) -> Iterator[Move]:
    for kind, settings in _KINDS.items():
        for fields in settings:
            lr, total = draw.rate(1e-3, 1e-2), draw.randint(250, 400)
            yield _config(kind, fields, [lr], total)
            if "phase_ratio" not in fields:
                yield _command(kind, fields, [lr], total)
    yield _config("polynomial_decay", {"warmup_updates": 20}, [0.1, 0.01], 200, base=0.01)
    # Rates that change with the epoch, here of 50 updates.
    for fields in ({}, {"warmup_updates": 1}, {"warmup_updates": 70}):
        yield _config("fixed", fields, [0.1, 0.05, 0.02], 220, per_epoch=50)
    for fields in (
        {"force_anneal": 1},
        {"force_anneal": 3, "lr_shrink": 0.5, "warmup_updates": 70},
    ):
        yield _config("fixed", fields, [0.1], 220, per_epoch=50)


def _config(
    kind: str,
    fields: dict[str, Any],
    lr: list[float],
    total: int,
    *,
    base: float = 0.0,
    per_epoch: int = 0,
) -> Move:
    given = "".join(f"  {key}: {str(value).lower()}\n" for key, value in fields.items())
    text = (
        f"optimization:\n  max_update: {total}\n  lr: {lr}\nlr_scheduler:\n  _name: {kind}\n{given}"
    )
    return _move({"config.yaml": text}, kind, fields, lr, total, base or lr[0], per_epoch)


def _command(kind: str, fields: dict[str, Any], lr: list[float], total: int) -> Move:
    given = "".join(
        f" \\\n    --{key.replace('_', '-')}{'' if value is True else f' {value}'}"
        for key, value in fields.items()
    )
    text = (
        f"fairseq-train data-bin --arch transformer --lr {lr[0]} \\\n"
        f"    --lr-scheduler {kind} --max-update {total}{given}\n"
    )
    return _move({"train.sh": text}, kind, fields, lr, total, lr[0], 0)


def _move(
    files: dict[str, str],
    kind: str,
    fields: dict[str, Any],
    lr: list[float],
    total: int,
    base: float,
    per_epoch: int,
) -> Move:
    rates = _rates(kind, fields, lr, total, per_epoch or 10**9)
    given = {"steps_per_epoch": per_epoch} if per_epoch else {}
    up = fields.get("warmup_updates", fields.get("warmup_steps", 0))
    held = up + fields.get("hold_steps", 0)
    length = int(fields.get("lr_period_updates", fields.get("lr_deacy_period", 0)))
    marks = (
        2, up, held, held + fields.get("decay_steps", 0), length // 2, up + length,
        fields.get("total_num_update", 0), per_epoch, 2 * per_epoch,
    )  # fmt: skip
    return Move(files, rates, total, given, base=base, marks=marks)


MOVES = Moves("fairseq", _moves)
