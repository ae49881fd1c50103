"""detectron2: ``SOLVER`` of configs, by the schedules of fvcore that it builds.

detectron2 is in no package index. What it adds to fvcore is written here from
``solver/build.py`` (``build_lr_scheduler``) and ``solver/lr_scheduler.py``
(``WarmupParamScheduler``, ``LRMultiplier``) of its main branch, 02b5c4e2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_DEFAULTS: dict[str, Any] = {
    "LR_SCHEDULER_NAME": "WarmupMultiStepLR", "MAX_ITER": 40000, "BASE_LR": 0.001,
    "BASE_LR_END": 0.0, "GAMMA": 0.1, "STEPS": (30000,), "NUM_DECAYS": 3,
    "WARMUP_FACTOR": 0.001, "WARMUP_ITERS": 1000, "WARMUP_METHOD": "linear",
    "RESCALE_INTERVAL": False,
}  # fmt: skip


def _scheduler(c: dict[str, Any]) -> Any:
    """``build_lr_scheduler``."""
    from fvcore.common import param_scheduler as fvcore

    if c["LR_SCHEDULER_NAME"] == "WarmupMultiStepLR":
        steps = [step for step in c["STEPS"] if step <= c["MAX_ITER"]]
        values = [c["GAMMA"] ** k for k in range(len(steps) + 1)]
        sched: Any = fvcore.MultiStepParamScheduler(values, c["MAX_ITER"], steps)
    elif c["LR_SCHEDULER_NAME"] == "WarmupCosineLR":
        sched = fvcore.CosineParamScheduler(1, c["BASE_LR_END"] / c["BASE_LR"])
    else:
        sched = fvcore.StepWithFixedGammaParamScheduler(
            base_value=1.0, gamma=c["GAMMA"], num_decays=c["NUM_DECAYS"],
            num_updates=c["MAX_ITER"],
        )  # fmt: skip
    length, rescaled = min(c["WARMUP_ITERS"] / c["MAX_ITER"], 1.0), c["RESCALE_INTERVAL"]
    start = c["WARMUP_FACTOR"] * sched(0.0)
    if c["WARMUP_METHOD"] == "constant":
        warmup: Any = fvcore.ConstantParamScheduler(start)
    else:
        warmup = fvcore.LinearParamScheduler(start, sched(0.0) if rescaled else sched(length))
    return fvcore.CompositeParamScheduler(
        [warmup, sched],
        interval_scaling=["rescaled", "rescaled" if rescaled else "fixed"],
        lengths=[length, 1 - length],
    )


def _rates(settings: dict[str, Any]) -> Callable[[int], list[float]]:
    config = _DEFAULTS | settings

    def rates(updates: int) -> list[float]:
        scheduler = _scheduler(config)
        return [config["BASE_LR"] * scheduler(t / config["MAX_ITER"]) for t in range(updates)]

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    yield _move({})
    yield _move({"LR_SCHEDULER_NAME": "WarmupCosineLR"})
    yield _move({"LR_SCHEDULER_NAME": "WarmupStepWithFixedGammaLR"})
    steps = {"MAX_ITER": 590, "STEPS": (400, 520), "BASE_LR": 0.02}
    cosine = {"LR_SCHEDULER_NAME": "WarmupCosineLR", "MAX_ITER": 500, "BASE_LR": 0.04,
              "BASE_LR_END": 0.001}  # fmt: skip
    fixed = {"LR_SCHEDULER_NAME": "WarmupStepWithFixedGammaLR", "MAX_ITER": 500, "GAMMA": 0.3,
             "NUM_DECAYS": 4}  # fmt: skip
    for kind in (steps, cosine, fixed):
        for up in (
            {"WARMUP_ITERS": 0},
            {"WARMUP_ITERS": 1, "WARMUP_FACTOR": 0.1},
            {"WARMUP_ITERS": draw.randint(20, 90)},
            {"WARMUP_ITERS": draw.randint(20, 90), "WARMUP_FACTOR": 0.3,
             "WARMUP_METHOD": "constant"},
            {"WARMUP_ITERS": draw.randint(20, 90), "RESCALE_INTERVAL": True},
            {"WARMUP_ITERS": draw.randint(20, 90), "RESCALE_INTERVAL": True,
             "WARMUP_METHOD": "constant"},
            # A milestone in the warm-up, which then aims at the lower rate.
            {"WARMUP_ITERS": 450, "WARMUP_FACTOR": 0.01},
        ):  # fmt: skip
            yield _move(kind | up)
    yield _move(steps | {"STEPS": (), "WARMUP_ITERS": 10})
    yield _move(steps | {"STEPS": (100, 2000), "GAMMA": 0.5, "WARMUP_ITERS": 10})
    yield _move(steps | {"WARMUP_ITERS": 590})
    yield _move(steps | {"WARMUP_ITERS": 5000})
    yield _move(cosine | {"WARMUP_ITERS": 500})


def _move(settings: dict[str, Any]) -> Move:
    lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
    text = f"SOLVER:\n  IMS_PER_BATCH: 16\n{lines}"
    config = _DEFAULTS | settings
    return Move({"config.yaml": text}, _rates(settings), config["MAX_ITER"], base=config["BASE_LR"])


# The version that is stored is that of fvcore.
MOVES = Moves("fvcore", _drawn)
