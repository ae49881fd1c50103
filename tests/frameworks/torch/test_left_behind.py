"""A scheduler that is gone leaves nothing on its optimizer that adds up, and warns of nothing."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import pytest
import torch

import lrdsl


def optimizer_of(**options: Any) -> torch.optim.SGD:
    return torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=0.1, **options)


def hooks(optimizer: torch.optim.Optimizer) -> int:
    return sum(
        len(getattr(optimizer, f"_optimizer_{name}_hooks"))
        for name in ("step_pre", "step_post", "load_state_dict_pre", "load_state_dict_post")
    )


def update(optimizer: torch.optim.Optimizer) -> None:
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.ones_like(parameter)
    optimizer.step()


def run_of(optimizer: torch.optim.Optimizer, steps: int, **options: Any) -> None:
    scheduler = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer, **options)
    for _ in range(steps):
        update(optimizer)
        scheduler.step()


@pytest.mark.parametrize("steps", [0, 1, 4, 12])
@pytest.mark.parametrize("total", [None, 9])
def test_hooks_do_not_add_up(steps: int, total: int | None) -> None:
    optimizer = optimizer_of()
    counts = []
    for _ in range(6):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run_of(optimizer, steps, total=total, rebase=True)
        gc.collect()
        counts.append(hooks(optimizer))
    assert len(set(counts[1:])) == 1
    assert max(counts) <= 5


def test_hooks_of_those_that_are_there_stay() -> None:
    optimizer = optimizer_of()
    first = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer, total=9)
    alone = hooks(optimizer)
    second = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer)
    both = hooks(optimizer)
    assert both == alone + 2
    del second
    gc.collect()
    third = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer)
    assert hooks(optimizer) == both
    with pytest.warns(lrdsl.LrsWarning, match="LRS801"):
        for _ in range(3):
            update(optimizer)
            update(optimizer)
            first.step()
    assert third.last_epoch == 0


def test_one_that_is_gone_does_not_warn_of_the_order() -> None:
    optimizer = optimizer_of()
    scheduler = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer)
    scheduler.step()  # before an update, as one does to look at the rates
    del scheduler
    gc.collect()
    update(optimizer)


def leave_out(optimizer: torch.optim.Optimizer, flags: list[float]) -> None:
    """Makes updates as a `GradScaler` does: a fused optimizer is told what to leave out."""
    for flag in flags:
        optimizer.found_inf = torch.tensor(flag)  # type: ignore[attr-defined]
        update(optimizer)
        del optimizer.found_inf  # type: ignore[attr-defined]


def test_updates_that_a_scaler_leaves_out_do_not_add_up() -> None:
    optimizer = optimizer_of(fused=True)
    scheduler = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer)
    gc.collect()
    before = sum(type(one) is torch.Tensor for one in gc.get_objects())
    leave_out(optimizer, [1.0] * 4500)
    gc.collect()
    assert sum(type(one) is torch.Tensor for one in gc.get_objects()) < before + 1500
    assert scheduler.last_epoch == 0


def test_many_updates_that_were_left_out_are_not_counted() -> None:
    optimizer = optimizer_of(fused=True)
    scheduler = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer, total=9)
    flags = [0.0, *[1.0] * 833] * 3
    leave_out(optimizer, flags)
    scheduler.step()
    leave_out(optimizer, flags)
    with pytest.warns(lrdsl.LrsWarning, match="LRS801.* 3 updates were made"):
        scheduler.step()


def test_one_update_among_many_that_were_left_out() -> None:
    optimizer = optimizer_of(fused=True)
    scheduler = lrdsl.compile("linear(9, 0.1, 0.2)", optimizer, total=9)
    for _ in range(4):
        leave_out(optimizer, [0.0, *[1.0] * 1100])
        scheduler.step()
