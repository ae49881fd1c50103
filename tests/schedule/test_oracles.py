"""Every curve of every other system: torch run for real, packages' values stored, and formulas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.library import PARTS, is_called
from tests.oracles import formula_cases, stored_cases, torch_cases
from tests.oracles.curve import Curve, assert_same

CURVES = [*torch_cases.curves(), *stored_cases.curves(), *formula_cases.curves()]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_it_is_the_same_curve(curve: Curve) -> None:
    assert_same(curve)


def test_there_are_enough_of_them() -> None:
    assert len({(curve.text, curve.name.partition(":")[0], curve.base) for curve in CURVES}) >= 300
    assert len({curve.name for curve in CURVES}) == len(CURVES)


@pytest.mark.parametrize("name", PARTS)
def test_every_shape_has_a_curve_of_another_system(name: str) -> None:
    assert any(is_called(name, curve.text) for curve in CURVES)


def test_the_parts_of_the_library_are_found() -> None:
    """What is no part is an ease, a helper of formulas, or a combinator."""
    assert {"const", "restarts", "wsd", "onecycle", "points"} <= set(PARTS)
    assert not {"straight", "half_cosine", "over", "repeat"} & set(PARTS)


@pytest.mark.parametrize("curve", CURVES[:: len(CURVES) // 40], ids=lambda curve: curve.name)
def test_the_comparison_notices_one_value(curve: Curve) -> None:
    """A value that is off by a millionth of a millionth of the peak, or a little more."""
    wanted = curve.wanted()
    place = next(i for i, step in enumerate(curve.steps) if step not in curve.restarts)
    wrong = [*wanted]
    wrong[place] += 2e-12 * max(wanted)
    with pytest.raises(AssertionError):
        assert_same(replace(curve, wanted=wrong.copy))
