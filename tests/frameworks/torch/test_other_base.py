"""A state that is loaded into an optimizer of another rate: the run goes on, and says so."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch.optim import SGD

import lrdsl

COSINE = "warmup(5) >> cosine(20)"
GOES_ON = (
    r"built with a rate of {own}{where}, and the run goes on with the `base` of its state, {base}"
)


def optimizer(*rates: float) -> SGD:
    groups: list[dict[str, Any]] = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate} for rate in rates
    ]
    return SGD(groups)


def trained(*rates: float, text: str = COSINE) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of an optimizer and its scheduler after nine updates."""
    driven = optimizer(*rates)
    scheduler = lrdsl.compile(text, driven)
    for _ in range(9):
        driven.step()
        scheduler.step()
    return driven.state_dict(), scheduler.state_dict()


@pytest.mark.parametrize("order", ["scheduler", "optimizer", "scheduler alone"])
@pytest.mark.parametrize(
    ("built", "now", "where", "own", "base"),
    [
        ((0.1,), (0.3,), "", "0.3", "0.1"),
        ((0.1, 0.2), (0.1, 0.4), " in group 1", "0.4", "0.2"),
        ((0.1, 0.2), (0.3, 0.4), " in group 0", "0.3", "0.1"),
    ],
)
def test_another_rate_is_reported(
    order: str, built: Sequence[float], now: Sequence[float], where: str, own: str, base: str
) -> None:
    of_optimizer, state = trained(*built)
    driven = optimizer(*now)
    scheduler = lrdsl.compile(COSINE, driven)
    if order == "optimizer":
        driven.load_state_dict(of_optimizer)
    with pytest.warns(
        lrdsl.LrsWarning, match=GOES_ON.format(own=own, where=where, base=base)
    ) as found:
        scheduler.load_state_dict(state)
    if order == "scheduler":
        driven.load_state_dict(of_optimizer)
    diagnostics = [warning.message.diagnostic for warning in found]  # type: ignore[union-attr]
    assert [(one.code, one.severity) for one in diagnostics] == [("LRS805", "warning")]
    schedule = lrdsl.parse(COSINE).resolve()
    assert scheduler.get_last_lr() == [schedule(9, base=rate) for rate in built]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler.load_state_dict(state)  # said once


@pytest.mark.parametrize("order", ["scheduler", "optimizer", "optimizer before"])
@pytest.mark.parametrize("text", [COSINE, "warmup(5) >> cosine(20, 0.3)"])
def test_the_same_rate_is_not(order: str, text: str) -> None:
    of_optimizer, state = trained(0.1, 0.2, text=text)
    driven = optimizer(0.1, 0.2)
    for group in of_optimizer["param_groups"]:
        group.pop("initial_lr")  # as one of a system that keeps none
    if order == "optimizer before":
        driven.load_state_dict(of_optimizer)
    scheduler = lrdsl.compile(text, driven)
    if order == "optimizer":
        driven.load_state_dict(of_optimizer)
    scheduler.load_state_dict(state)
    if order == "scheduler":
        driven.load_state_dict(of_optimizer)
    assert scheduler.last_epoch == 9


def test_a_rate_that_nothing_depends_on_is_not() -> None:
    _, state = trained(0.1, text="warmup(5) >> cosine(20, 0.3)")
    lrdsl.compile("warmup(5) >> cosine(20, 0.3)", optimizer(0.7)).load_state_dict(state)
