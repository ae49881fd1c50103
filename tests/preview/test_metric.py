"""Curves that a metric drives: the preview of a plateau is what the scheduler would do."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.preview import metric
from lrdsl.preview.curve import Curve, window
from lrdsl.preview.trace import chosen_steps, trace
from tests.frameworks.torch.driving import optimizer
from tests.strategies import SOME

TEXT = "warmup(5) >> (const(40) * plateau(0.5, 1)) >> linear(20)"


def curve(text: str, readings: list[metric.Reading], base: float = 0.1) -> Curve:
    (found,) = metric.driven([Curve(text, lrdsl.parse(text).resolve(), base)], readings)
    return found


@SOME
@given(st.lists(st.sampled_from([1.0, 0.9, 0.5, 2.0]), min_size=1, max_size=12), st.integers(1, 7))
def test_it_is_what_the_scheduler_does(metrics: list[float], every: int) -> None:
    readings = [(every * (i + 1), x) for i, x in enumerate(metrics)]
    made = optimizer(0.1)
    scheduler = lrdsl.compile(TEXT, made)
    measured, wanted = dict(readings), []
    for t in range(80):
        wanted.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step()
        if t + 1 in measured:
            scheduler.observe(measured[t + 1])
    found = curve(TEXT, readings)
    assert [found(t) for t in range(80)] == wanted


def test_the_parts_have_the_values_they_came_to() -> None:
    found = curve(TEXT, [(step, 1.0) for step in range(10, 40, 10)])
    assert [(part.start_value, part.end_value) for part in found.parts] == [
        (0, 0.1),
        (0.1, 0.05),
        (0.05, 0),
    ]


def test_a_reduction_is_drawn_upright_and_never_missed() -> None:
    found = curve("reduce_on_plateau(0.5, 0)", [(100_000, 1.0), (200_000, 1.0)])
    assert {199_999, 200_000} <= set(chosen_steps(found, range(10**6), 50))
    small = curve("reduce_on_plateau(0.5, 0)", [(3, 1.0), (6, 1.0)])
    assert [(x, y) for x, y in trace(small, range(10), 100) if x == 6] == [(6, 0.1), (6, 0.05)]


def test_an_endless_one_is_shown_with_some_reductions() -> None:
    plain = Curve("", lrdsl.parse("warmup(5) >> const * plateau(0.5, 3)").resolve(), 0.1)
    (found,) = metric.driven([plain], metric.never_improving([plain], 10))
    assert [step for step, _ in found.history] == [50, 90, 130, 170]
    assert 170 < len(window([found]).steps) < 250


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step,loss\n1,2,3\n", "line 2 is no step and metric, such as `100,0.35`: 1,2,3"),
        ("5,high\n", "line 1 is no step"),
        ("5,1\n5,1\n", "its steps do not ascend"),
    ],
)
def test_a_broken_trace_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric.read(io.StringIO(text))


def test_a_trace_is_read_with_and_without_names() -> None:
    wanted = [(10, 1.0), (20, 0.5)]
    assert metric.read(io.StringIO("step,loss\n10,1\n\n20,0.5\n")) == wanted
    assert metric.read(io.StringIO("10,1.0\n20,5e-1")) == wanted
