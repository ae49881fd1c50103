"""Schedulers on a clock: told where the run is, saved and resumed."""

from __future__ import annotations

import copy
import io
import json
import math
import random
from typing import Any

import pytest
import torch

import lrdsl
from lrdsl.frameworks.torch.clocked import ClockLR

BUDGET = "run clock = h, total = 23h\nwarmup(10%) >> cosine(rest, end = 0.1)"
TABLE = "run 1st = stairs([10], [2tok, 4tok]), clock = tok\nlinear(40tok, 1, 0)"


def optimizer(rate: float = 1.0) -> torch.optim.SGD:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], rate)


def compiled(text: str, **options: Any) -> ClockLR:
    scheduler = lrdsl.compile(text, optimizer(), **options)
    assert isinstance(scheduler, ClockLR)
    return scheduler


def rate(scheduler: Any) -> float:
    return float(scheduler.optimizer.param_groups[0]["lr"])


def advance(scheduler: Any, *places: float | None) -> list[float]:
    found = []
    for at in places:
        scheduler.optimizer.step()
        scheduler.step() if at is None else scheduler.step(at=at)
        found.append(rate(scheduler))
    return found


def test_a_plain_loop_follows_the_table() -> None:
    scheduler = compiled(TABLE)
    found = [rate(scheduler), *advance(scheduler, *[None] * 16)]
    tokens = [2 * t if t < 10 else 20 + 4 * (t - 10) for t in range(17)]
    assert found == pytest.approx([max(0.0, 1 - x / 40) for x in tokens], abs=1e-12)
    assert (scheduler.last_epoch, scheduler.at) == (16, 44)


def test_a_time_budget() -> None:
    scheduler = compiled(BUDGET)
    hours = [0.001, 0.5, 0.5, 2.3, 11.5, 22.99, 23, 24.5]
    found = advance(scheduler, *hours)
    expected = [
        h / 2.3 if h < 2.3 else 0.1 + 0.9 * (1 + math.cos(math.pi * (min(h, 23) - 2.3) / 20.7)) / 2
        for h in hours
    ]
    assert found == pytest.approx(expected, abs=1e-12)
    assert (scheduler.last_epoch, scheduler.at) == (8, 24.5)


def test_it_goes_on_from_where_the_run_is() -> None:
    """Variable batches: a step that says nothing takes what the table says of that update."""
    scheduler = compiled(TABLE)
    advance(scheduler, 7, None, None)
    assert scheduler.at == 11
    advance(scheduler, *[None] * 7)  # up to update 10, in steps of 2
    assert (scheduler.last_epoch, scheduler.at) == (10, 25)
    assert advance(scheduler, None) == [pytest.approx(1 - 29 / 40, abs=1e-12)]


