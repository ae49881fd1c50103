from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrdsl.preview.rate_axis import rate_scale, spans_decades

rates = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-12)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 0.3], ["0", "0.1", "0.2", "0.3"]),
        ([0, 0.1], ["0", "0.02", "0.04", "0.06", "0.08", "0.10"]),
        ([0, 1e-5], ["0", "2e-6", "4e-6", "6e-6", "8e-6", "1e-5"]),
        ([0, 3e-4], ["0", "1e-4", "2e-4", "3e-4"]),
        ([0.85, 0.95], ["0.850", "0.875", "0.900", "0.925", "0.950"]),
        ([0.01, 0.3], ["0", "0.1", "0.2", "0.3"]),
        ([0.1], ["0", "0.1"]),
        ([0.1, 0.1 + 1e-16], ["0", "0.1"]),
        ([0.0], ["0"]),
        ([], ["0"]),
        ([math.nan, 0, math.inf, 2], ["0", "0.5", "1.0", "1.5", "2.0"]),
        ([-0.5, 0.5], ["-0.50", "-0.25", "0", "0.25", "0.50"]),
        ([-0.2], ["-0.2", "0"]),
    ],
)
def test_rate_labels(values: list[float], labels: list[str]) -> None:
    assert list(rate_scale(values).labels) == labels


@given(st.lists(rates, min_size=1))
def test_rate_scale_holds_every_rate(values: list[float]) -> None:
    scale = rate_scale(values)
    slack = 1e-5 * (scale.high - scale.low)
    assert scale.low < scale.high
    assert scale.low - slack <= min(values)
    assert max(values) <= scale.high + slack
    assert list(scale.ticks) == sorted(scale.ticks)
    assert len(set(scale.labels)) == len(scale.ticks) == len(scale.labels)
    assert 1 <= len(scale.ticks) <= 7


@given(st.lists(rates, min_size=2, max_size=5))
def test_rate_labels_tell_the_tick(values: list[float]) -> None:
    scale = rate_scale(values)
    assume(len(scale.ticks) > 2)
    step = scale.ticks[1] - scale.ticks[0]
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        assert abs(float(label) - tick) < 0.01 * step


LOG = [
    ([1e-6, 1], ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]),
    ([0, 3e-4, 0.1], ["1e-4", "0.001", "0.01", "0.1"]),
    ([0.2, 0.3], ["0.1", "1"]),
    ([1e-7, 10], ["1e-7", "1e-5", "0.001", "0.1", "10"]),
    ([5e4, 1e6], ["1e4", "1e5", "1e6"]),
    ([0, 0], ["0"]),
]


@pytest.mark.parametrize(("values", "labels"), LOG)
def test_a_logarithmic_axis_marks_decades(values: list[float], labels: list[str]) -> None:
    assert list(rate_scale(values, log=True).labels) == labels


@given(st.lists(rates.map(abs), min_size=1))
def test_a_logarithmic_axis_holds_every_rate(values: list[float]) -> None:
    scale = rate_scale(values, log=True)
    heights = [scale.height(value) for value in sorted(values)]
    assert heights == sorted(heights)
    assert -1e-5 <= heights[0] <= heights[-1] <= 1 + 1e-5
    assert 1 <= len(scale.ticks) <= 9


def test_equal_ratios_are_equal_distances() -> None:
    scale = rate_scale([1e-4, 1], log=True)
    heights = [scale.height(value) for value in (0, 1e-4, 1e-3, 1e-2, 1e-1, 1)]
    assert heights == pytest.approx([0, 0, 0.25, 0.5, 0.75, 1])


FALLING = [10 ** (-k / 20) for k in range(101)]


@pytest.mark.parametrize(
    ("curves", "expected"),
    [
        ([FALLING], True),
        ([FALLING[:60]], False),  # three decades, and no more
        ([[0.0, *FALLING, 0.0]], True),
        ([[*FALLING, 0.0, 1.0]], False),
        ([[k / 100 for k in range(101)]], False),
        ([[k / 1e6 for k in range(10**4)]], False),  # passes through every decade on its way
        ([[1.0] * 9, [1e-5] * 9], True),
        ([[0.0] * 9], False),
        ([[-1.0, 1e-9]], False),
    ],
)
def test_an_axis_is_logarithmic_by_itself(curves: list[list[float]], expected: bool) -> None:
    assert spans_decades(curves) is expected
