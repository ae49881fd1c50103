"""Which numbers may be below 0, by every reading of a schedule."""

from __future__ import annotations

import math
import pickle
import sys

import numpy as np
import pytest
import torch

import lrdsl

FREE = ["scalar x: {}", "eps: {}", "x: {}", 'dampening["head"]: {}', "beta: {}", "beta0: {}"]
BOUND = ["{}", "lr: {}", "momentum: {}", "beta1: {}", "beta12: {}", "weight_decay[0]: {}"]
CURVES = {
    "linear(8, -0.5, 0.5)": [-0.5 + t / 8 for t in range(8)] + [0.5] * 2,
    "cosine(8, 0.1, -0.3)": [-0.1 + 0.2 * math.cos(math.pi * t / 8) for t in range(8)] + [-0.3] * 2,
    "repeat(const(2, -0.5) >> linear(2, -0.5, 0.5), 2)": [-0.5, -0.5, -0.5, 0.0] * 2 + [0.5] * 2,
    "linear(8, 0.5, 0) - const(value = 0.75)": [-0.25 - t / 16 for t in range(8)] + [-0.75] * 2,
    "stairs([2, 4], [-0.5, 0, -0.25])": [-0.5] * 2 + [0.0] * 2 + [-0.25] * 6,
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("target", FREE)
def test_any_finite_number(target: str, curve: str) -> None:
    schedule = lrdsl.parse(target.format(curve)).resolve()
    wanted = CURVES[curve]
    scalar = [schedule(t) for t in range(len(wanted))]
    assert scalar == pytest.approx(wanted, abs=1e-15)
    bare = schedule.bind()
    assert [bare(t) for t in range(len(wanted))] == scalar
    assert schedule.values(len(wanted)) == pytest.approx(scalar, abs=1e-15)
    for library in (np, torch):
        steps = library.arange(len(wanted))
        assert schedule.bind()(steps).tolist() == pytest.approx(scalar, abs=1e-15)
    again = pickle.loads(pickle.dumps(schedule))
    assert [again(t) for t in range(len(wanted))] == scalar


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("target", BOUND)
def test_no_rate_momentum_or_decay(target: str, curve: str) -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        lrdsl.parse(target.format(curve)).resolve()


@pytest.mark.parametrize("target", BOUND)
def test_a_side_may_be_below_0_where_the_whole_is_not(target: str) -> None:
    schedule = lrdsl.parse(target.format("const(8, 0.5) + linear(8, -0.5, 0)")).resolve()
    assert [schedule(t) for t in range(9)] == [t / 16 for t in range(9)]


@pytest.mark.parametrize("target", FREE)
@pytest.mark.parametrize(
    "curve", ["exponential(10, start = -1)", "const(value = -1e200) * const(value = 1e200)"]
)
def test_never_infinite(target: str, curve: str) -> None:
    with pytest.raises(lrdsl.LrsError, match=r"LRS3(12|09)"):
        lrdsl.parse(target.format(curve)).resolve().values(400)


def test_a_value_that_turns_out_to_be_none_is_refused_by_every_reading() -> None:
    """A base that is only known later: the curve of another number is looked at then."""
    schedule = lrdsl.parse("eps: linear(10, base * base, -1)").resolve()
    assert schedule(5, base=2.0) == 1.5
    assert schedule.values(3, base=0.5) == pytest.approx([0.25, 0.125, 0.0])
    for base in (1e200, -1e200):
        for read in (
            schedule.bind,
            lambda b: schedule(0, base=b),
            lambda b: schedule.values(1, base=b),
        ):
            with pytest.raises(lrdsl.LrsError, match="LRS3"):
                read(base)


def test_the_lowest_value_is_that_of_the_target() -> None:
    program = lrdsl.parse("scalar x: const(value = 1)  eps: const  lr: const  beta2: const")
    lowest = {name: one.lowest for name, one in program.resolve_all().items()}
    assert lowest == {"x": -sys.float_info.max, "eps": -sys.float_info.max, "lr": 0, "beta2": 0}
    extreme = lrdsl.parse("scalar x: const(value = -1.7976931348623157e308)").resolve()
    assert extreme(3) == -sys.float_info.max == extreme.values(1)[0]
