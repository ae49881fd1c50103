"""Every shape against the torch scheduler it is named after, run for real."""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import Any

import pytest
from torch.optim import lr_scheduler as torch_lr

import lrdsl
from tests.oracles.closeness import assert_close
from tests.oracles.torch_rates import torch_rates

BASE = 0.3

# A text in which `base` is the optimizer's rate, torch's scheduler, and how long both are run.
CASES: dict[str, tuple[str, Any, int]] = {
    "StepLR": ("step(3)", partial(torch_lr.StepLR, step_size=3), 40),
    "StepLR:gamma": ("step(30, 0.7)", partial(torch_lr.StepLR, step_size=30, gamma=0.7), 1000),
    "MultiStepLR": ("multistep([5, 9])", partial(torch_lr.MultiStepLR, milestones=[5, 9]), 40),
    "MultiStepLR:twice": (
        "multistep([4, 4, 10], 0.5)",
        partial(torch_lr.MultiStepLR, milestones=[4, 4, 10], gamma=0.5),
        30,
    ),
    "ExponentialLR": ("exponential(0.97)", partial(torch_lr.ExponentialLR, gamma=0.97), 1000),
    "ExponentialLR:growing": (
        "exponential(1.01, length = 600)",
        partial(torch_lr.ExponentialLR, gamma=1.01),
        500,
    ),
    "PolynomialLR": ("poly(20)", partial(torch_lr.PolynomialLR, total_iters=20, power=1), 40),
    "PolynomialLR:power": (
        "poly(1000, power = 2.5)",
        partial(torch_lr.PolynomialLR, total_iters=1000, power=2.5),
        1200,
    ),
    "LinearLR": (
        "linear(10, base * 0.25, base)",
        partial(torch_lr.LinearLR, start_factor=0.25, end_factor=1.0, total_iters=10),
        30,
    ),
    "LinearLR:down": (
        "linear(1000, base, base * 0.1)",
        partial(torch_lr.LinearLR, start_factor=1.0, end_factor=0.1, total_iters=1000),
        1200,
    ),
    "ConstantLR": (
        "const(5, base / 3) >> const(value = base)",
        partial(torch_lr.ConstantLR, factor=1 / 3, total_iters=5),
        20,
    ),
    "CosineAnnealingWarmRestarts": (
        "repeat(cosine(10))",
        partial(torch_lr.CosineAnnealingWarmRestarts, T_0=10),
        200,
    ),
    "CosineAnnealingWarmRestarts:2": (
        "repeat(cosine(7, end = 0.01), stretch = 2)",
        partial(torch_lr.CosineAnnealingWarmRestarts, T_0=7, T_mult=2, eta_min=0.01),
        2000,
    ),
    "CosineAnnealingWarmRestarts:3": (
        "repeat(cosine(5, end = 0.02), stretch = 3)",
        partial(torch_lr.CosineAnnealingWarmRestarts, T_0=5, T_mult=3, eta_min=0.02),
        2000,
    ),
    "OneCycleLR": (
        "cosine(2, 0.04, 1) >> cosine(7, 1, 4e-6)",
        partial(torch_lr.OneCycleLR, max_lr=1.0, total_steps=10, cycle_momentum=False),
        10,
    ),
    "CyclicLR": (
        "repeat(linear(4, 0.1, 1) >> linear(6, 1, 0.1))",
        partial(
            torch_lr.CyclicLR,
            base_lr=0.1,
            max_lr=1.0,
            step_size_up=4,
            step_size_down=6,
            cycle_momentum=False,
        ),
        60,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_step(case: str) -> None:
    text, make, updates = CASES[case]
    base = 0.1 if "CyclicLR" in case else BASE
    schedule = lrdsl.parse(text).resolve()
    wanted = torch_rates(make, updates, base)
    assert_close([schedule(t, base) for t in range(updates)], wanted)
    assert_close(schedule.values(updates, base), wanted)


@pytest.mark.parametrize("length", [1, 4, 20, 1000])
@pytest.mark.parametrize("end", [0.0, 0.01])
def test_cosine_annealing_up_to_its_end_and_then_held(length: int, end: float) -> None:
    """CosineAnnealingLR rises again behind T_max; a cosine of lrdsl holds its end."""
    schedule = lrdsl.parse(f"cosine({length}, end = {end})").resolve()
    make = partial(torch_lr.CosineAnnealingLR, T_max=length, eta_min=end)
    wanted = torch_rates(make, 2 * length + 1, BASE)
    found = [schedule(t, BASE) for t in range(2 * length + 1)]
    assert_close(found[: length + 1], wanted[: length + 1])
    assert found[length:] == [end] * (length + 1)
    assert wanted[-1] > end, "torch holds now: compare past the end, too"


def test_warmup_then_cosine_as_torch_puts_them_together() -> None:
    """SequentialLR of a LinearLR, which cannot start at 0, and a CosineAnnealingLR."""

    def make(optimizer: Any) -> Any:
        first = torch_lr.LinearLR(optimizer, start_factor=0.1, total_iters=4)
        second = torch_lr.CosineAnnealingLR(optimizer, T_max=20, eta_min=0.01)
        with warnings.catch_warnings():
            # torch warns of its own call of step(epoch).
            warnings.simplefilter("ignore")
            return torch_lr.SequentialLR(optimizer, [first, second], milestones=[4])

    def rates() -> list[float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch_rates(make, 25, BASE)

    schedule = lrdsl.parse("warmup(4, base * 0.1) >> cosine(20, end = 0.01)").resolve()
    assert_close([schedule(t, BASE) for t in range(25)], rates())


def test_a_product_is_a_product() -> None:
    """LambdaLR of the product of two factors."""

    def factor(t: int) -> float:
        return 0.95**t * min(1.0, t / 10)

    schedule = lrdsl.parse("exponential(0.95) * (warmup(10, 0, 1) >> const(90))").resolve()
    wanted = torch_rates(partial(torch_lr.LambdaLR, lr_lambda=factor), 100, BASE)
    assert_close([schedule(t, BASE) for t in range(100)], wanted)


def test_the_comparison_can_fail() -> None:
    """A scheduler that is off by one step is noticed."""
    wanted = torch_rates(partial(torch_lr.StepLR, step_size=3), 40, BASE)
    schedule = lrdsl.parse("step(3)").resolve()
    with pytest.raises(AssertionError):
        assert_close([schedule(t + 1, BASE) for t in range(40)], wanted)


@pytest.mark.parametrize("wrong", [1e-11, -1e-11, math.nan, math.inf])
def test_closeness_can_fail(wrong: float) -> None:
    with pytest.raises(AssertionError):
        assert_close([1.0, 0.5 + wrong], [1.0, 0.5])


def test_closeness_is_scaled_to_the_peak() -> None:
    assert_close([1e6, 1e-7], [1e6, 2e-7])
    with pytest.raises(AssertionError):
        assert_close([1e-6, 1e-17], [1e-6, 3e-18])


def test_curves_of_different_lengths_are_not_close() -> None:
    with pytest.raises(AssertionError):
        assert_close([1.0], [1.0, 1.0])
