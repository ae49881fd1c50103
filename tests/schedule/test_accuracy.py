"""Accuracy: every shape against its own formula in 50 digits, at lengths up to 10^9."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

import lrdsl
from lrdsl.check import library
from lrdsl.schedule.schedule import Schedule, blocks_of
from lrdsl.schedule.shape import ShapeBlock
from tests.library import EASES
from tests.oracles import exact

LENGTHS = [1, 2, 3, 7, 100, 1_000, 10**6, 10**9]
# In units in the last place: of the peak at every step; of the value itself where it falls to 0.
OF_THE_PEAK, OF_THE_VALUE = 4, 8
SMALL = 1e-300

# Calls of length N from the rate HIGH to the rate LOW, and back.
FALLS = {
    "linear": "linear(N, HIGH, LOW)",
    "cosine": "cosine(N, HIGH, LOW)",
    "cosine_power": "cosine_power(N, HIGH, LOW, 2.3)",
    "kdecay_cosine": "kdecay_cosine(N, HIGH, LOW, 3.3)",
    "poly": "poly(N, HIGH, LOW, 0.7)",
    "rex": "rex(N, HIGH, LOW)",
    "points": "points([0, N], [HIGH, LOW])",
    "warmup": "warmup(N, HIGH, LOW)",
    **{f"cooldown {ease}": f"cooldown(N, HIGH, LOW, {ease})" for ease in EASES},
}
RISES = {f"warmup {ease}": f"warmup(N, LOW, HIGH, {ease})" for ease in EASES}
OTHERS = {
    "const": "const(N, HIGH)",
    "cosine_waves": "cosine_waves(N, HIGH, LOW, 2.5)",
    "cosine_restarts": "cosine_restarts(N, HIGH, LOW, 3)",
    "geometric": "geometric(N, HIGH, 1e-5)",
    "tanh_decay": "tanh_decay(N, HIGH, LOW)",
    "linear_cosine": "linear_cosine(N, HIGH, periods = 1.5)",
    "exponential": "exponential(0.01, every = N, length = N, start = HIGH)",
    "natural_exponential": "natural_exponential(2, every = N, length = N, start = HIGH)",
    "inverse_time": "inverse_time(2, every = N, length = N, start = HIGH)",
    "inverse_sqrt": "inverse_sqrt(30, length = N, start = HIGH)",
    "power_law": "power_law(30, -0.51, length = N, start = HIGH)",
    "step": "step(30, 0.9, length = N, start = HIGH)",
    "multistep": "multistep([30, 80], length = N, start = HIGH)",
    "stairs": "stairs([30, 80], [HIGH, 0.1, LOW], length = N)",
    "onecycle": "onecycle(N, HIGH)",
    "onecycle in three phases": "onecycle(N, HIGH, three_phase = true, anneal = straight)",
    "noam": "noam(30, length = N)",
    "slanted_triangular": "slanted_triangular(N, HIGH)",
}
ALL = FALLS | RISES | OTHERS


def test_every_shape_is_looked_at() -> None:
    definitions = map(library.find, library.names())
    shapes = {d.name for d in definitions if d and d.keyword == "shape"}
    assert {name.partition(" ")[0] for name in ALL} == shapes


def laid_out(
    call: str, length: int, high: str = "0.3", low: str = "0"
) -> tuple[Schedule, ShapeBlock]:
    text = call.replace("N", str(length)).replace("HIGH", high).replace("LOW", low)
    schedule = lrdsl.parse(text).resolve()
    ((_, leaf, _),) = blocks_of(schedule, 1.0)
    assert isinstance(leaf, ShapeBlock)
    return schedule, leaf


def places(length: int) -> list[int]:
    """Steps of a length: its ends, its middle and its thirds, and some at random."""
    rng = random.Random(length)
    chosen = {0, 1, 2, length // 3, length // 2, length // 2 + 1, length - 2, length - 1, length}
    chosen |= {rng.randrange(length + 1) for _ in range(12)}
    return sorted(step for step in chosen if 0 <= step <= length)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("low", ["0", "0.01"])
def test_values_are_those_of_the_formula(name: str, length: int, low: str) -> None:
    schedule, leaf = laid_out(ALL[name], length, low=low)
    arguments = leaf.values({"base": 1.0})
    steps = places(length)
    wanted = [exact.value(leaf, arguments, step) for step in steps]
    peak = max(float(value) for value in wanted)
    falls_to_0 = low == "0" and name in FALLS | RISES
    for step, value in zip(steps, wanted, strict=True):
        error = float(abs(schedule(step) - value))
        assert error <= OF_THE_PEAK * math.ulp(peak), (step, schedule(step), float(value))
        if falls_to_0 and value > SMALL:
            assert error <= OF_THE_VALUE * math.ulp(float(value)), (step, schedule(step))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", FALLS | RISES)
def test_both_ends_are_the_numbers_that_were_written(name: str, length: int) -> None:
    for high, low in (("0.3", "0"), ("0.1", "0.3"), ("1e-3", "7e-5")):
        schedule, _ = laid_out(ALL[name], length, high, low)
        ends = (float(high), float(low))
        assert (schedule(0), schedule(length)) == (ends if name in FALLS else ends[::-1])


@pytest.mark.parametrize("length", [10**3, 10**6, 10**9])
@pytest.mark.parametrize("name", FALLS | RISES)
def test_it_never_turns_back(name: str, length: int) -> None:
    """Between neighbouring steps too, which near a flat end differ by less than a rounding."""
    schedule, _ = laid_out(ALL[name], length)
    steps = sorted({near for step in places(length) for near in range(step - 3, step + 4)})
    values = [schedule(step) for step in steps if 0 <= step <= length]
    ordered = values if name in RISES else values[::-1]
    assert all(a <= b for a, b in pairwise(ordered))
