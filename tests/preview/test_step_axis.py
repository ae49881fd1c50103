from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrdsl.preview.step_axis import Ruler, place_names, ruler, step_ticks, visible_edges
from lrdsl.preview.units import Unit

rulers = st.builds(Ruler, st.just(0), st.integers(1, 10**9), st.integers(15, 200))


units = st.none() | st.builds(Unit, st.just("ep"), st.floats(0.01, 1e6), st.booleans())


@given(
    rulers,
    st.lists(st.integers(1, 10**9), max_size=20, unique=True),
    units,
    st.integers(0, 10**9),
)
def test_step_labels_never_touch(
    ruler: Ruler, edges: list[int], unit: Unit | None, first: int
) -> None:
    ruler = Ruler(first, first + ruler.last, ruler.cells)
    inside = sorted(first + edge for edge in edges if first + edge <= ruler.last)
    ticks = step_ticks(inside, ruler, unit)
    spans = [ruler.span(tick.step, max(map(len, tick.rows))) for tick in ticks]
    assert all(right < left for (_, right), (left, _) in itertools.pairwise(spans))
    assert all(start >= 0 for start, _ in spans)
    assert all(end <= ruler.cells for _, end in spans[1:])
    assert ticks[0].step == first
    assert all(first <= tick.step <= ruler.last for tick in ticks)


def labels(edges: list[int], ruler: Ruler, unit: Unit | None = None) -> list[str]:
    return [" ".join(tick.rows) for tick in step_ticks(edges, ruler, unit)]


def test_the_first_step_is_always_labeled() -> None:
    assert labels([2000], Ruler(0, 100_000, 74))[0] == "0"


def test_a_unit_is_labeled_with_the_steps_beside_it() -> None:
    axis = Ruler(0, 112_590, 76)
    found = labels([6255], axis, Unit("ep", 1251))
    assert found[:3] == ["0 0", "5ep 6,255", "20ep 25,020"]
    assert found[-1] == "90ep 112,590"
    assert labels([6255], axis, Unit("ep", 1251, is_assumed=True))[:2] == ["0", "5ep"]


def test_boundaries_are_labeled_before_anything_else() -> None:
    assert labels([5, 20], Ruler(0, 21, 76)) == ["0", "5", "10", "15", "20", "21"]
    assert labels([91_000], Ruler(0, 100_000, 20)) == ["0", "91k"]


def test_crowded_boundaries_are_all_hidden() -> None:
    ruler = Ruler(0, 400, 76)
    assert visible_edges(range(10, 400, 10), ruler) == []
    assert visible_edges([100, 200, 300], ruler) == [100, 200, 300]
    assert visible_edges([100, 101, 200, 300], ruler) == [100, 200, 300]


def test_the_end_of_the_axis_needs_no_line() -> None:
    assert visible_edges([100, 400], Ruler(0, 400, 76)) == [100]


def test_names_stand_over_their_parts() -> None:
    ruler = Ruler(0, 100, 101)
    assert place_names([("left", 0, 50), ("right", 50, 100)], ruler) == [
        (23, "left"),
        (73, "right"),
    ]


def test_a_name_may_reach_out_of_a_narrow_part() -> None:
    assert place_names([("warmup", 0, 2), ("cosine", 2, 100)], Ruler(0, 100, 76)) == [
        (0, "warmup"),
        (36, "cosine"),
    ]


def test_names_that_mostly_find_no_room_are_left_out() -> None:
    parts = [("cosine", k * 10, k * 10 + 10) for k in range(40)]
    assert place_names(parts, Ruler(0, 400, 76)) == []


@given(rulers, st.lists(st.tuples(st.text("ab", min_size=1, max_size=12), st.integers(1, 10**6))))
def test_names_never_touch(ruler: Ruler, lengths: list[tuple[str, int]]) -> None:
    parts, first = [], 0
    for name, length in lengths:
        parts.append((name, first, first + length))
        first += length
    ruler = Ruler(0, max(first, 1), ruler.cells)
    placed = place_names(parts, ruler)
    assert all(
        start + len(name) + 2 <= other for (start, name), (other, _) in itertools.pairwise(placed)
    )
    assert all(start >= 0 and start + len(name) <= ruler.cells for start, name in placed)


@pytest.mark.parametrize(
    ("edges", "knee"),
    [
        ([5], 5),
        ([39], 39),
        ([40], None),
        ([1], None),  # a jump: there is nothing to see
        ([5, 10], 10),
        ([3, 9, 27, 81, 243], None),  # cycles that grow, of which the first is no lead
        ([], None),
        ([5, 500, 900], 5),
    ],
)
def test_a_short_lead_is_drawn_wider(edges: list[int], knee: int | None) -> None:
    assert ruler(0, 1000, 76, edges).knee == knee


def test_a_knee_moves_no_end_and_keeps_the_order() -> None:
    axis = ruler(100, 1100, 76, [110])
    places = [axis.position(step) for step in range(100, 1101)]
    assert (places[0], places[-1]) == (0, 1)
    assert places == sorted(places)
    assert 0.1 < axis.position(110) < 0.2
