"""What a step costs, next to torch's own schedulers and to loops written by hand.

    python -m tests.benchmarks.step [ROUNDS]

The curve is the same on both sides: a warm-up of 500 steps, a cosine to 1 % over 9,500, then a
constant. Both sides of a row are timed in turn, a stretch of each at a time, so that whatever else
the machine does falls on both alike. A row gives the medians of the stretches and the median of the
ratios of neighbours.
"""

from __future__ import annotations

import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy
import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    SequentialLR,
)

import lrdsl
from lrdsl.program import Program
from tests.benchmarks.startup import processor

ROUNDS = 41
TEXT = "warmup(500) >> cosine(9500, base, base / 100) >> const"
WARM, FALL, END = 500, 9500, 0.01

Act = Callable[[], Any]


def optimizer(groups: int = 1, bases: int = 1) -> Optimizer:
    """An optimizer whose groups have so many distinct rates."""
    rates = [0.1 * (1 + i % bases) for i in range(groups)]
    return SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate} for rate in rates])


def by_hand(t: int) -> float:
    """The curve as the factor that somebody would write for ``LambdaLR``."""
    if t < WARM:
        return t / WARM
    if t < WARM + FALL:
        return END + (1 - END) * (1 + math.cos(math.pi * (t - WARM) / FALL)) / 2
    return END


def ready(scheduler: LRScheduler) -> Act:
    """The step of a scheduler that has found its optimizer stepped before."""
    scheduler.optimizer.step()
    return scheduler.step


def ours(groups: int = 1, bases: int = 1) -> Act:
    """A step of the scheduler that lrdsl compiles."""
    return ready(lrdsl.compile(TEXT, optimizer(groups, bases)))


def lambda_lr(groups: int = 1, bases: int = 1) -> Act:
    """A step of torch's ``LambdaLR`` with a function written by hand."""
    return ready(LambdaLR(optimizer(groups, bases), by_hand))


def sequential(driven: Optimizer) -> SequentialLR:
    """The same parts as torch's own classes."""
    parts: list[LRScheduler] = [
        LinearLR(driven, 1e-3, 1.0, WARM),
        CosineAnnealingLR(driven, FALL, 0.1 * END),
        ConstantLR(driven, END, 10**9),
    ]
    return SequentialLR(driven, parts, [WARM, WARM + FALL])


def assigning(groups: int) -> Act:
    """A loop that assigns one value, computed before."""
    driven, values = optimizer(groups), [0.1 * by_hand(t) for t in range(10_000)]
    t = 0

    def act() -> None:
        nonlocal t
        t += 1
        value = values[t % len(values)]
        for group in driven.param_groups:
            group["lr"] = value

    return act


def slices(n: int) -> Any:
    """The curve of n steps in numpy, part by part."""
    found = numpy.empty(n)
    found[:WARM] = numpy.arange(WARM) / WARM
    u = numpy.arange(FALL) / FALL
    found[WARM : WARM + FALL] = END + (1 - END) * (1 + numpy.cos(numpy.pi * u)) / 2
    found[WARM + FALL :] = END
    return found


def seconds(act: Act, times: int) -> float:
    """How long an act takes, as the mean of so many in a row."""
    start = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - start) / times


def compare(
    title: str, one: Callable[[], Act], other: Callable[[], Act], times: int, rounds: int
) -> None:
    """Times two acts in turn, each made anew, and prints how much longer the other one takes."""
    seconds(one(), times), seconds(other(), times)
    pairs = [(seconds(one(), times), seconds(other(), times)) for _ in range(rounds)]
    mine = statistics.median(a for a, _ in pairs)
    theirs = statistics.median(b for _, b in pairs)
    ratio = statistics.median(b / a for a, b in pairs)
    print(
        f"{title:<52} {1e6 * mine:10.2f} us {1e6 * theirs:10.2f} us"
        f"   x {ratio:6.2f}   (ours / theirs {1 / ratio:.2f})"
    )


def main(rounds: int = ROUNDS) -> None:
    """Measures and prints."""
    print(f"{'':<52} {'ours':>13} {'theirs':>13}   theirs / ours")
    # A stretch of 11,000 steps is the whole curve.
    row = partial(compare, rounds=rounds)
    row("step, 1 group; LambdaLR", ours, lambda_lr, 11_000)
    row("step, 1 group; SequentialLR", ours, lambda: ready(sequential(optimizer())), 11_000)
    thousand, fifty = partial(ours, 1000), partial(ours, 1000, 50)
    row("step, 1000 groups, 1 base; LambdaLR", thousand, partial(lambda_lr, 1000), 300)
    row("step, 1000 groups, 1 base; a loop that assigns", thousand, partial(assigning, 1000), 300)
    row("step, 1000 groups, 50 bases; LambdaLR", fifty, partial(lambda_lr, 1000, 50), 300)
    schedule = lrdsl.parse(TEXT).resolve()
    row("values(10**6); numpy by hand", lambda: partial(schedule.values, 10**6), _slices, 5)
    row("parse + resolve + compile, text seen; SequentialLR", _compiling, _building, 50)
    row("parse + resolve + compile, text new; SequentialLR", _compiling_anew, _building, 10)
    print(f"{rounds} rounds, Python {platform.python_version()}, torch {torch.__version__}")
    print(f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}")


def _slices() -> Act:
    return partial(slices, 10**6)


def _compiling() -> Act:
    return partial(lrdsl.compile, TEXT, optimizer())


def _compiling_anew() -> Act:
    """Compiles a text that nothing is remembered of."""
    driven = optimizer()
    return lambda: lrdsl.compile(Program(TEXT), driven)


def _building() -> Act:
    return partial(sequential, optimizer())


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
