"""``scheduler.step()`` before ``optimizer.step()``: warned of where it is a mistake."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LRScheduler, SequentialLR, StepLR

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import drive, optimizer, rates

TEXT = "warmup(4) >> cosine(20)"
STARTS = pytest.mark.parametrize("start", [0, 10])


def said(*calls: Callable[[], Any]) -> list[str]:
    """What is warned of during some calls, each from here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for call in calls:
            call()
    assert {warning.filename for warning in caught} <= {__file__}
    return [str(warning.message) for warning in caught]


def loop(scheduler: ScheduleLR, times: int) -> list[Callable[[], Any]]:
    """The calls of an ordinary loop."""
    return [scheduler.optimizer.step, scheduler.step] * times


def without_gradients(driven: Optimizer) -> Optimizer:
    for group in driven.param_groups:
        for p in group["params"]:
            p.grad = None
    return driven


def hooks(driven: Optimizer) -> int:
    return len(driven._optimizer_step_post_hooks) + len(driven._optimizer_step_pre_hooks)


@STARTS
@pytest.mark.parametrize("gradients", [True, False])
def test_it_is_said_once_at_the_first_update(start: int, gradients: bool) -> None:
    driven = optimizer(0.1) if gradients else without_gradients(optimizer(0.1))
    scheduler = lrdsl.compile(TEXT, driven, start_step=start)
    assert said(scheduler.step) == []  # it may be the first of many
    (text,) = said(*loop(scheduler, 3))
    assert text.startswith("Detected call of `lr_scheduler.step()` before `optimizer.step()`")
    assert scheduler.last_epoch == start + 4


@STARTS
def test_the_right_order_is_fine(start: int) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), start_step=start)
    assert said(*loop(scheduler, 3)) == []


@STARTS
@pytest.mark.parametrize("done", [2, 3, 10])
def test_several_steps_before_the_first_update_go_fast_forward(start: int, done: int) -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(TEXT, driven, start_step=start)
    assert said(*[scheduler.step] * done, *loop(scheduler, 3)) == []
    assert scheduler.last_epoch == start + done + 3


def test_a_loop_by_epochs_has_the_wrong_order_too() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("cosine(20)", driven)
    epoch: list[Callable[[], Any]] = [scheduler.step, *[driven.step] * 5]
    (text,) = said(*epoch * 4)
    assert "before `optimizer.step()`" in text


def test_a_step_that_was_wrapped_counts() -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile(TEXT, driven)
    inner = driven.step
    driven.step = lambda closure=None: inner()  # type: ignore[method-assign,assignment]
    assert said(driven.step, scheduler.step, driven.step, scheduler.step) == []


@pytest.mark.parametrize("before", [0, 1, 2, 5])
def test_nothing_is_left_on_the_optimizer(before: int) -> None:
    driven = optimizer(0.1)
    left = hooks(driven)
    scheduler = lrdsl.compile(TEXT, driven)
    assert hooks(driven) == left + 2
    said(*[scheduler.step] * before, *loop(scheduler, 2))
    assert hooks(driven) == left


@pytest.mark.parametrize("go", ["resumed", "sent", "copied"])
def test_a_run_that_does_not_begin_here(go: str) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    if go == "resumed":
        scheduler.load_state_dict({**scheduler.state_dict(), "step": 3})
    if go == "sent":
        scheduler.set_step(3)
    if go == "copied":
        scheduler = copy.deepcopy(scheduler)
    assert said(scheduler.step, *loop(scheduler, 3)) == []


def test_a_run_that_is_resumed_after_its_first_step_is_not_wrong() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    assert said(scheduler.step, lambda: scheduler.set_step(3), scheduler.optimizer.step) == []


@pytest.mark.parametrize("is_first", [True, False])
def test_a_part_of_a_sequence_of_torchs(is_first: bool) -> None:
    """It takes a step of every part back, and makes the first step of the first part again."""
    driven = optimizer(0.1)
    parts: list[Callable[[], LRScheduler]] = [
        lambda: lrdsl.compile("linear(10)", driven),
        lambda: StepLR(driven, 5),
    ]
    made = [part() for part in (parts if is_first else reversed(parts))]
    sequence = SequentialLR(driven, made, [6])
    calls: list[Callable[[], Any]] = [driven.step, sequence.step]
    assert said(*calls * 20) == []


class TwoPhases(Optimizer):
    """As SAM is written: two methods of its own, the second of which steps another optimizer."""

    def __init__(self, inner: Optimizer) -> None:
        super().__init__(inner.param_groups, {})
        self.inner = inner
        self.param_groups = inner.param_groups

    def first_step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                p.data.add_(p.grad, alpha=0.05)

    def second_step(self) -> None:
        self.inner.step()

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        self.first_step()
        closure()
        self.second_step()


@STARTS
@pytest.mark.parametrize("phases", ["both", "closure", "inner"])
def test_an_optimizer_of_two_phases(phases: str, start: int) -> None:
    driven = TwoPhases(optimizer(0.1))
    on = driven.inner if phases == "inner" else driven
    run = {"total": 100, "steps_per_epoch": 10}
    scheduler = lrdsl.compile("cosine", on, start_step=start, **run)  # type: ignore[call-overload]

    def closed() -> None:
        driven.step(lambda: None)

    updates = [closed] if phases == "closure" else [driven.first_step, driven.second_step]
    assert said(*[*updates, scheduler.step] * 6) == []
    assert scheduler.last_epoch == start + 6


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
        assert said(lambda: scaler.step(driven), scaler.update, scheduler.step) == []
        taken.append(not torch.equal(before, weight.weight))
    # The clock counts the updates that were tried, as torch's own schedulers do.
    assert (taken, scheduler.last_epoch) == ([False, True, False, True], 4)


def test_a_reversed_loop_is_off_by_one() -> None:
    """What the warning is about: the first value is never used."""
    scheduler: ScheduleLR = lrdsl.compile(TEXT, optimizer(0.1))
    scheduler.step()
    assert rates(scheduler.optimizer) == [0.025]
    with pytest.warns(UserWarning, match="The first value of the schedule is skipped"):
        used = drive(scheduler, 1)
    assert used == [[0.025]]


@pytest.mark.parametrize("rank", ["0", "1"])
def test_the_first_process_says_it(rank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", rank)
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    assert len(said(scheduler.step, scheduler.optimizer.step)) == (rank == "0")
