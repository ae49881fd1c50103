"""Accuracy: every shape against an independent formula in 50 digits, at lengths up to 10^9."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from mpmath import mpf

import lrdsl
from lrdsl.check import library
from lrdsl.schedule.schedule import Schedule
from tests.library import EASES, PARTS
from tests.oracles import textbook
from tests.oracles.textbook import SHAPES, Reference

LENGTHS = [1, 2, 3, 7, 10, 37, 1_000, 12_345, 10**6, 10**9]
# What a value may be off by, as a share of the peak of its curve.
TOLERANCE = 4 * 2.0**-52
# Nearer than this, the reference is the number that was written.
SAME = mpf(10) ** -40


def resolved(reference: Reference, length: int, ends: tuple[float, float]) -> Schedule:
    return lrdsl.parse(reference.program(length, ends)).resolve()


def places(length: int) -> list[int]:
    """Steps of a length: its ends, its middle and its thirds, and some at random."""
    rng = random.Random(length)
    chosen = {0, 1, 2, length // 3, length // 2, length // 2 + 1, length - 2, length - 1, length}
    chosen |= {rng.randrange(length + 1) for _ in range(12)}
    return sorted(step for step in chosen if 0 <= step <= length)


def assert_accurate(
    reference: Reference, schedule: Schedule, length: int, ends: tuple[float, float]
) -> None:
    """Asserts that a schedule is near its reference at every step, and equal to it at its ends."""
    wanted = {t: reference.at(t, length, ends) for t in places(length)}
    peak = max(wanted.values())
    for t, value in wanted.items():
        found = schedule(t)
        assert abs(found - value) <= TOLERANCE * peak, f"step {t} is {found!r}, not {value}"
        assert math.copysign(1, found) == 1, f"step {t} is {found!r}"
        if t in (0, length):
            same = [end for end in ends if abs(value - mpf(end)) < SAME]
            assert same in ([], [found]), f"step {t} is {found!r}, not {same}"


CASES = [
    (name, length)
    for name, reference in SHAPES.items()
    for length in LENGTHS
    if length >= reference.least
]


@pytest.mark.parametrize(("name", "length"), CASES)
def test_values_are_those_of_an_independent_formula(name: str, length: int) -> None:
    for ends in SHAPES[name].ends:
        assert_accurate(SHAPES[name], resolved(SHAPES[name], length, ends), length, ends)


def test_no_shape_and_no_ease_lacks_a_formula() -> None:
    assert {name.partition(" ")[0] for name in SHAPES} == set(PARTS)
    assert set(textbook.EASES) == set(EASES)


# From the rate 0.3 to 0 or back, never turning.
TRANSITIONS = (
    "linear", "cosine", "cosine_power", "kdecay_cosine", "poly", "rex", "warmup", "cooldown",
)  # fmt: skip
MONOTONE = [name for name in SHAPES if name.partition(" ")[0] in TRANSITIONS]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", MONOTONE)
def test_both_ends_are_the_numbers_that_were_written(name: str, length: int) -> None:
    for ends in (*textbook.ENDS, (0.1, 0.3), (1e-3, 7e-5)):
        schedule = resolved(SHAPES[name], length, ends)
        assert (schedule(0), schedule(length)) == ends


@pytest.mark.parametrize("length", [10**3, 10**6, 10**9])
@pytest.mark.parametrize("name", MONOTONE)
def test_it_never_turns_back(name: str, length: int) -> None:
    """Between neighboring steps too, which near a flat end differ by less than a rounding."""
    steps = sorted({near for step in places(length) for near in range(step - 3, step + 4)})
    for ends in ((0.3, 0.0), (0.0, 0.3)):
        schedule = resolved(SHAPES[name], length, ends)
        values = [schedule(step) for step in steps if 0 <= step <= length]
        ordered = values if ends[0] < ends[1] else values[::-1]
        assert all(a <= b for a, b in pairwise(ordered))


# Mistakes in the definitions of the library, and a name in SHAPES that shows each.
MISTAKES = [
    ("cosine", "1 + cos(pi * u)", "1 + cos(pi * u ^ 1.0000001)", "cosine"),
    ("cosine", "(1 - cos(pi * u)) / 2", "(1 - cos(pi * u)) / 2.0000000000001", "cosine"),
    ("linear", "start * v + end * u", "start + (end - start) * u + 1e-17", "linear"),
    ("poly", "v ^ power", "1 - u ^ power", "poly 0.7"),
    ("cosine_power", "2 * exponent", "exponent", "cosine_power 2.3"),
    ("kdecay_cosine", "u ^ k", "1 - v ^ k", "kdecay_cosine"),
    ("rex", "beta * v", "beta * u", "rex 0.9"),
    ("tanh_decay", "low * v + high * u", "low * u + high * v", "tanh_decay"),
    ("step", "floor((t + offset) / every)", "floor((t + 1) / every)", "step"),
    ("inverse_sqrt", "t + timescale", "t + 1 + timescale", "inverse_sqrt"),
    ("half_cosine", "1 - cos", "1.0000000000001 - cos", "warmup half_cosine"),
    ("one_minus_sqrt", "1 - sqrt(1 - u)", "u ^ 2", "cooldown one_minus_sqrt"),
]


@pytest.mark.parametrize(("name", "right", "wrong", "case"), MISTAKES)
def test_a_wrong_definition_is_noticed(name: str, right: str, wrong: str, case: str) -> None:
    """A program's own definition, copied from the library, takes the place of the library's."""
    definition = library.find(name)
    assert definition is not None
    copied = definition.span.text
    assert right in copied
    reference, length, ends = SHAPES[case], 1_000, (0.3, 0.01)
    call = reference.program(length, ends)
    same = lrdsl.parse(f"{copied}\n{call}").resolve()
    assert_accurate(reference, same, length, ends)
    different = lrdsl.parse(f"{copied.replace(right, wrong)}\n{call}").resolve()
    with pytest.raises(AssertionError):
        assert_accurate(reference, different, length, ends)


@pytest.mark.parametrize("case", SHAPES)
def test_a_small_error_is_noticed(case: str) -> None:
    """Ten times what is allowed, at every step."""
    reference, length = SHAPES[case], 1_000
    ends = reference.ends[0]
    reference = Reference(
        reference.call, lambda at: SHAPES[case].value(at) * (1 + mpf(10 * TOLERANCE))
    )
    with pytest.raises(AssertionError):
        assert_accurate(reference, resolved(reference, length, ends), length, ends)