def test_it_does_not_run_backwards() -> None:
    scheduler = compiled(BUDGET)
    advance(scheduler, 3, 3)
    before = scheduler.state_dict(), rate(scheduler)
    for wrong in (2.999, -1, math.nan, math.inf, "4", True):
        with pytest.raises(ValueError):
            scheduler.step(at=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1st = …h"):
        scheduler.step()
    with pytest.raises(ValueError, match="1st = …h"):
        scheduler.set_step(4)
    assert (scheduler.state_dict(), rate(scheduler)) == before
    scheduler.set_step(at=1)
    assert (scheduler.last_epoch, scheduler.at) == (2, 1)
    scheduler.set_step(9, at=5)
    assert (scheduler.last_epoch, scheduler.at) == (9, 5)


def test_set_step_goes_to_its_tokens() -> None:
    scheduler = compiled(TABLE)
    scheduler.set_step(12)
    assert scheduler.at == 28
    assert rate(scheduler) == pytest.approx(0.3, abs=1e-12)
    assert compiled(TABLE, start_step=12).at == 28
    with pytest.raises(ValueError, match="1st = …h"):
        compiled(BUDGET, start_step=3)


def test_without_a_clock_there_is_no_place() -> None:
    scheduler = lrdsl.compile("linear(10)", optimizer())
    assert scheduler.at is None
    with pytest.raises(ValueError, match="run clock = tok"):
        scheduler.step(at=3)
    with pytest.raises(ValueError, match="run clock = tok"):
        scheduler.set_step(at=3)
    assert scheduler.last_epoch == 0


def through_a_file(state: dict[str, Any]) -> Any:
    file = io.BytesIO()
    torch.save(json.loads(json.dumps(state)), file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=True)


SAMPLES = "run clock = sample, 1st = 0.3sample\nrepeat(linear(7sample), 3) >> const(value = 0.2)"


@pytest.mark.parametrize("text", [BUDGET, TABLE, SAMPLES])
def test_a_resumed_run_is_the_same_to_the_last_bit(text: str) -> None:
    dice = random.Random(5)
    x, places = 0.0, list[float | None]()
    for k in range(120):
        x += dice.random() / 3
        places.append(x if text == BUDGET or k % 3 == 0 else None)
        x = x if places[-1] is not None else x + 4
    straight = compiled(text)
    whole = advance(straight, *places)
    resumed, found = compiled(text), list[float]()
    for first in range(0, 120, 40):
        found += advance(resumed, *places[first : first + 40])
        state = through_a_file(resumed.state_dict())
        resumed = compiled(text)
        resumed.load_state_dict(state)
        assert rate(resumed) == found[-1]
    assert found == whole
    assert resumed.state_dict() == straight.state_dict()


def test_a_copy_is_where_its_original_is() -> None:
    scheduler = compiled(BUDGET)
    advance(scheduler, 5.5)
    other = copy.deepcopy(scheduler)
    assert (other.at, other.last_epoch, rate(other)) == (5.5, 1, rate(scheduler))
    assert advance(other, 7) == advance(scheduler, 7)


def test_states_of_other_programs() -> None:
    plain = lrdsl.compile("linear(40)", optimizer())
    advance(plain, None, None)
    on_tokens = compiled(TABLE)
    advance(on_tokens, 11)
    changed = compiled(TABLE.replace("40", "50"), on_change="new")
    changed.load_state_dict(on_tokens.state_dict())
    assert changed.at == 11
    assert rate(changed) == pytest.approx(1 - 11 / 50, abs=1e-12)
    # Without this clock, a state is where its updates lead.
    changed.load_state_dict(plain.state_dict())
    assert changed.at == 4
    with pytest.raises(ValueError, match="1st = …h"):
        compiled(BUDGET, on_change="new").load_state_dict(plain.state_dict())
    with pytest.raises(ValueError, match="clock of its own"):
        lrdsl.compile("linear(9)", optimizer(), on_change="old").load_state_dict(
            on_tokens.state_dict()
        )
    with pytest.raises(ValueError, match="cannot be compared"):
        compiled(BUDGET.replace("23", "24")).load_state_dict(
            {**compiled(BUDGET).state_dict(), "step": 3}
        )


def test_scalars_and_meters_follow_the_clock() -> None:
    scheduler = compiled(
        "run clock = h, total = 10h  scalar kl: linear(rest, 0, 1)\n"
        "lr: const(4h, 1) * plateau(0.5, 0) >> const"
    )
    advance(scheduler, 2)
    assert scheduler.scalars["kl"] == pytest.approx(0.2, abs=1e-12)
    for metric in (1.0, 2.0):  # the second is no improvement
        scheduler.optimizer.step()
        scheduler.step(metric, at=3)
    assert rate(scheduler) == 0.5
    advance(scheduler, 6)
    scheduler.observe(3.0)  # of an update in the next part
    assert rate(scheduler) == 0.5


def test_groups_that_join_and_captures() -> None:
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(3)]
    groups = [{"params": [weights[k]], "name": f"layers.{k}"} for k in range(2)]
    sgd = torch.optim.SGD(groups, 1.0)
    text = 'run clock = h, total = 10h  lr["layers.{i}"]: linear * 0.5 ^ i'
    scheduler = lrdsl.compile(text, sgd)
    sgd.step()
    scheduler.step(at=5)
    sgd.add_param_group({"params": [weights[2]], "name": "layers.2", "lr": 1.0})
    sgd.step()
    scheduler.step(at=6)
    rates = [group["lr"] for group in sgd.param_groups]
    assert rates == pytest.approx([0.4, 0.2, 0.1], abs=1e-12)


def test_sequential() -> None:
    made = lrdsl.compile(TABLE, optimizer(), scheduler="sequential")
    found = [rate(made)]
    for _ in range(16):
        made.optimizer.step()
        made.step()
        found.append(rate(made))
    tokens = [2 * t if t < 10 else 20 + 4 * (t - 10) for t in range(17)]
    assert found == pytest.approx([max(0.0, 1 - x / 40) for x in tokens], abs=1e-12)
    with pytest.raises(lrdsl.LrsError, match="LRS502"):
        lrdsl.compile(BUDGET, optimizer(), scheduler="sequential")


def test_several_calls_to_an_update_are_refused() -> None:
    with pytest.raises(TypeError, match="calls_per_update"):
        lrdsl.compile(TABLE, optimizer(), calls_per_update=2)
