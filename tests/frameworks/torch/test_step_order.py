"""``scheduler.step()`` before ``optimizer.step()``: warned of where it is a mistake."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch.optim import SGD, Optimizer

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import drive, optimizer, rates

TEXT = "warmup(4) >> cosine(20)"


def said(scheduler: ScheduleLR, times: int = 1) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(times):
            scheduler.step()
    assert {warning.filename for warning in caught} <= {__file__}
    return [str(warning.message) for warning in caught]


def without_gradients(driven: Optimizer) -> Optimizer:
    for group in driven.param_groups:
        for p in group["params"]:
            p.grad = None
    return driven


@pytest.mark.parametrize("gradients", [True, False])
def test_it_is_said_once(gradients: bool) -> None:
    driven = optimizer(0.1) if gradients else without_gradients(optimizer(0.1))
    scheduler = lrdsl.compile(TEXT, driven)
    (text,) = said(scheduler, 3)
    assert text.startswith("Detected call of `lr_scheduler.step()` before `optimizer.step()`")
    assert scheduler.last_epoch == 3


def test_the_right_order_is_fine() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    scheduler.optimizer.step()
    assert said(scheduler, 3) == []


def test_a_step_that_was_wrapped_counts() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(TEXT, driven)
    inner = driven.step
    driven.step = lambda closure=None: inner()  # type: ignore[method-assign,assignment]
    driven.step()
    assert said(scheduler) == []


def test_nothing_is_left_on_the_optimizer() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(TEXT, driven)
    driven.step()
    before = len(driven._optimizer_step_post_hooks)
    scheduler.step()
    assert len(driven._optimizer_step_post_hooks) == before - 1


@pytest.mark.parametrize("go", ["resumed", "started later", "sent"])
def test_a_run_that_does_not_begin_here(go: str) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), start_step=3 if go == "started later" else 0)
    if go == "resumed":
        state = {**scheduler.state_dict(), "step": 3}
        scheduler.load_state_dict(state)
    if go == "sent":
        scheduler.set_step(3)
    assert said(scheduler) == []


@pytest.mark.parametrize("sparse", [False, True])
def test_an_update_that_a_scaler_left_out_is_no_mistake(sparse: bool) -> None:
    """The loop of torch's own documentation of mixed precision, its first update skipped."""
    weight = torch.nn.Embedding(4, 2, sparse=sparse)
    driven = SGD(weight.parameters(), lr=0.1)
    scheduler = lrdsl.compile(TEXT, driven)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
    taken = []
    for factor in (float("inf"), 1.0, float("nan"), 1.0):
        driven.zero_grad()
        before = weight.weight.detach().clone()
        loss = (weight(torch.tensor([1, 2])) * factor).sum()
        scaler.scale(loss).backward()
        scaler.step(driven)
        scaler.update()
        taken.append(not torch.equal(before, weight.weight))
        assert said(scheduler) == []
    # The clock counts the updates that were tried, as torch's own schedulers do.
    assert (taken, scheduler.last_epoch) == ([False, True, False, True], 4)


def test_a_reversed_loop_is_off_by_one() -> None:
    """What the warning is about: the first value is never used."""
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    with pytest.warns(UserWarning, match="The first value of the schedule is skipped"):
        scheduler.step()
    assert rates(scheduler.optimizer) == [0.025]
    assert drive(scheduler, 1) == [[0.025]]
