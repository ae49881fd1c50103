"""Decimals become the floats that Python's own ``float`` makes of them, many at once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrdsl.logs.cells import as_bytes
from lrdsl.logs.decimals import LONGEST, floats

FORMS = ["%r", "%s", "%.6E", "%.3e", "%.8f", "%.17g", "%+.5f"]


def converted(texts: Sequence[str]) -> list[float | None]:
    """The floats; None for what is left to Python."""
    lengths = np.array([len(text) for text in texts], np.int64)
    ends = np.cumsum(lengths + 1) - 1 + LONGEST
    values, is_known = floats(as_bytes(",".join(texts).encode()), ends - lengths, ends)
    return [float(x) if known else None for x, known in zip(values, is_known, strict=True)]


def same(a: float, b: float) -> bool:
    return a == b and math.copysign(1, a) == math.copysign(1, b)


@given(st.lists(st.floats(1e-30, 1e18), min_size=1), st.sampled_from(FORMS))
@example([0.1, 1e23, 8.5e22, 9007199254740993.0, 5e-324], "%r")
def test_a_number_becomes_the_nearest_float(numbers: list[float], form: str) -> None:
    texts = [form % number for number in numbers]
    for text, found in zip(texts, converted(texts), strict=True):
        assert found is None or same(found, float(text)), text


@given(st.lists(st.text("0123456789.eE+-", max_size=40), min_size=1))
def test_what_is_converted_is_a_number_to_python_too(texts: list[str]) -> None:
    for text, found in zip(texts, converted(texts), strict=True):
        assert found is None or same(found, float(text)), text


@given(st.lists(st.integers(2**52, 2**53 - 1), min_size=1))
def test_halves_between_two_floats_are_left_to_python_or_right(numbers: list[int]) -> None:
    texts = [str(2 * number + 1) for number in numbers]
    for text, found in zip(texts, converted(texts), strict=True):
        assert found is None or found == float(text)


@pytest.mark.parametrize("form", FORMS)
def test_what_logs_hold_is_converted_here(form: str) -> None:
    rates = [3e-4 * (1 + math.cos(math.pi * t / 1000)) / 2 for t in range(999)]
    texts = [form % rate for rate in rates]
    assert converted(texts) == [float(text) for text in texts]


@pytest.mark.parametrize(
    "text", ["", ".", "-", "1.2.3", "1e", "e5", "1e+", "nan", "inf", "1_0", "--1", "1e-400", "0x1"]
)
def test_other_texts_are_left_to_python(text: str) -> None:
    assert converted([text, "0.5"]) == [None, 0.5]
