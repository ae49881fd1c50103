"""Series, which gather the readings of a number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrdsl.logs import log
from lrdsl.logs.log import Block, Series
from lrdsl.logs.precision import FLOAT64, Precision

Reading = tuple[int, float]


def series_of(*blocks: Sequence[Reading]) -> Series:
    series = Series("lr", None, FLOAT64)
    for block in blocks:
        series.add(Block("lr", [s for s, _ in block], [float(v) for _, v in block], FLOAT64))
    return series


def plainly(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The legs of readings, one reading at a time."""
    legs: list[list[Reading]] = []
    for reading, _ in groupby(readings):
        if not legs or reading[0] < legs[-1][-1][0]:
            legs.append([])
        legs[-1].append(reading)
    return legs


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.5, 1.0])))))
def test_repeats_count_once_and_falls_begin_legs(blocks: list[list[Reading]]) -> None:
    series = series_of(*blocks)
    together = [reading for block in blocks for reading in block]
    found = [list(zip(leg.steps, leg.values, strict=True)) for leg in series.legs]
    assert found == plainly(together)
    assert series.read == len(series) == sum(map(len, found))


def test_a_long_series_keeps_every_second_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST", 100)
    blocks = [[(step, step / 2) for step in range(first, first + 7)] for first in range(0, 700, 7)]
    series = series_of(*blocks)
    assert (series.read, series.every) == (700, 8)
    assert series.steps == list(range(0, 700, 8))
    assert series.values == [step / 2 for step in range(0, 700, 8)]


def test_the_precision_is_what_is_known_last() -> None:
    series = series_of([(0, 0.5)])
    four = Precision("digits", 4)
    series.add(Block("lr", [1], [0.25], four))
    assert series.precision == four
