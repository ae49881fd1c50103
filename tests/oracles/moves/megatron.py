"""Megatron-LM: arguments of its training in shell scripts, stepped as ``train_step`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tests.oracles.moves.by_path import loaded
from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw


def _quiet(*given: Any, **options: Any) -> None:
    """Stands for ``log_single_rank``."""


@cache
def _module(name: str) -> Any:
    stand_ins = {"megatron.core.utils": {"log_single_rank": _quiet}}
    return loaded("megatron-core", f"megatron/core/{name}.py", stand_ins)


def _rates(a: dict[str, Any], target: str) -> Callable[[int], list[float]]:
    """Steps the scheduler by the batch that was trained on: ``opt_param_scheduler.step``."""

    def rates(updates: int) -> list[float]:
        import torch

        optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=a["lr"])
        scheduler = _module("optimizer_param_scheduler").OptimizerParamScheduler(
            optimizer, **_scheduled(a)
        )
        batches = _batches(a)
        found, seen = [], 0
        for _ in range(updates):
            found.append(float(optimizer.param_groups[0][target]))
            batches.update(seen, consistency_check=False)
            batch = batches.get_current_global_batch_size()
            scheduler.step(increment=batch)
            seen += batch
        return found

    return rates


def _batches(a: dict[str, Any]) -> Any:
    """The size of the batches, one of one sample being a micro batch."""
    module = _module("num_microbatches_calculator")
    size = a.get("global_batch_size", 1)
    if (ramp := a.get("rampup_batch_size")) is None:
        return module.ConstantNumMicroBatchesCalculator(size, 1, 1, False, 1)
    start, by, over = map(int, ramp.split())
    return module.RampupBatchsizeNumMicroBatchesCalculator(size, 1, 1, False, 1, start, by, over)


def _scheduled(a: dict[str, Any]) -> dict[str, Any]:
    """``get_optimizer_param_scheduler`` of megatron/training/training.py, with its defaults."""
    size = a.get("global_batch_size", 1)
    word, unit = ("samples", 1) if "train_samples" in a else ("iters", size)
    length = a[f"train_{word}"]
    decay = a.get(f"lr_decay_{word}", length) * unit
    share = a.get("lr_warmup_fraction")
    up = a.get(f"lr_warmup_{word}", 0) * unit if share is None else share * decay
    cooldown = a.get(f"lr_wsd_decay_{word}")
    own = a.get("weight_decay", 0.01)
    return {
        "init_lr": a.get("lr_warmup_init", 0.0),
        "max_lr": a["lr"],
        "min_lr": a.get("min_lr", 0.0),
        "lr_warmup_steps": up,
        "lr_decay_steps": decay,
        "lr_decay_style": a.get("lr_decay_style", "linear"),
        "start_wd": a.get("start_weight_decay", own),
        "end_wd": a.get("end_weight_decay", own),
        "wd_incr_steps": length * unit,
        "wd_incr_style": a.get("weight_decay_incr_style", "constant"),
        "wsd_decay_steps": None if cooldown is None else cooldown * unit,
        "lr_wsd_decay_style": a.get("lr_wsd_decay_style", "exponential"),
    }


STYLES = ("constant", "linear", "cosine", "inverse-square-root", "WSD")


def _commands(draw: Draw) -> Iterator[Move]:
    yield _move({"lr": 1e-4, "train_iters": 200})
    for style in STYLES:
        own = {"lr_decay_style": style} | ({"lr_wsd_decay_iters": 40} if style == "WSD" else {})
        lr = draw.rate(1e-5, 1e-2)
        run = own | {"lr": lr, "train_iters": 300, "global_batch_size": 24}
        yield _move(run)
        yield _move(run | {"lr_warmup_iters": 1, "min_lr": lr / 8})
        rest = {"lr_warmup_iters": draw.randint(2, 50), "lr_warmup_init": lr / 20}
        yield _move(run | rest | {"lr_decay_iters": draw.randint(120, 250), "min_lr": lr / 16})
        yield _move(run | rest | {"lr_decay_iters": 299})
        yield _move(run | rest | {"lr_decay_iters": draw.randint(320, 900), "min_lr": lr / 16})
        yield _move(run | {"lr_warmup_fraction": 0.1, "min_lr": lr / 8})
        yield _move(run | {"lr_warmup_fraction": 0.0137, "min_lr": lr / 8})
        yield _move(run | {"lr_warmup_fraction": 0.0137, "lr_decay_iters": 251})
        own = {key.replace("iters", "samples"): value * 24 for key, value in own.items()
               if key != "lr_decay_style"} | {"lr_decay_style": style}  # fmt: skip
        run = own | {"lr": lr, "global_batch_size": 24, "min_lr": lr / 10}
        yield _move(run | {"train_samples": 7_200, "lr_warmup_samples": 240})
        yield _move(run | {"train_samples": 7_211, "lr_warmup_samples": 251})
        yield _move(
            run
            | {"train_samples": 9_000, "lr_warmup_samples": 401, "lr_decay_samples": 8_101,
               "rampup_batch_size": "8 4 1500"}
        )  # fmt: skip
        yield _move(
            run
            | {"train_samples": 9_000, "lr_warmup_fraction": 0.013, "rampup_batch_size": "8 8 2000"}
        )
    for way in ("exponential", "linear", "cosine", "minus_sqrt"):
        run = {"lr": 1e-3, "train_iters": 300, "lr_decay_style": "WSD", "lr_wsd_decay_style": way}
        yield _move(run | {"lr_wsd_decay_iters": 60, "lr_warmup_iters": 20, "min_lr": 1e-4})
        # The cooldown begins in the warm-up, and right after it.
        yield _move(run | {"lr_wsd_decay_iters": 260, "lr_warmup_iters": 70, "min_lr": 1e-4})
        yield _move(run | {"lr_wsd_decay_iters": 230, "lr_warmup_iters": 70})
    for way in ("linear", "cosine"):
        run = {"lr": 1e-3, "start_weight_decay": 0.03, "end_weight_decay": 0.3,
               "weight_decay_incr_style": way, "global_batch_size": 16}  # fmt: skip
        for length in (
            {"train_iters": 210},
            {"train_iters": 210, "lr_warmup_fraction": 0.0137},
            {"train_samples": 3_333},
            {"train_samples": 3_333, "rampup_batch_size": "8 4 500"},
        ):
            yield _move(run | length, "weight_decay")


def _move(a: dict[str, Any], target: str = "lr") -> Move:
    options = " \\\n    ".join(f"--{key.replace('_', '-')} {value}" for key, value in a.items())
    size = a.get("global_batch_size", 1)
    updates = a.get("train_iters", a.get("train_samples", 0) // size)
    decay = a.get("lr_decay_iters", a.get("lr_decay_samples", 0) // size)
    up = a.get("lr_warmup_iters", a.get("lr_warmup_samples", 0) // size)
    cooldown = a.get("lr_wsd_decay_iters", a.get("lr_wsd_decay_samples", 0) // size)
    marks = (2, up, decay, (decay or updates) - cooldown)
    base = a["lr"] if target == "lr" else a["end_weight_decay"]
    files = {"pretrain.sh": f"torchrun pretrain_gpt.py \\\n    {options}\n"}
    return Move(files, _rates(a, target), updates, base=base, target=target, marks=marks)


MOVES = Moves("megatron-core", _commands)
