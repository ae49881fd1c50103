from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrdsl.preview.axis import Ruler, place_names, rate_scale, step_ticks, visible_edges

rates = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-12)
rulers = st.builds(Ruler, last=st.integers(1, 10**9), cells=st.integers(15, 200))


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


@given(rulers, st.lists(st.integers(1, 10**9), max_size=20, unique=True))
def test_step_labels_never_touch(ruler: Ruler, edges: list[int]) -> None:
    inside = sorted(edge for edge in edges if edge <= ruler.last)
    ticks = step_ticks(inside, ruler)
    spans = [ruler.span(step, text) for step, text in ticks]
    assert all(right + 2 <= left for (_, right), (left, _) in itertools.pairwise(spans))
    assert all(start >= 0 and end <= ruler.cells for start, end in spans)
    assert ticks


def test_boundaries_are_labelled_before_anything_else() -> None:
    assert step_ticks([5, 20], Ruler(21, 76)) == [
        (0, "0"),
        (5, "5"),
        (10, "10"),
        (15, "15"),
        (20, "20"),
        (21, "21"),
    ]
    assert step_ticks([2000], Ruler(100_000, 74))[0] == (2000, "2000")


def test_crowded_boundaries_are_all_hidden() -> None:
    ruler = Ruler(400, 76)
    assert visible_edges(range(10, 400, 10), ruler) == []
    assert visible_edges([100, 200, 300], ruler) == [100, 200, 300]
    assert visible_edges([100, 101, 200, 300], ruler) == [100, 200, 300]


def test_the_end_of_the_axis_needs_no_line() -> None:
    assert visible_edges([100, 400], Ruler(400, 76)) == [100]


def test_names_stand_over_their_parts() -> None:
    ruler = Ruler(100, 101)
    assert place_names([("left", 0, 50), ("right", 50, 100)], ruler) == [
        (23, "left"),
        (73, "right"),
    ]


def test_a_name_may_reach_out_of_a_narrow_part() -> None:
    assert place_names([("warmup", 0, 2), ("cosine", 2, 100)], Ruler(100, 76)) == [
        (0, "warmup"),
        (36, "cosine"),
    ]


def test_names_that_mostly_find_no_room_are_left_out() -> None:
    parts = [("cosine", k * 10, k * 10 + 10) for k in range(40)]
    assert place_names(parts, Ruler(400, 76)) == []


@given(rulers, st.lists(st.tuples(st.text("ab", min_size=1, max_size=12), st.integers(1, 10**6))))
def test_names_never_touch(ruler: Ruler, lengths: list[tuple[str, int]]) -> None:
    parts, first = [], 0
    for name, length in lengths:
        parts.append((name, first, first + length))
        first += length
    ruler = Ruler(max(first, 1), ruler.cells)
    placed = place_names(parts, ruler)
    assert all(
        start + len(name) + 2 <= other for (start, name), (other, _) in itertools.pairwise(placed)
    )
    assert all(start >= 0 and start + len(name) <= ruler.cells for start, name in placed)
