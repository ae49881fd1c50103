"""Logs of runs that torch has made, in the ways in which programs log."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import torch

from lrdsl.logs.log import Block, Log, Offset
from lrdsl.logs.precision import FLOAT64, Precision
from lrdsl.logs.read import gathered

FLOAT32, FOUR = Precision("float32"), Precision("digits", 4)
TRAINERS = (Offset(-1, "new"), Offset(0, "old"))
Reading = tuple[int, float]
# What the runs below should have done: the formula is written down once more in `torchs`.
TEXT = "warmup(20) >> cosine(180, 3e-4)"


def torchs(updates: int, peak: float = 3e-4, total: int = 200, **how: int) -> list[float]:
    """The rates that the updates of a loop use under torch's own schedulers.

    Args:
        updates: the updates that are made.
        peak: the rate after the warm-up.
        total: the updates that the schedule is for.
        how: ``calls``, how often the scheduler is stepped an update; ``late``, the update that
            it is not stepped after.
    """
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: factor(t, total))
    used = []
    for update in range(updates):
        used.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        for _ in range(how.get("calls", 1) if update != how.get("late") else 0):
            scheduler.step()
    return used


def factor(t: int, total: int = 200) -> float:
    """The factor of transformers' cosine schedule with 20 steps of warm-up."""
    if t < 20:
        return t / 20
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (t - 20) / (total - 20))))


def rows(rates: Sequence[float], offset: int = 0, every: int = 1) -> list[Reading]:
    """The rows of a log that holds the rate of update s + offset at step s."""
    every_update = enumerate(rates)
    return [(t - offset, rate) for t, rate in every_update if (t - offset) % every == 0]


def as_float32(readings: Iterable[Reading]) -> list[Reading]:
    """What float32 leaves of rates."""
    return [(step, float(torch.tensor(x, dtype=torch.float32))) for step, x in readings]


def as_printed(readings: Iterable[Reading], form: str = ".3e") -> list[Reading]:
    """What is left of rates that are printed."""
    return [(step, float(format(x, form))) for step, x in readings]


def log_of(
    readings: Iterable[Reading] | dict[str, list[Reading]],
    precision: Precision = FLOAT64,
    offsets: tuple[Offset, ...] = (),
    metric: Sequence[Reading] = (),
    groups: Sequence[int | None] = (),
) -> Log:
    """A log as a reader makes it; one of no known system by default."""
    by_name = readings if isinstance(readings, dict) else {"lr": [*readings]}
    each = zip(by_name.items(), groups or [None] * len(by_name), strict=True)
    rates = (_block(name, own, precision, group) for (name, own), group in each)
    measured = [Block("loss", *columns(metric), FLOAT64, role="metric")] if metric else []
    return Log("a log", "a test", tuple(gathered(chain(rates, measured))), offsets)


def _block(
    name: str, readings: Sequence[Reading], precision: Precision, group: int | None
) -> Block:
    return Block(name, *columns(readings), precision, group)


def columns(readings: Sequence[Reading]) -> tuple[list[int], list[float]]:
    """The steps and the values."""
    return [step for step, _ in readings], [x for _, x in readings]


Form = tuple[Precision, Callable[[Iterable[Reading]], list[Reading]]]
FORMS: dict[str, Form] = {
    "float64": (FLOAT64, lambda readings: [*readings]),
    "float32": (FLOAT32, as_float32),
    "4 significant digits": (FOUR, as_printed),
    "7 decimals": (Precision("decimals", 7), lambda own: as_printed(own, ".7f")),
}
