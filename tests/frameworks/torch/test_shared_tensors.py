"""One tensor for several groups, as torch builds them: each gets its own before it is filled."""

from __future__ import annotations

from typing import Any, Literal

import pytest
import torch
from torch.optim import SGD, Adam, Optimizer

import lrdsl
from tests.frameworks.torch.driving import drive, parameter, rates

KINDS: tuple[Literal["lambda"], Literal["sequential"]] = ("lambda", "sequential")


def shared(*names: str, rate: torch.Tensor | None = None) -> Optimizer:
    rate = torch.tensor(1.0) if rate is None else rate
    return SGD([{"params": [parameter()], "name": name} for name in names], lr=rate)


def test_each_group_has_its_own_rate() -> None:
    driven = shared("a", "b")
    scheduler = lrdsl.compile('lr["a"]: const(value = 0)  lr["b"]: const', driven)
    assert rates(driven) == [float(rate) for rate in scheduler.get_last_lr()] == [0.0, 1.0]


def test_the_first_group_keeps_the_tensor_that_the_caller_holds() -> None:
    rate = torch.tensor(1.0)
    driven = shared("a", "b", rate=rate)
    drive(lrdsl.compile("linear(4)", driven), 2)
    assert driven.param_groups[0]["lr"] is rate
    assert driven.param_groups[1]["lr"] is not rate
    assert rates(driven) == [0.5, 0.5]


@pytest.mark.parametrize("scheduler", KINDS)
def test_the_defaults_of_groups_to_come_are_not_filled(scheduler: Any) -> None:
    driven = shared("a", "b")
    made = lrdsl.compile("linear(10)", driven, scheduler=scheduler)
    drive(made, 5)
    assert driven.defaults["lr"].item() == 1.0


def test_a_group_that_joins_starts_from_what_the_others_were_built_with() -> None:
    driven = shared("a")
    scheduler = lrdsl.compile("linear(10)", driven)
    drive(scheduler, 5)
    driven.add_param_group({"params": [parameter()]})
    drive(scheduler, 1)
    assert rates(driven) == [pytest.approx(0.4), pytest.approx(0.4)]


def test_the_guard_hears_of_it_for_each_group() -> None:
    driven = shared("a", "b")
    scheduler = lrdsl.compile(
        'lr["a"]: const(value = 0.5)  lr["b"]: const', driven, warn_on_overwrite=True
    )
    drive(scheduler, 2)
    driven.param_groups[1]["lr"].fill_(0.25)
    driven.step()
    with pytest.warns(UserWarning, match='of group "b" from 1.0 to 0.25'):
        scheduler.step()


def test_betas_that_are_one_tensor() -> None:
    beta = torch.tensor(0.5)
    groups = [{"params": [parameter()], "name": name} for name in ("a", "b")]
    driven = Adam(groups, lr=torch.tensor(0.1), betas=(beta, beta), capturable=True)
    text = "lr: const  beta1[0]: const(value = 0.25)  beta1[1]: const  beta2[1]: const(value = 0)"
    lrdsl.compile(text, driven)
    found = [[float(item) for item in group["betas"]] for group in driven.param_groups]
    assert found == [[0.25, 0.5], [0.5, 0.0]]


def test_a_tensor_that_is_two_numbers_of_a_group() -> None:
    one = torch.tensor(0.5)
    driven = SGD([{"params": [parameter()], "lr": one, "temperature": one, "left": one}], lr=0.1)
    lrdsl.compile("lr: const(value = 0.25)  temperature: const(value = 2)", driven)
    group = driven.param_groups[0]
    assert [float(group[key]) for key in ("lr", "temperature", "left")] == [0.25, 2.0, 0.5]


def test_a_state_in_which_they_are_shared() -> None:
    """The schedulers of torch leave them shared, and so does what they save."""
    state = shared("a", "b").state_dict()
    driven = shared("a", "b")
    scheduler = lrdsl.compile('lr["a"]: linear(4)  lr["b"]: const', driven)
    driven.load_state_dict(state)
    scheduler.set_step(2)
    assert rates(driven) == [0.5, 1.0]


def test_tensors_of_their_own_are_left_alone() -> None:
    own = [torch.tensor(0.1), torch.tensor(0.2)]
    driven = SGD([{"params": [parameter()], "lr": rate} for rate in own])
    lrdsl.compile("linear(10)", driven)
    assert all(group["lr"] is rate for group, rate in zip(driven.param_groups, own, strict=True))
