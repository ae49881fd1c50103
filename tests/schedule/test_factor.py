"""A schedule as the factor of a base rate, as torch's own ``LambdaLR`` multiplies it."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest
import torch
from torch.optim.lr_scheduler import LambdaLR

import lrdsl
from lrdsl import Schedule

TEXTS = ["warmup(5) >> cosine(20, base, base / 10)", "warmup(5) >> cosine(20, 0.3, 0.01)"]
BASES = (0.1, 0.025)


def resolved(text: str) -> Schedule:
    return lrdsl.parse(text).resolve(total=30)


def driven(text: str, *bases: float) -> tuple[torch.optim.SGD, LambdaLR]:
    """An optimizer under torch's scheduler, with a factor for each of its groups."""
    parameters = [torch.nn.Parameter(torch.ones(1)) for _ in bases]
    groups = [{"params": [one], "lr": base} for one, base in zip(parameters, bases, strict=True)]
    optimizer = torch.optim.SGD(groups)
    schedule = resolved(text)
    return optimizer, LambdaLR(optimizer, [schedule.factor(base) for base in bases])


def train(optimizer: torch.optim.SGD, scheduler: LambdaLR, updates: int) -> list[list[float]]:
    used = []
    for _ in range(updates):
        used.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        scheduler.step()
    return used


def kept(state: dict[str, Any]) -> dict[str, Any]:
    """A state as a checkpoint keeps it, read as nobody has to trust it."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    found: dict[str, Any] = torch.load(file, weights_only=True)
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_lambda_lr_has_the_rates_of_the_schedule(text: str) -> None:
    schedule = resolved(text)
    for t, rates in enumerate(train(*driven(text, *BASES), 30)):
        assert rates == pytest.approx([schedule(t, base=base) for base in BASES], rel=1e-15)


@pytest.mark.parametrize("text", TEXTS)
def test_a_run_that_is_resumed_goes_on(text: str) -> None:
    optimizer, scheduler = driven(text, *BASES)
    train(optimizer, scheduler, 12)
    states = kept(optimizer.state_dict()), kept(scheduler.state_dict())
    assert states[1]["lr_lambdas"] == [
        {"base": base, "step": 12, "factor": pytest.approx(resolved(text)(12, base=base) / base)}
        for base in BASES
    ]
    rest = train(optimizer, scheduler, 18)
    optimizer, scheduler = driven(text, *BASES)
    optimizer.load_state_dict(states[0])
    scheduler.load_state_dict(states[1])
    assert train(optimizer, scheduler, 18) == rest


def after(text: str, updates: int, base: float = 0.1) -> dict[str, Any]:
    optimizer, scheduler = driven(text, base)
    train(optimizer, scheduler, updates)
    return kept(scheduler.state_dict())


def test_a_change_of_the_future_is_taken() -> None:
    optimizer, scheduler = driven("const(20) >> linear(5)", 0.1)
    scheduler.load_state_dict(after("const(10) >> linear(10)", 10))
    used = train(optimizer, scheduler, 20)[1:]
    assert used[8:13] == [
        [0.1],
        [0.1],
        pytest.approx([0.08]),
        *map(pytest.approx, ([0.06], [0.04])),
    ]


def test_a_jump_is_refused_and_can_be_meant() -> None:
    state = after("linear(20)", 10)
    _, scheduler = driven("linear(40)", 0.1)
    with pytest.raises(
        ValueError, match=r"step 10 is 0\.5, and that of this schedule is 0\.75"
    ) as e:
        scheduler.load_state_dict(state)
    assert '"lr_lambdas" to None' in str(e.value)
    scheduler.load_state_dict({**state, "lr_lambdas": [None]})
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.1 * 29 / 40])


def test_another_base_is_refused_where_it_matters() -> None:
    """LambdaLR goes on with the base of the state, for which another factor would be wrong."""
    _, scheduler = driven("const(value = 0.3)", 0.2)
    with pytest.raises(
        ValueError, match=r"of the base 0\.1, and this one of 0\.2: .* factor\(0\.1\)"
    ):
        scheduler.load_state_dict(after("const(value = 0.3)", 3))
    _, scheduler = driven("linear(20)", 0.2)
    scheduler.load_state_dict(after("linear(20)", 10))
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.1 * 9 / 20])


@pytest.mark.parametrize("state", [{"gamma": 0.1}, {"base": 0.1, "step": 1.5, "factor": 1.0}])
def test_the_state_of_another_object_is_refused(state: dict[str, Any]) -> None:
    _, scheduler = driven("linear(20)", 0.1)
    with pytest.raises(ValueError, match="not the state of a factor of lrdsl"):
        scheduler.load_state_dict({**scheduler.state_dict(), "lr_lambdas": [state]})


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_it_is_copied_with_its_step(again: Any) -> None:
    factor = resolved(TEXTS[1]).factor(0.1)
    factor(7)
    found = again(factor)
    assert vars(found) == vars(factor)
    assert [found(t) for t in range(40)] == [factor(t) for t in range(40)]


def test_a_frozen_group_has_a_factor_where_every_rate_is_a_multiple() -> None:
    schedule = resolved("warmup(5) >> cosine(20)")
    factors = schedule.factor(0.0), schedule.factor(0.3)
    assert [factors[0](t) for t in range(26)] == [factors[1](t) for t in range(26)]


@pytest.mark.parametrize(
    ("text", "base", "message"),
    [
        ("cosine(20, 0.3)", 0.0, r"of a base of 0 .* `base`, pass a base above 0"),
        ("cosine(20)", -0.1, r"0 or more, not -0\.1"),
        ("cosine(20)", float("nan"), "0 or more, not nan"),
        ("const * plateau(0.5)", 0.1, "metric of a `plateau`: use the scheduler"),
        ('until(signal("x"), const) >> linear(5)', 0.1, r"events: .* schedule\.after"),
        ('const(value = base * own("lr_scale"))', 0.1, r'`own\("lr_scale"\)` of a parameter group'),
    ],
)
def test_what_no_factor_can_say_is_refused(text: str, base: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolved(text).factor(base)


def test_arguments_that_are_no_numbers_are_refused() -> None:
    schedule = resolved("cosine(20)")
    with pytest.raises(TypeError, match="a base is a number"):
        schedule.factor("0.1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a step is a whole number"):
        schedule.factor(0.1)(0.5)  # type: ignore[arg-type]
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        resolved("linear(20, 0.1, -0.1)").factor(0.1)


def test_events_that_are_known_need_not_be_received() -> None:
    schedule = resolved('until(signal("x"), const) >> linear(4)').after({"x": 2})
    assert [schedule.factor(0.1)(t) for t in (2, 4, 6)] == [1.0, 0.5, 0.0]
