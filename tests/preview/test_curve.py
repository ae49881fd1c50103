from __future__ import annotations

import itertools
import time

import pytest

from lrdsl.preview.curve import ENDLESS_STEPS, Curve, boundaries, shared_parts, window
from lrdsl.preview.trace import chosen_steps, sample, trace
from tests.preview.conftest import MakeCurve

D2L = "warmup(5) >> cosine(15, 0.3, 0.01) >> const"


@pytest.mark.parametrize(
    ("text", "run", "steps"),
    [
        (D2L, {}, 22),
        ("warmup(5) >> cosine(15, 0.3)", {}, 21),
        ("const(1, 0.1)", {}, 2),
        ("const", {}, ENDLESS_STEPS),
        ("exponential(0.9)", {}, ENDLESS_STEPS),
        ("warmup(5) >> exponential(0.9)", {}, 5 + ENDLESS_STEPS),
        ("warmup(4000) >> inverse_sqrt(4000)", {}, 20_000),
        ("warmup(10) >> repeat(cosine(20, 1))", {}, 10 + ENDLESS_STEPS),
        ("warmup(2%) >> cosine", {"total": 100_000}, 100_001),
    ],
)
def test_window(curve: MakeCurve, text: str, run: dict[str, int], steps: int) -> None:
    assert window([curve(text, **run)]).steps == range(steps)


def test_window_fits_the_longest_curve(curve: MakeCurve) -> None:
    assert window([curve("cosine(10, 1)"), curve("cosine(50, 1)"), curve("const")]).steps == range(
        51
    )


def test_window_takes_the_wish_of_the_caller(curve: MakeCurve) -> None:
    assert window([curve(D2L)], 3, 7).steps == range(3, 8)
    assert window([curve(D2L)], 3).steps == range(3, 22)
    assert window([curve(D2L)], 100).steps == range(100, 123)


def test_window_of_nothing() -> None:
    assert window([]).steps == range(ENDLESS_STEPS)


@pytest.mark.parametrize(("first", "last"), [(8, 7), (-1, 7)])
def test_window_refuses_what_is_no_stretch(curve: MakeCurve, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="nothing to show"):
        window([curve(D2L)], first, last)


def test_boundaries(curve: MakeCurve) -> None:
    assert boundaries([curve(D2L)], range(22)) == [5, 20]
    assert boundaries([curve(D2L)], range(20)) == [5]
    assert boundaries([curve(D2L), curve("cosine(7, 1)")], range(22)) == [5, 7, 20]


def test_parts_are_named_only_if_all_curves_share_them(curve: MakeCurve) -> None:
    parts = [("warmup", 0, 5), ("cosine", 5, 20), ("const", 20, 22)]
    lower = curve("warmup(5) >> cosine(15, 0.2) >> const")
    assert shared_parts([curve(D2L)], range(22)) == parts
    assert shared_parts([curve(D2L), lower], range(22)) == parts
    assert shared_parts([curve(D2L), curve("const")], range(22)) == []


@pytest.mark.parametrize("points", [2, 3, 10, 100, 999, 1000, 5000])
def test_no_more_points_than_asked_for(curve: MakeCurve, points: int) -> None:
    steps = chosen_steps(curve("cosine(300, 1) >> cosine(700, 0.5)"), range(1000), points)
    assert len(steps) <= points
    assert steps == sorted(set(steps))
    assert steps[0] == 0
    assert steps[-1] == 999


def test_both_sides_of_every_boundary_are_sampled(curve: MakeCurve) -> None:
    several = " >> ".join(f"const({1234 + 77 * k}, {1 / (k + 1)})" for k in range(30))
    shown = curve(several)
    window_steps = window([shown]).steps
    steps, values = sample(shown, window_steps, 100)
    for edge in boundaries([shown], window_steps):
        assert {edge - 1, edge} <= set(steps)
    assert values == [shown(step) for step in steps]


def test_few_steps_are_all_sampled(curve: MakeCurve) -> None:
    shown = curve(D2L)
    steps, values = sample(shown, range(22), 22)
    assert steps == list(range(22))
    assert values == pytest.approx([shown(step) for step in steps], abs=1e-12 * 0.3)


def test_a_very_long_run_costs_no_more_than_a_short_one(curve: MakeCurve) -> None:
    shown = curve("warmup(1%) >> cosine(rest, 3e-4)", total=10**9)
    began = time.perf_counter()
    steps, values = sample(shown, range(10**9), 2000)
    assert time.perf_counter() - began < 2
    assert len(steps) == len(values) == 2000
    assert {10**7 - 1, 10**7} <= set(steps)
    assert max(b - a for a, b in itertools.pairwise(steps)) < 10**6


def test_the_base_reaches_the_schedule(curve: MakeCurve) -> None:
    shown = curve("cosine(10, base)", base=0.5)
    assert sample(shown, range(10), 100)[1][0] == 0.5
    assert sample(shown, range(10), 5)[1][0] == 0.5
    assert shown.parts[0].start_value == 0.5


def corners(curve: Curve, n: int) -> tuple[list[float], list[float]]:
    line = trace(curve, range(n), 2000)
    return [x for x, _ in line], [y for _, y in line]


def slopes(xs: list[float], ys: list[float]) -> list[float]:
    return [
        abs((d - b) / (c - a)) for a, b, c, d in zip(xs, ys, xs[1:], ys[1:], strict=False) if c > a
    ]


@pytest.mark.parametrize(
    "text",
    [
        "const(10, 0.3) >> const(10, 0.1) >> const(10, 0.2)",
        "multistep([10, 20], 0.1, length = 30, start = 0.3)",
        "step(5, 0.5, length = 30, start = 0.3)",
    ],
)
def test_jumps_between_levels_are_upright(curve: MakeCurve, text: str) -> None:
    xs, ys = corners(curve(text), 31)
    assert max(slopes(xs, ys)) < 1e-12
    assert len(set(ys)) >= 3


def test_a_jump_off_a_slope_is_upright(curve: MakeCurve) -> None:
    xs, ys = corners(curve("linear(5, 0, 0.3) >> const(5, 0.1)"), 10)
    assert max(slopes(xs, ys)) == pytest.approx(0.06)
    assert (5.0, 0.1) in zip(xs, ys, strict=True)


def test_restarts_are_upright(curve: MakeCurve) -> None:
    xs, ys = corners(curve("repeat(cosine(20, 1, 0), 3)"), 61)
    assert xs.count(20.0) == xs.count(40.0) == 2
    assert max(slopes(xs, ys)) < 0.1


def test_a_curve_without_jumps_is_drawn_as_sampled(curve: MakeCurve) -> None:
    shown = curve(D2L)
    steps, values = sample(shown, range(22), 2000)
    assert corners(shown, 22) == (steps, values)


def test_one_step_is_a_level(curve: MakeCurve) -> None:
    assert corners(curve("const(1, 0.2)"), 1) == ([0.0, 1.0], [0.2, 0.2])
