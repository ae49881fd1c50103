"""Curves on a clock: schedules of other systems, and exact positions."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.schedule.clock import ClockSchedule
from tests.oracles.closeness import assert_close
from tests.resolve.test_stated_runs import RAMP, megatron


def on_clock(text: str) -> ClockSchedule:
    schedule = lrdsl.parse(text).resolve()
    assert isinstance(schedule, ClockSchedule)
    return schedule


# Other systems.


@pytest.mark.parametrize("warm, decay", [(1_000, 9_000_000), (4_096_001, 12_345_678)])
def test_the_schedule_of_megatron_under_its_ramp(warm: int, decay: int) -> None:
    """OptimizerParamScheduler.get_lr with num_steps in samples, each batch added as it comes."""
    low = 0.1
    consumed = megatron(16, 16, 5_859_375, 1536, 30_000)

    def rate(samples: int) -> float:
        if samples <= warm:
            return samples / warm
        if samples > decay:
            return low
        share = (samples - warm) / (decay - warm)
        return low + (1.0 - low) * (0.5 * (math.cos(math.pi * share) + 1.0))

    text = f"run clock = sample{RAMP.removeprefix('run').strip().join([', ', chr(10)])}"
    schedule = on_clock(f"{text}warmup({warm}sample) >> cosine({decay - warm}sample, end = {low})")
    expected = [rate(samples) for samples in consumed]
    assert_close([schedule(t) for t in range(len(consumed))], expected, peak=1.0)
    assert_close(schedule.values(len(consumed)).tolist(), expected, peak=1.0)


def test_the_schedule_of_nanogpt_in_tokens() -> None:
    """get_lr(it) of nanoGPT: 2000 iterations of warm-up, decay to a tenth, 491,520 tokens each."""
    batch, warm, decay = 491_520, 2_000, 60_000

    def rate(it: int) -> float:
        if it < warm:
            return 6e-4 * it / warm
        if it > decay:
            return 6e-5
        share = (it - warm) / (decay - warm)
        return 6e-5 + 0.5 * (1.0 + math.cos(math.pi * share)) * (6e-4 - 6e-5)

    text = f"run clock = tok, 1st = {batch}tok, total = {decay * batch}tok\n"
    schedule = on_clock(f"{text}warmup({warm * batch}tok, 0, 6e-4) >> cosine(rest, 6e-4, 6e-5)")
    steps = range(0, 62_000, 7)
    assert_close([schedule(t) for t in steps], [rate(t) for t in steps], peak=6e-4)


def test_a_time_budget() -> None:
    schedule = on_clock("run clock = h, total = 23h  warmup(2h) >> cosine(rest, end = 0.1)")
    hours = [k / 7 for k in range(200)]
    expected = [
        h / 2 if h < 2 else 0.1 + 0.9 * (1 + math.cos(math.pi * min((h - 2) / 21, 1))) / 2
        for h in hours
    ]
    assert_close([schedule(at=h) for h in hours], expected, peak=1.0)
    assert schedule.length == 23


def test_progress_remaining() -> None:
    """Stable-Baselines3 asks for a rate at 1 - num_timesteps / total_timesteps."""
    schedule = on_clock("run clock = progress, total = 1progress  linear(rest, 2.5e-4, 0)")
    remaining = [1 - k / 1000 for k in range(1001)]
    found = [schedule(at=1 - p) for p in remaining]
    assert_close(found, [2.5e-4 * p for p in remaining], peak=2.5e-4)


# Positions.


@given(
    sizes=st.lists(st.fractions(Fraction(1, 7), 40, max_denominator=7), min_size=1, max_size=4),
    lengths=st.lists(st.integers(1, 400), min_size=3, max_size=3),
    distance=st.integers(1, 9),
)
def test_values_are_those_of_exact_positions(
    sizes: list[Fraction], lengths: list[int], distance: int
) -> None:
    """Boundaries in thirds of a token, and steps in sevenths, against exact arithmetic."""
    places = ", ".join(str(distance * (k + 1)) for k in range(len(sizes) - 1))
    listed = ", ".join(f"{size.numerator}tok / {size.denominator}" for size in sizes)
    a, b, c = lengths
    text = f"run clock = tok, 1st = stairs([{places}], [{listed}])\n"
    text += f"linear({a}tok / 3, 1, 0) >> linear({b}tok / 3, 1, 0.5) >> linear({c}tok, 0.3, 0.9)"
    schedule = on_clock(text)
    starts = [Fraction(0), Fraction(a, 3), Fraction(a + b, 3), Fraction(a + b, 3) + c]
    ends = [(Fraction(1), Fraction(0)), (Fraction(1), Fraction(1, 2))]
    ends.append((Fraction(3, 10), Fraction(9, 10)))
    expected, x = [], Fraction(0)
    for t in range(200):
        part = sum(start <= x for start in starts) - 1
        if part == 3:
            expected.append(0.9)
        else:
            share = (x - starts[part]) / (starts[part + 1] - starts[part])
            expected.append(float(ends[part][0] * (1 - share) + ends[part][1] * share))
        x += sizes[min(t // distance, len(sizes) - 1)]
    found = [schedule(t) for t in range(200)]
    assert max(abs(u - v) for u, v in zip(found, expected, strict=True)) < 1e-12
    # All readings are one.
    assert np.abs(schedule.values(200) - found).max() < 1e-15
    assert np.abs(schedule.bind()(np.arange(200)) - found).max() < 1e-15
    assert [pickle.loads(pickle.dumps(schedule))(t) for t in range(0, 200, 9)] == found[::9]


READINGS = (
    "repeat(cosine(10tok) >> const(3tok, 0.2), 9)",
    "every(7tok, warmup(30tok) >> cosine(80tok))",
    "until(50tok, cosine(90tok)) >> skip(5tok, linear(30tok))",
    "over(100tok, warmup(33%) >> cosine) * 0.5 + 0.1 * linear(45tok, 1, 0)",
    "const(12st) >> exponential(0.9, every = 5tok, length = 70tok)",
    "warmup(9tok) >> inverse_sqrt(9tok)",
    "points([0tok, 20tok, 60tok], [1, 0.5, 0.1]) >> step(15tok, 0.5, length = 60tok)",
)


@pytest.mark.parametrize("body", READINGS)
@pytest.mark.parametrize("size", ["4tok", "3.7tok", "stairs([5, 20], [2tok, 5tok, 9tok])"])
def test_readings_agree(body: str, size: str) -> None:
    schedule = on_clock(f"run clock = tok, 1st = {size}\n{body}")
    found = [schedule(t) for t in range(90)]
    assert_close(schedule.values(90).tolist(), found, peak=1.0)
    assert_close(schedule.bind()(np.arange(90)).tolist(), found, peak=1.0)
    assert_close(schedule.values(40, first=50).tolist(), found[50:], peak=1.0)
    assert [part.start_step for part in schedule.parts] == sorted(
        {part.start_step for part in schedule.parts}
    )


@pytest.mark.parametrize("body", READINGS[:4])
def test_an_update_is_at_its_tokens(body: str) -> None:
    schedule = on_clock(f"run clock = tok, 1st = stairs([5], [2tok, 5tok])\n{body}")
    tokens = [2 * t if t < 5 else 10 + 5 * (t - 5) for t in range(60)]
    assert [schedule(t) for t in range(60)] == [schedule(at=x) for x in tokens]


def test_a_billion_steps_and_trillions_of_tokens() -> None:
    text = "run clock = tok, 1st = 4_194_304tok, total = 4_000_000_000Mtok\n"
    schedule = on_clock(f"{text}warmup(1Btok) >> cosine")
    assert schedule(0) == 0.0
    assert schedule(10**9) == 0.0
    assert_close([schedule(100)], [100 * 4_194_304 / 1e9], peak=1.0)


def test_what_has_no_place_is_refused() -> None:
    schedule = on_clock("run clock = h, total = 2h  cosine")
    for ask in (
        lambda: schedule(3),
        lambda: schedule.values(3),
        lambda: schedule.bind(),
        lambda: schedule.parts,
        lambda: schedule.active(0),
    ):
        with pytest.raises(ValueError, match=r"run 1st = …h"):
            ask()
    for wrong in (-1, math.nan, math.inf, "1", True, None):
        with pytest.raises((ValueError, TypeError)):
            schedule(at=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        schedule(1, at=2)
    assert copy.copy(schedule)(at=1) == pytest.approx(0.5)


def test_faults_name_the_position() -> None:
    with pytest.raises(lrdsl.LrsError, match=r"turns negative at 0\.5h.* -1 at 1h"):
        lrdsl.parse("run clock = h, total = 2h  linear(1h, 1, -1) >> const").resolve()
    with pytest.raises(lrdsl.LrsError, match="turns negative at step 3"):
        lrdsl.parse("run clock = tok, 1st = 2tok  linear(10tok, 1, -1)").resolve()


@pytest.mark.parametrize(
    "text",
    [
        "shape mine(length: steps = rest) = exp(-t / 100)\nmine(400tok)",
        "shape mine(length: steps = rest) = 1 / (t + 1)\nmine(400tok)",
        "shape mine(length: steps = rest) = floor(length / 2) / length\nmine(400tok)",
        "shape mine(length: steps = rest) where length > 5 = u\nmine(400tok)",
        "noam(400)",
        "onecycle(400tok)",
        "slanted_triangular(400tok)",
    ],
)
def test_shapes_that_count_steps(text: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="counts steps"):
        lrdsl.parse(f"run clock = tok, 1st = 4tok\n{text}").resolve()


def test_shapes_with_lengths_of_their_own() -> None:
    text = "shape mine(tau: steps, *, length: steps = rest) = exp(-t / tau) + 0 * (t - length)\n"
    schedule = on_clock(f"run clock = tok, 1st = 4tok\n{text}mine(100tok, length = 400tok)")
    assert_close([schedule(t) for t in range(100)], [math.exp(-t / 25) for t in range(100)], peak=1)


@pytest.mark.parametrize(
    "text",
    [
        "1st = 1e-300tok  linear(40tok, 1, 0)",
        "1st = 4tok, total = 9e18tok  cosine",
        "total = 1e300tok  cosine",
        f"1st = stairs([{', '.join(map(str, range(1, 300)))}], "
        f"[{', '.join(f'{k}tok / {2 * k + 1}' for k in range(1, 301))}])  linear(40tok, 1, 0)",
    ],
)
def test_what_cannot_be_counted_is_refused(text: str) -> None:
    with pytest.raises(lrdsl.LrsError):
        lrdsl.parse(f"run clock = tok, {text}").resolve()


def test_extremes() -> None:
    ramp = "1st = ramp(1tok, 9001tok, by = 1tok, over = 1Mtok)"
    assert on_clock(f"run clock = tok, {ramp}  warmup(100Mtok) >> const")(10**9) == 1.0
    assert on_clock("run clock = h, total = 1e-300h  cosine")(at=5e-301) == pytest.approx(0.5)
    cycles = on_clock("run clock = tok, 1st = 4tok  repeat(linear(40tok, 1, 0), 1B)")
    assert cycles(10**10 - 5) == 0.5
    assert on_clock("run clock = tok, 1st = 4tok  repeat(linear(0.3tok, 1, 0))")(10**9) < 1.0
