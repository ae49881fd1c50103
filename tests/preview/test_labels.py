from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.preview.labels import columns, one_line
from lrdsl.wording import number, short_count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.30000000000000004, "0.3"),
        (0.1 + 0.7, "0.8"),
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-0.25, "-0.25"),
        (0.001, "0.001"),
        (0.0003, "3e-4"),
        (0.00025, "2.5e-4"),
        (1e-5, "1e-5"),
        (1e-10, "1e-10"),
        (1 / 3, "0.333333"),
        (123456.0, "123456"),
        (1234567.0, "1.23457e6"),
        (1e6, "1e6"),
        (5e-324, "4.94066e-324"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_keeps_six_digits(value: float) -> None:
    text = number(value)
    # The least floats have fewer than six digits of their own.
    assert float(text) == pytest.approx(value, rel=5.1e-6, abs=1e-318)
    digits = text.partition("e")[0].lstrip("-").replace(".", "").lstrip("0")
    assert len(digits) <= 6


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        (0, "0"),
        (7, "7"),
        (9999, "9,999"),
        (10_000, "10k"),
        (12_500, "12,500"),
        (35_190, "35,190"),
        (99_999, "99,999"),
        (100_000, "100k"),
        (117_300, "117,300"),
        (123_456, "123,456"),
        (2_500_000, "2.5M"),
        (12_340_000, "12.34M"),
        (12_345_000, "12,345,000"),
        (10**9, "1B"),
        (12_345_670_000_000, "12345.67B"),
        (10**9 + 1, "1,000,000,001"),
    ],
)
def test_count(steps: int, text: str) -> None:
    assert short_count(steps) == text


@given(st.integers(1, 10**11))
def test_count_names_exactly_this_step_in_the_language(steps: int) -> None:
    written = short_count(steps).replace(",", "")
    schedule = lrdsl.parse(f"const({written}, 0.1)").resolve()
    assert schedule.length == steps


def test_a_label_is_one_printable_line_that_fits() -> None:
    assert one_line("warmup(5)\n   >> const") == "warmup(5) >> const"
    assert one_line("a\x1b[31mb") == "a?[31mb"
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"
    assert one_line("学习率表", 5) == "学习…"


def test_columns() -> None:
    assert columns("cosine") == 6
    assert columns("学习率") == 6
    assert columns("e\u0301") == 1
