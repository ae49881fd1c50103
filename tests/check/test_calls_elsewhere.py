"""Calls of other systems: the program of the fix draws the curve that they document."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sqrt

import pytest
import torch
from torch.optim import SGD, lr_scheduler

import lrdsl
from lrdsl.diagnostics.fix import apply
from tests.oracles.closeness import assert_close

BASE, UP, ALL = 0.1, 10, 60
Curve = Callable[[int], float]


def warmed(after: Curve) -> Curve:
    """The warm-up of transformers, and what follows as a function of the share that has passed."""
    return lambda t: BASE * (t / UP if t < UP else after(t - UP))


def share(t: int) -> float:
    return min(t, ALL - UP) / (ALL - UP)


def half_cosine(x: float) -> float:
    return (1 + cos(pi * x)) / 2


TRANSFORMERS: dict[str, Curve] = {
    "get_cosine_schedule_with_warmup(optimizer, 10, 60)": warmed(lambda t: half_cosine(share(t))),
    "get_linear_schedule_with_warmup(optimizer, 10, 60)": warmed(lambda t: 1 - share(t)),
    "get_constant_schedule_with_warmup(optimizer, 10)": warmed(lambda _: 1),
    "get_inverse_sqrt_schedule(optimizer, 10)": warmed(lambda t: 1 / sqrt((t + UP) / UP)),
    "get_polynomial_decay_schedule_with_warmup(optimizer, 10, 60, 1e-3, 2)": warmed(
        lambda t: (0.1 - 1e-3) / 0.1 * (1 - share(t)) ** 2 + 1e-3 / 0.1
    ),
    "get_polynomial_decay_schedule_with_warmup(optimizer, 10, 60)": warmed(
        lambda t: (0.1 - 1e-7) / 0.1 * (1 - share(t)) + 1e-7 / 0.1
    ),
    "get_cosine_with_hard_restarts_schedule_with_warmup(optimizer, 10, 60, 3)": warmed(
        lambda t: half_cosine(3 * share(t) % 1) if share(t) < 1 else 0
    ),
}
OPTAX: dict[str, Curve] = {
    "cosine_decay_schedule(0.3, 60)": lambda t: 0.3 * half_cosine(min(t, 60) / 60),
    "cosine_decay_schedule(0.3, 60, 0.1)": lambda t: (
        0.3 * (0.9 * half_cosine(min(t, 60) / 60) + 0.1)
    ),
    "exponential_decay(0.3, 20, 0.9)": lambda t: 0.3 * 0.9 ** (t / 20),
    "linear_schedule(0.3, 0.1, 60)": lambda t: 0.3 - 0.2 * min(t, 60) / 60,
    "polynomial_schedule(0.3, 0.1, 2, 60)": lambda t: 0.2 * (1 - min(t, 60) / 60) ** 2 + 0.1,
    "constant_schedule(0.3)": lambda _: 0.3,
    "warmup_cosine_decay_schedule(0, 0.3, 10, 60, 0.1)": lambda t: (
        0.3 * t / 10 if t < 10 else 0.2 * half_cosine(min(t - 10, 50) / 50) + 0.1
    ),
    "warmup_exponential_decay_schedule(0.1, 0.3, 10, 20, 0.9)": lambda t: (
        0.1 + 0.2 * t / 10 if t < 10 else 0.3 * 0.9 ** ((t - 10) / 20)
    ),
}
KERAS: dict[str, Curve] = {
    "CosineDecay(0.3, 60)": lambda t: 0.3 * half_cosine(min(t, 60) / 60),
    "ExponentialDecay(0.3, 20, 0.9)": lambda t: 0.3 * 0.9 ** (t / 20),
    "InverseTimeDecay(0.3, 20, 0.5)": lambda t: 0.3 / (1 + 0.5 * t / 20),
    "PolynomialDecay(0.3, 60)": lambda t: (0.3 - 1e-4) * (1 - min(t, 60) / 60) + 1e-4,
}
TORCH: dict[str, Callable[[SGD], lr_scheduler.LRScheduler]] = {
    "CosineAnnealingLR(optimizer, 80, 0.001)": lambda o: lr_scheduler.CosineAnnealingLR(
        o, 80, 0.001
    ),
    "PolynomialLR(optimizer, 60, 2)": lambda o: lr_scheduler.PolynomialLR(o, 60, 2),
    "LinearLR(optimizer, 0.1, 0.5, 20)": lambda o: lr_scheduler.LinearLR(o, 0.1, 0.5, 20),
    "LinearLR(optimizer, start_factor=0.1, total_iters=20)": lambda o: lr_scheduler.LinearLR(
        o, start_factor=0.1, total_iters=20
    ),
    "LinearLR(optimizer, total_iters=20)": lambda o: lr_scheduler.LinearLR(o, total_iters=20),
    "LinearLR(optimizer)": lambda o: lr_scheduler.LinearLR(o),
    "ConstantLR(optimizer)": lambda o: lr_scheduler.ConstantLR(o),
    "ConstantLR(optimizer, 0.3, 20)": lambda o: lr_scheduler.ConstantLR(o, 0.3, 20),
    "StepLR(optimizer, 20, 0.5)": lambda o: lr_scheduler.StepLR(o, 20, 0.5),
    "MultiStepLR(optimizer, [20, 40], 0.5)": lambda o: lr_scheduler.MultiStepLR(o, [20, 40], 0.5),
    "ExponentialLR(optimizer, 0.95)": lambda o: lr_scheduler.ExponentialLR(o, 0.95),
    "CosineAnnealingWarmRestarts(optimizer, 10, 2, 0.01)": (
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2, 0.01)
    ),
    "CyclicLR(optimizer, 0.01, 0.3, 20)": lambda o: lr_scheduler.CyclicLR(
        o, 0.01, 0.3, 20, cycle_momentum=False
    ),
    "OneCycleLR(optimizer, 0.3, 75, pct_start=0.2)": lambda o: lr_scheduler.OneCycleLR(
        o, 0.3, 75, pct_start=0.2, cycle_momentum=False
    ),
}


def drawn(text: str) -> list[float]:
    """The curve of the program that the one fix of a text makes."""
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    (found,) = caught.value.diagnostics
    (own,) = found.fixes
    schedule = lrdsl.parse(apply(text, [own])).resolve()
    return [schedule(t, base=BASE) for t in range(75)]


@pytest.mark.parametrize("text", [*TRANSFORMERS, *OPTAX, *KERAS])
def test_the_fix_draws_the_published_formula(text: str) -> None:
    curve = {**TRANSFORMERS, **OPTAX, **KERAS}[text]
    assert_close(drawn(text), [curve(t) for t in range(75)])


def rates_of(made: Callable[[SGD], lr_scheduler.LRScheduler]) -> list[float]:
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], BASE)
    scheduler = made(optimizer)
    rates = []
    for _ in range(75):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < 75:
            scheduler.step()
    return rates


@pytest.mark.parametrize("text", TORCH)
def test_the_fix_draws_what_torch_does(text: str) -> None:
    assert_close(drawn(text), rates_of(TORCH[text]))


@pytest.mark.parametrize("module", ["optax.", "torch.optim.lr_scheduler.", "tf.keras."])
def test_a_module_before_the_name_changes_nothing(module: str) -> None:
    text = "cosine_decay_schedule(0.3, 60)"
    assert drawn(module + text) == drawn(text)


@pytest.mark.parametrize(
    "text",
    [
        "cosine_decay_schedule(60, 0.3)",  # in our order, not in theirs
        "get_cosine_schedule_with_warmup(optimizer, 60, 10)",  # a run shorter than its warm-up
        "get_cosine_schedule_with_warmup(optimizer, 0.1, 60)",
        "get_cosine_schedule_with_warmup(optimizer, 10, 60, 2)",  # waves that `cosine` has not
        "OneCycleLR(optimizer, 0.3, 75, foo=0.2)",
    ],
)
def test_where_the_arguments_do_not_fit_there_is_no_fix(text: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text)
    (found,) = caught.value.diagnostics
    assert not found.fixes
    assert found.help


def test_a_warmup_of_torch_is_followed_at_once_by_the_part_after_it() -> None:
    def torchs(optimizer: SGD) -> lr_scheduler.LRScheduler:
        parts = [
            lr_scheduler.LinearLR(optimizer, 0.1, total_iters=20),
            lr_scheduler.CosineAnnealingLR(optimizer, 55),
        ]
        return lr_scheduler.SequentialLR(optimizer, parts, [20])

    text = "LinearLR(start_factor=0.1, total_iters=20) >> cosine(55)"
    assert_close(drawn(text), rates_of(torchs))
