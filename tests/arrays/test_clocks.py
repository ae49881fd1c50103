"""Schedules on a clock over arrays: what every library gives is the curve at the tokens so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy
import pytest
import torch

import lrdsl
from lrdsl import Schedule
from tests.oracles.closeness import assert_close

STEPS = 90


def tokens(sizes: Callable[[int], Fraction]) -> list[Fraction]:
    """The tokens before each update, one update after another."""
    return [*accumulate((sizes(t) for t in range(STEPS - 1)), initial=Fraction(0))]


# How much each update takes, in the language and as a loop.
SIZES: dict[str, tuple[str, list[Fraction]]] = {
    "whole": ("4tok", tokens(lambda t: Fraction(4))),
    "a fraction": ("3.7tok", tokens(lambda t: Fraction(37, 10))),
    "stairs": (
        "stairs([10, 25], [2tok, 4tok, 8tok])",
        tokens(lambda t: Fraction(2 if t < 10 else 4 if t < 25 else 8)),
    ),
}


def ended(curve: Callable[[float, float], float], x: Fraction, length: int) -> float:
    """A curve of some tokens, whose end is held."""
    return curve(float(min(x, Fraction(length))), length)


def line(start: float, end: float) -> Callable[[float, float], float]:
    return lambda x, length: start + (end - start) * x / length


def wave(start: float, end: float) -> Callable[[float, float], float]:
    return lambda x, length: end + (start - end) * (1 + math.cos(math.pi * x / length)) / 2


def warmed_up(x: Fraction) -> float:
    return ended(line(0, 1), x, 20) if x < 20 else ended(wave(1, 0.1), x - 20, 150)


def cycles(x: Fraction) -> float:
    k = min(x // 7, 11)
    return ended(line(1, 0.2), x - 7 * k, 7) * 0.9**k


def stretches(x: Fraction) -> float:
    return 0.2 if x >= 100 else ended(line(1, 0.2), Fraction(x // 6 * 6), 100)


def cut(x: Fraction) -> float:
    if x < 50:
        return ended(wave(1, 0), x, 100)
    return ended(line(wave(1, 0)(50, 100), 0), x - 50, 30)


# A program in tokens, and the same by hand.
CURVES: dict[str, tuple[str, Callable[[Fraction], float]]] = {
    "parts": ("warmup(20tok, 0, 1) >> cosine(150tok, 1, 0.1)", warmed_up),
    "cycles": ("repeat(linear(7tok, 1, 0.2), 12, decay = 0.9)", cycles),
    "stretches": ("every(6tok, linear(100tok, 1, 0.2))", stretches),
    "a cut": ("until(50tok, cosine(100tok, 1, 0)) >> linear(30tok, prev, 0)", cut),
    "entered late": (
        "skip(30tok, linear(130tok, 1, 0))",
        lambda x: ended(line(1, 0), x + 30, 130),
    ),
    "milestones": (
        "multistep([20tok, 41tok], 0.5, start = 1)",
        lambda x: 0.5 ** ((x >= 20) + (x >= 41)),
    ),
    "an operator": (
        "max(linear(90tok, 1, 0), 0.25) * 0.5",
        lambda x: max(ended(line(1, 0), x, 90), 0.25) / 2,
    ),
    "a factor": ("const(1B, 1) * plateau(0.5)", lambda x: 0.5),
}


@pytest.fixture(params=SIZES)
def sizes(request: pytest.FixtureRequest) -> tuple[str, list[Fraction]]:
    return SIZES[str(request.param)]


@pytest.fixture(params=CURVES)
def both(request: pytest.FixtureRequest, sizes: tuple[str, list[Fraction]]) -> Any:
    """A schedule, its factors, and its values by hand."""
    text, curve = CURVES[str(request.param)]
    size, places = sizes
    schedule = lrdsl.parse(f"run clock = tok, 1st = {size}\n{text}").resolve()
    return schedule, tuple(0.5 for _ in schedule.meters) or None, [*map(curve, places)]


def test_numpy(both: tuple[Schedule, Any, list[float]]) -> None:
    schedule, factors, wanted = both
    curve = schedule.bind(factors=factors)
    assert_close(curve(numpy.arange(STEPS)).tolist(), wanted)
    assert_close(curve(numpy.arange(STEPS).reshape(9, 10)).ravel().tolist(), wanted)
    assert_close([float(curve(numpy.int64(40)))], wanted[40:41])
    if factors is None:
        assert_close(schedule.values(STEPS).tolist(), wanted)
        assert_close(schedule.values(30, first=45).tolist(), wanted[45:75])


def test_torch(both: tuple[Schedule, Any, list[float]]) -> None:
    schedule, factors, wanted = both
    curve = schedule.bind(factors=factors)
    for kind in (torch.int64, torch.int32):
        assert_close(curve(torch.arange(STEPS, dtype=kind)).tolist(), wanted)


def test_jax_with_64_bits(both: tuple[Schedule, Any, list[float]]) -> None:
    jax: Any = pytest.importorskip("jax")
    schedule, factors, wanted = both
    with jax.enable_x64(True):
        curve = schedule.bind(factors=factors)
        steps = jax.numpy.arange(STEPS)
        assert_close(curve(steps).tolist(), wanted)
        assert_close(jax.jit(jax.vmap(curve))(steps).tolist(), wanted)


def test_whole_numbers_of_32_bits_are_too_small() -> None:
    """A position in them would be on the wrong side of a boundary, with nothing to say so."""
    jax: Any = pytest.importorskip("jax")
    schedule = lrdsl.parse("run clock = tok, 1st = 4tok  warmup(20tok) >> cosine(90tok)").resolve()
    with pytest.raises(NotImplementedError, match="these arrays have 32: jax has 64 with"):
        schedule.bind()(jax.numpy.arange(9))
    table = schedule.bind(steps=30)(jax.numpy.arange(35))
    wanted = numpy.array([schedule(min(t, 29)) for t in range(35)], dtype=numpy.float32)
    assert table.tolist() == wanted.tolist()


def test_torch_compiled() -> None:
    text = "warmup(20tok, 0, 1) >> every(6tok, linear(100tok, 1, 0.2)) >> repeat(linear(7tok))"
    schedule = lrdsl.parse(f"run clock = tok, 1st = {SIZES['stairs'][0]}\n{text}").resolve()
    curve = schedule.bind()
    torch._dynamo.reset()
    compiled = torch.compile(curve, fullgraph=True, backend="eager")
    steps = torch.arange(STEPS)
    assert torch.equal(compiled(steps), curve(steps))


def test_a_clock_without_steps_has_no_arrays() -> None:
    schedule = lrdsl.parse("run clock = h, total = 9h  linear").resolve()
    for ask in (lambda: schedule.values(9), lambda: schedule.bind()):
        with pytest.raises(ValueError, match=r"schedule\(at=…\)"):
            ask()


def test_an_epoch_is_a_clock_too() -> None:
    """Cycles and lines in epochs of seven steps, which no boundary is rounded to."""
    text = "run clock = ep, 1ep = 7st\nlinear(2.5ep, 1, 0) >> cosine(3.25ep, 1, 0)"
    schedule = lrdsl.parse(text).resolve()
    quarters = [Fraction(4 * t, 7) for t in range(STEPS)]
    wanted = [
        ended(line(1, 0), x, 10) if x < 10 else ended(wave(1, 0), x - 10, 13) for x in quarters
    ]
    assert_close(schedule.values(STEPS).tolist(), wanted)
    assert_close(schedule.bind()(torch.arange(STEPS)).tolist(), wanted)
