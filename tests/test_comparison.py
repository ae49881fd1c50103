"""Two tables of values, compared: what is said of them, worked out by hand."""

from __future__ import annotations

import math

import pytest

from lrdsl.comparison import Departure, compare


def test_equal_values_are_equal() -> None:
    found = compare([[1.0], [0.5]], [[1.0], [0.5]])
    assert found
    assert (found.steps, found.groups, found.peak, found.largest) == (2, 1, 1.0, 0.0)
    assert str(found) == "2 steps equal, largest difference 0 of the peak"


def test_the_tolerance_is_a_share_of_the_peak() -> None:
    left, right = [[100.0], [1e-11]], [[100.0], [0.0]]
    assert compare(left, right)
    assert not compare(left, [[100.0], [1e-9]])


def test_the_first_difference_and_the_largest_are_two_things() -> None:
    found = compare([[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]], [[2.0, 1.0], [2.0, 0.9], [1.0, 1.0]])
    assert found.first == Departure(1, 1, 1.0, 0.9)
    assert (found.largest, found.worst, found.differing) == (0.5, 2, (0, 1))
    assert str(found) == (
        "differ from step 1 on in 2 of 2 groups: 1 and 0.9;"
        " largest difference 0.5 of the peak, at step 2"
    )


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_what_is_no_number_differs_from_a_number_alone(odd: float) -> None:
    assert compare([[odd]], [[odd]])
    assert not compare([[odd]], [[1.0]])


def test_tables_of_two_lengths_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"^the two schedules have other updates or groups$"):
        compare([[1.0]], [[1.0], [1.0]])
