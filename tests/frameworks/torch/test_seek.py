"""Starting anywhere, going anywhere."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy
import pytest
from torch.optim import SGD, Adam

import lrdsl
from tests.frameworks.torch.driving import Kind, drive, optimizer, parameter, rates

TEXT = "warmup(5) >> cosine(20, base, 0.01) >> const(3) >> linear(7)"


@pytest.mark.parametrize("kind", [SGD, Adam])
@pytest.mark.parametrize("start", range(40))
def test_a_fresh_optimizer_starts_anywhere(start: int, kind: Kind) -> None:
    wanted = [c[start:] for c in drive(lrdsl.compile(TEXT, optimizer(0.1, 0.04, kind=kind)), 50)]
    fresh = optimizer(0.1, 0.04, kind=kind)
    assert "initial_lr" not in fresh.param_groups[0]
    scheduler = lrdsl.compile(TEXT, fresh, start_step=start)
    assert (scheduler.last_epoch, scheduler._step_count) == (start, start + 1)
    assert drive(scheduler, 50 - start) == wanted


def test_other_numbers_start_there_too() -> None:
    driven = SGD([parameter()], lr=0.1, momentum=0.5)
    lrdsl.compile("lr: linear(10)  momentum: linear(10)", driven, start_step=5)
    group = driven.param_groups[0]
    assert (group["lr"], group["momentum"]) == (0.05, 0.25)
    assert group["initial_lr"] == 0.1


def test_set_step_goes_forward_and_back() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    schedule = lrdsl.parse(TEXT).resolve()
    for step in (17, 3, 0, 10**15, numpy.int64(6)):
        scheduler.set_step(int(step))
        assert (
            rates(scheduler.optimizer) == scheduler.get_last_lr() == [schedule(int(step), base=0.1)]
        )
        assert scheduler.last_epoch == step
        assert drive(scheduler, 3) == [[schedule(int(step) + k, base=0.1) for k in range(3)]]


@pytest.mark.parametrize("step", [-1, -5])
def test_a_step_is_0_or_more(step: int) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    for go in (scheduler.set_step, scheduler.step):
        with pytest.raises(ValueError, match=rf"^a step is 0 or more, not {step}$"):
            go(step)
    assert scheduler.last_epoch == 0
    driven = optimizer(0.1)
    with pytest.raises(ValueError, match="0 or more"):
        lrdsl.compile(TEXT, driven, start_step=step)
    assert "initial_lr" not in driven.param_groups[0]


@pytest.mark.parametrize("step", [2.0, "3", None])
def test_a_step_is_a_whole_number(step: Any) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1))
    with pytest.raises(TypeError):
        scheduler.set_step(step)
    assert scheduler.last_epoch == 0


@pytest.mark.parametrize(
    "option", [{"start_step": 3}, {"warn_on_overwrite": True}, {"on_change": "new"}]
)
def test_the_sequential_scheduler_takes_no_options(option: dict[str, Any]) -> None:
    (name,) = option
    with pytest.raises(TypeError, match=rf"^scheduler 'sequential' takes no {name}$"):
        lrdsl.compile(TEXT, optimizer(0.1), scheduler="sequential", **option)


# So many steps that a look ahead does not come upon the one that is wrong.
HIDDEN = """\
shape hidden(length: steps, value) = if(t == 12345, value * value, 0.5)
shape undefined(length: steps) = if(t == 12345, 1 / (t - 12345), 0.5)
"""
WRONG = {
    "momentum: hidden(10^6, 2 * base)": "the momentum is 1 at step 12,345, and has to stay below 1",
    "lr: hidden(10^6, 1e200 * base)": "the rate is not a finite number at step 12,345: inf",
    "lr: undefined(10^6)": "the rate has no value at step 12,345: it divides by 0",
}


@pytest.mark.parametrize("beside", ["", "  weight_decay: const", "  dampening: const"])
@pytest.mark.parametrize("text", WRONG)
def test_a_value_that_is_none_is_refused_where_it_is_met(text: str, beside: str) -> None:
    driven = SGD([parameter()], lr=0.1, momentum=0.5)
    scheduler = lrdsl.compile(HIDDEN + text + beside, driven, start_step=12342)
    drive(scheduler, 2)
    before = dict(driven.param_groups[0])
    for go in (scheduler.step, partial(scheduler.set_step, 12345)):
        with pytest.raises(lrdsl.LrsError) as caught:
            go()
        assert caught.value.diagnostics[0].message == WRONG[text]
        assert driven.param_groups[0] == before
        assert scheduler.last_epoch == 12344
    scheduler.set_step(12346)
    assert 0.5 in (driven.param_groups[0]["lr"], driven.param_groups[0]["momentum"])
