"""What a schedule costs inside a function that JAX compiles, next to one of optax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import lrdsl
from tests.benchmarks.curves import made, parts
from tests.benchmarks.steps import END
from tests.benchmarks.timing import HEAD, Act, Table, Target, compared, interleaved, ratio

OURS, OPTAX = "lrdsl, Schedule.bind", "optax, join_schedules"
# How many times in a row each is called, by the number of steps; 1 is a single step.
CALLS = {1: 2_000, 10**4: 300, 10**6: 3, 10**7: 1}


def schedules(n: int) -> dict[str, Callable[[Any], Any]]:
    """A warm-up, a cosine and a constant over n steps."""
    from optax import schedules as optax

    warm, fall = parts(n)
    joined = optax.join_schedules(
        [optax.linear_schedule(0.0, 1.0, warm), optax.cosine_decay_schedule(1.0, fall, END)], [warm]
    )
    text = f"warmup({warm}) >> cosine({fall}, base, base / 100) >> const"
    return {OPTAX: joined, OURS: lrdsl.parse(text).resolve().bind()}


def act(schedule: Callable[[Any], Any], n: int) -> Act:
    """A compiled call: a step that also counts, or a whole curve."""
    import jax

    if n == 1:
        step = jax.jit(lambda count: (schedule(count), count + 1))
        count = jax.numpy.array(5)
        return lambda: step(count)
    curve, steps = jax.jit(jax.vmap(schedule)), jax.numpy.arange(n)
    return lambda: curve(steps).block_until_ready()


def tables(rounds: int) -> Iterator[Table]:
    """A step and whole curves, in float32."""
    for n, times in CALLS.items():
        calls = {name: act(one, n) for name, one in schedules(max(n, 10**4)).items()}
        for call in calls.values():
            call()  # compiled before anything is timed
        found = interleaved(
            {name: partial(made, call) for name, call in calls.items()}, times, rounds
        )
        what = "a step" if n == 1 else "the curve"
        target = Target(f"{what}, in times of {OPTAX}", ratio(found, OURS, OPTAX), 1.1)
        title = "A step under jit" if n == 1 else f"The whole curve under jit, {n:,} steps"
        yield Table(title, HEAD, [*compared(found, OPTAX)], [target])
