"""What is put together of several parts, against torch, and the comparison itself.

Single schedulers are compared in ``test_oracles.py``.
"""

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
    assert_close([schedule(t, base=BASE) for t in range(25)], rates())


def test_a_product_is_a_product() -> None:
    """LambdaLR of the product of two factors."""

    def factor(t: int) -> float:
        return 0.95**t * min(1.0, t / 10)

    schedule = lrdsl.parse("exponential(0.95) * (warmup(10, 0, 1) >> const(90))").resolve()
    wanted = torch_rates(partial(torch_lr.LambdaLR, lr_lambda=factor), 100, BASE)
    assert_close([schedule(t, base=BASE) for t in range(100)], wanted)


def test_the_comparison_can_fail() -> None:
    """A scheduler that is off by one step is noticed."""
    wanted = torch_rates(partial(torch_lr.StepLR, step_size=3), 40, BASE)
    schedule = lrdsl.parse("step(3)").resolve()
    with pytest.raises(AssertionError):
        assert_close([schedule(t + 1, base=BASE) for t in range(40)], wanted)


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
