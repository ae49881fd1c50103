"""What a whole curve costs: a warm-up over 5 % of it, a cosine over 85 %, a constant."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy
from torch.optim.lr_scheduler import LambdaLR

import lrdsl
from tests.benchmarks.steps import END, optimizer
from tests.benchmarks.timing import (
    HEAD,
    Act,
    Table,
    Target,
    compared,
    interleaved,
    ratio,
    seconds,
)  # fmt: skip

OURS, FLOOR = "lrdsl, Schedule.values", "numpy by hand, in stretches that stay in the cache"
SLICES = "numpy by hand, part by part"
STRETCH = 1 << 13
# How many curves are timed in a row, by the number of steps.
CURVES = {10**4: 100, 10**6: 3, 10**7: 1}


def parts(n: int) -> tuple[int, int]:
    """The lengths of the warm-up and of the cosine."""
    return n // 20, n * 17 // 20


def stretches(n: int) -> Any:
    """The curve written by hand to be quick: in place, a stretch after the other."""
    warm, fall = parts(n)
    out, steps = numpy.empty(n), numpy.arange(STRETCH, dtype=float)
    for first in range(0, warm, STRETCH):
        part = out[first : min(first + STRETCH, warm)]
        numpy.add(steps[: len(part)], first, out=part)
        part *= 1 / warm
    for first in range(0, fall, STRETCH):
        part = out[warm + first : warm + min(first + STRETCH, fall)]
        numpy.add(steps[: len(part)], first, out=part)
        part *= math.pi / fall
        numpy.cos(part, out=part)
        part *= (1 - END) / 2
        part += (1 + END) / 2
    out[warm + fall :] = END
    return out


def slices(n: int) -> Any:
    """The curve as one would write it, part by part."""
    warm, fall = parts(n)
    out = numpy.empty(n)
    out[:warm] = numpy.arange(warm) / warm
    u = numpy.arange(fall) / fall
    out[warm : warm + fall] = END + (1 - END) * (1 + numpy.cos(numpy.pi * u)) / 2
    out[warm + fall :] = END
    return out


def ours(n: int) -> Act:
    """The curve of lrdsl."""
    warm, fall = parts(n)
    text = f"warmup({warm}) >> cosine({fall}, base, base / 100) >> const"
    return partial(lrdsl.parse(text).resolve().values, n)


def optax(n: int) -> Act:
    """The curve of optax, compiled before, in its float32."""
    import jax
    from optax import schedules

    warm, fall = parts(n)
    rise = schedules.linear_schedule(0.0, 1.0, warm)
    joined = schedules.join_schedules(
        [rise, schedules.cosine_decay_schedule(1.0, fall, END)], [warm]
    )
    curve = jax.jit(jax.vmap(joined))
    steps = jax.numpy.arange(n)
    return lambda: curve(steps).block_until_ready()


def stepping(n: int) -> Act:
    """The curve as torch gives it: a scheduler stepped all the way."""
    warm, fall = parts(n)

    def factor(t: int) -> float:
        if t < warm:
            return t / warm
        if t < warm + fall:
            return END + (1 - END) * (1 + math.cos(math.pi * (t - warm) / fall)) / 2
        return END

    def act() -> list[float]:
        driven = optimizer()
        scheduler, found = LambdaLR(driven, factor), []
        driven.step()
        group = driven.param_groups[0]
        for _ in range(n):
            found.append(group["lr"])
            scheduler.step()
        return found

    return act


def tables(rounds: int) -> Iterator[Table]:
    """Whole curves of three lengths."""
    for n, times in CURVES.items():
        makers: dict[str, Callable[[], Act]] = {
            FLOOR: partial(partial, stretches, n),
            SLICES: partial(partial, slices, n),
            OURS: partial(ours, n),
        }
        jitted = optax(n)  # one compilation for all rounds
        makers["optax, jit and vmap, float32"] = partial(made, jitted)
        assert abs(ours(n)() - stretches(n)).max() < 1e-12
        found = interleaved(makers, times, rounds)
        target = Target(f"the curve, in times of {FLOOR}", ratio(found, OURS, FLOOR), 1.2, _WHY)
        slower = Target(f"the curve, in times of {SLICES}", ratio(found, OURS, SLICES), 1.3)
        once = {"stepping torch LambdaLR": [seconds(stepping(n), 1)]}
        middle = {FLOOR: [statistics.median(found[FLOOR])]}
        stepped = next(compared(once | middle, FLOOR))
        rows = [*compared(found, FLOOR), stepped]
        title = f"The whole curve, {n:,} steps"
        yield Table(title, HEAD, rows, [target, slower] if n == 10**6 else [target])


_WHY = (
    "Every value is exact at both ends of a part: each is weighed by itself, and the step divided"
    " by the length, where the loop by hand takes a product for each."
)


def made(act: Act) -> Act:
    """What is timed, where it was made before."""
    return act
