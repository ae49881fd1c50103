"""What a formula makes of lengths and written numbers, against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from tests import strategies

SHAPE = "shape two(length: steps, cut, every: steps = 3) = if(t < {}, 1, 0)\n"


@strategies.SOME
@given(st.integers(1, 99), st.integers(1, 5000), st.sampled_from(["floor", "ceil"]))
def test_a_share_of_a_length_is_exact(hundredths: int, length: int, function: str) -> None:
    cut = Fraction(hundredths, 100)
    text = SHAPE.format(f"{function}(cut * length)") + f"two({length}, {float(cut)})"
    place = getattr(math, function)(cut * length)
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t) for t in (place - 1, place) if t >= 0] == [1.0, 0.0][place < 1 :]
    assert schedule.values(length).tolist() == [1.0] * place + [0.0] * (length - place)


@strategies.SOME
@given(st.integers(1, 99), st.integers(100, 2000))
def test_the_peak_of_slanted_triangular_is_where_the_paper_has_it(
    hundredths: int, length: int
) -> None:
    peak = hundredths * length // 100
    schedule = lrdsl.parse(f"slanted_triangular({length}, 1, cut = {hundredths / 100})").resolve()
    assert schedule(peak) == 1.0
    assert all(schedule(t) < 1.0 for t in (peak - 1, peak + 1) if 0 <= t < length)


@pytest.mark.parametrize(
    ("formula", "place"),
    [
        ("0.29 * length", 58),
        ("length * cut - 1 + 1", 58),
        ("(length + 0) * (2 * cut) / 2", 58),
        ("length / 100 * 29", 58),
        ("max(length - 1, 0) * cut + cut", 58),
        ("cut * 100 * every / 1.5", 58),
        ("abs(-length * cut)", 58),
        ("min(length, floor(length * cut))", 58),
    ],
)
def test_formulas_of_lengths_are_exact(formula: str, place: int) -> None:
    schedule = lrdsl.parse(SHAPE.format(formula) + "two(200, 0.29)").resolve()
    assert schedule.values(200).tolist() == [1.0] * place + [0.0] * (200 - place)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        # A third of 300, as floating point has it, and not 0.3333333333333333 of it.
        (SHAPE.format("floor(cut * length)") + "two(300, 1 / 3)", 100),
        # Rates are not known yet: 1 is the base.
        (SHAPE.format("floor(cut * length)") + "two(200, base / 4)", 50),
        # What divides by 0 has no exact value, and is not needed.
        (SHAPE.format("if(cut > 1, length / (every - 3), 58)") + "two(200, 0.29)", 58),
    ],
)
def test_what_is_not_known_exactly_is_computed_as_ever(text: str, place: int) -> None:
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t) for t in (place - 1, place)] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("const(200 * 0.29)", 58),
        ("let n = 100\nconst(n * 1.1)", 110),
        ("const(9007199254740991)", 2**53 - 1),
        ("repeat(const(1), 0.1 * 3 * 10)", 3),
    ],
)
def test_a_calculated_count_is_whole_in_15_digits(text: str, length: int) -> None:
    assert lrdsl.parse(text).resolve().length == length


@pytest.mark.parametrize("text", ["const(100.5)", "const(1.00000000000001)"])
def test_any_other_count_is_refused(text: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS304"):
        lrdsl.parse(text)
