"""The guard: whoever else changes a value that a schedule drives is noticed, once."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import pytest
import torch
from torch.optim import SGD, Adam

import lrdsl
from tests.frameworks.torch.driving import drive, optimizer, parameter, rates

TEXT = "warmup(4) >> cosine(20)"


def heard(scheduler: Any, updates: int = 1) -> list[str]:
    """What is warned of during the next updates."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        drive(scheduler, updates)
    assert {warning.category for warning in caught} <= {UserWarning}
    return [str(warning.message) for warning in caught]


def test_it_says_which_group_and_both_values_once() -> None:
    groups = [{"params": [parameter()], "name": name, "lr": 0.5} for name in ("head", "body")]
    scheduler = lrdsl.compile(TEXT, SGD(groups), warn_on_overwrite=True)
    assert heard(scheduler, 3) == []
    scheduler.optimizer.param_groups[1]["lr"] = 0.7
    (text,) = heard(scheduler)
    assert text == (
        'something else changed `lr` of group "body" from 0.375 to 0.7; the schedule now sets it'
        " again. Let one of them drive it"
    )
    assert rates(scheduler.optimizer) == [0.5, 0.5]
    scheduler.optimizer.param_groups[1]["lr"] = 0.9
    assert heard(scheduler, 3) == []


def test_without_it_nothing_is_said() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.5))
    scheduler.optimizer.param_groups[0]["lr"] = 0.7
    assert heard(scheduler) == []


def test_it_watches_every_number_that_is_driven_and_no_other() -> None:
    driven = Adam([parameter()], lr=0.1, betas=(0.5, 0.9))
    scheduler = lrdsl.compile("lr: linear(9)  momentum: linear(9)", driven, warn_on_overwrite=True)
    driven.param_groups[0]["weight_decay"] = 0.3
    driven.param_groups[0]["betas"] = (0.5, 0.7)
    assert heard(scheduler) == []
    driven.param_groups[0]["betas"] = (0.25, 0.7)
    (text,) = heard(scheduler)
    assert "changed `beta1` of group 0 from 0.4444444444444444 to 0.25" in text
    assert driven.param_groups[0]["betas"] == (pytest.approx(0.5 * 7 / 9), 0.7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_rounding_of_a_tensor_is_no_change(dtype: torch.dtype) -> None:
    rate = torch.tensor(0.1, dtype=dtype)
    scheduler = lrdsl.compile(TEXT, optimizer(rate), warn_on_overwrite=True)
    assert heard(scheduler, 10) == []
    rate.fill_(0.7)
    assert len(heard(scheduler)) == 1


def test_what_the_scheduler_knows_of_is_no_change() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.5), warn_on_overwrite=True, start_step=3)
    driven = scheduler.optimizer
    scheduler.set_step(9)
    state = copy.deepcopy(driven.state_dict()), scheduler.state_dict()
    assert heard(scheduler, 3) == []
    driven.load_state_dict(state[0])
    assert heard(scheduler) == []
    scheduler.load_state_dict(state[1])
    driven.add_param_group({"params": [parameter()], "lr": 0.3})
    assert heard(scheduler, 2) == []
    driven.param_groups[1]["lr"] = 0.9
    assert len(heard(scheduler)) == 1
