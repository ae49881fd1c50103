"""How exactly numbers were written, inferred from texts that real formats give."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pytest

from lrdsl.logs.precision import FLOAT32, FLOAT64, Precision
from lrdsl.logs.texts import Texts

COSINE = [3e-4 * (1 + math.cos(math.pi * t / 1000)) / 2 for t in range(1000)]
WARMED = [3e-4 * t / 37 if t < 37 else COSINE[t] for t in range(1000)]
LINEAR = [0.1 * (1 - t / 1000) for t in range(1000)]
TENTHS = [0.1 * 0.1 ** (t // 300) for t in range(1000)]
HALVES = [0.1 * 0.5 ** (t // 30) for t in range(300)]
CURVES = {"cosine": COSINE, "warmed": WARMED, "linear": LINEAR, "every 100th": WARMED[::100]}


def inferred(texts: Iterable[str]) -> Precision:
    found = Texts()
    found.add(list(texts))
    return found.precision


@pytest.mark.parametrize("curve", CURVES)
def test_what_python_writes_is_float64(curve: str) -> None:
    assert inferred(map(repr, CURVES[curve])) == FLOAT64


@pytest.mark.parametrize("curve", CURVES)
def test_a_float32_widened_by_python_is_a_float32(curve: str) -> None:
    assert inferred(repr(float(np.float32(rate))) for rate in CURVES[curve]) == FLOAT32


@pytest.mark.parametrize("curve", ["cosine", "warmed", "every 100th"])
def test_a_float32_as_numpy_writes_it_is_a_float32(curve: str) -> None:
    assert inferred(str(np.float32(rate)) for rate in CURVES[curve]) == FLOAT32


@pytest.mark.parametrize("curve", ["cosine", "warmed", "every 100th"])
@pytest.mark.parametrize(
    ("form", "digits"),
    [("%.4g", 4), ("%.6g", 6), ("%.8g", 8), ("%.9g", 9), ("%.12g", 12), ("%.3e", 4), ("%.6E", 7)],
)
def test_digits_are_counted(curve: str, form: str, digits: int) -> None:
    assert inferred(form % rate for rate in CURVES[curve]) == Precision("digits", digits)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize(("form", "places"), [("%.6f", 6), ("%.8f", 8)])
def test_places_are_counted(curve: str, form: str, places: int) -> None:
    assert inferred(form % rate for rate in CURVES[curve]) == Precision("decimals", places)


def test_a_rounded_rate_that_is_written_without_its_zeros_has_places() -> None:
    assert inferred(repr(round(rate, 6)) for rate in WARMED) == Precision("decimals", 6)


@pytest.mark.parametrize("rates", [[0.001] * 1000, TENTHS, HALVES, [0.001 * k for k in range(9)]])
def test_round_numbers_are_no_sign_of_rounding(rates: list[float]) -> None:
    assert inferred(map(repr, rates)) == FLOAT64


def test_a_long_constant_rate_does_not_hide_what_comes_later() -> None:
    found = Texts()
    for _ in range(50):
        found.add(["0.001"] * 1000)
    assert found.precision == FLOAT64
    found.add([f"{rate:.4g}" for rate in COSINE])
    assert found.precision == Precision("digits", 4)


def test_a_fixed_format_shows_in_a_constant_rate() -> None:
    assert inferred(["0.000300"] * 10) == Precision("decimals", 6)
    assert inferred(["3.000e-04"] * 10) == Precision("digits", 4)


def test_the_longest_text_is_seen_wherever_it_stands() -> None:
    texts = [f"{rate:.4g}" for rate in COSINE] * 40
    texts[12345] = repr(0.1 + 0.2)
    assert inferred(texts) == FLOAT64


def test_what_is_no_decimal_tells_nothing() -> None:
    assert inferred(["", "nan", "inf", "NA", "0", "0.0", "1e999"]) == FLOAT64
