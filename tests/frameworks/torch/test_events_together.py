"""Events sent from hooks and closures, and two schedulers on one optimizer that wait for some."""

from __future__ import annotations

import io
from itertools import permutations
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

import lrdsl
from tests.frameworks.torch.driving import parameter, weights

TEXT = 'warmup(2) >> until(signal("c"), const) >> const(2, 0.05) >> const(value = 0.02)'


def sgd() -> Optimizer:
    return torch.optim.SGD([parameter()], lr=0.1, momentum=0.9)


def plain() -> Optimizer:
    return torch.optim.SGD([parameter()], lr=0.1)


def used(where: str, when: int) -> tuple[list[float], dict[str, int]]:
    """How far each update went, for a signal that is sent from somewhere inside one."""
    made = plain()
    scheduler = lrdsl.compile(TEXT, made, total=10)

    def tell(place: str) -> None:
        if (place, scheduler.last_epoch) == (where, when):
            assert scheduler.signal("c")

    def closure() -> torch.Tensor:
        tell("closure")
        return torch.tensor(1.0)

    made.register_step_pre_hook(lambda *_: tell("before"))
    made.register_step_post_hook(lambda *_: tell("after"))
    found = []
    for _ in range(10):
        ((before, _),) = weights(made)
        made.step(closure)  # type: ignore[arg-type]
        ((after, _),) = weights(made)
        found.append(round(before - after, 9))
        scheduler.step()
    return found, scheduler.events


@pytest.mark.parametrize("where", ["before", "closure", "after"])
@pytest.mark.parametrize("when", [0, 1, 2, 5, 9])
def test_a_signal_from_inside_an_update(where: str, when: int) -> None:
    """Before the rate is read it counts for this update; after that, what follows has begun."""
    found, events = used(where, when)
    rates = [0, 0.05, *[0.1] * 8]
    begun = max(when, 2)  # a warm-up is over first
    after = [0.05, 0.05, *[0.02] * 8]
    wanted = [*rates[:begun], *after][:10]
    if where == "after":
        wanted[when] = rates[when]  # this update was made already
    assert found == pytest.approx(wanted, abs=1e-9)
    assert events == {"c": when}


def test_a_signal_from_a_hook_of_another_scheduler() -> None:
    """The two share an optimizer; what one of them sends is its own."""
    made = sgd()
    rate = lrdsl.compile('until(signal("c"), const) >> linear(4)', made)
    momentum = lrdsl.compile('momentum: until(signal("c"), const) >> const(value = 0.5)', made)

    def send(*_: object) -> None:
        if rate.last_epoch == 3:
            assert rate.signal("c")

    made.register_step_pre_hook(send)
    for _ in range(6):
        made.step()
        rate.step()
        momentum.step()
    assert (rate.events, momentum.events) == ({"c": 3}, {})
    assert made.param_groups[0]["momentum"] == 0.9
    assert momentum.signal("c")
    assert made.param_groups[0]["momentum"] == 0.5


RATES = {
    "a signal": 'warmup(3) >> until(signal("c"), const) >> linear(9)',
    "a metric too": 'warmup(3) >> until(signal("c"), const * plateau(0.5, 1)) >> linear(9)',
}
MOMENTA = {
    "none": "momentum: linear(20, 0.85, 0.95) >> const",
    "both": "momentum: until(stalled(2), const(value = 0.8)) >> linear(9, 0.8, 0.9)"
    ' >> until(signal("c"), const) >> const(value = 0.5)',
}
METRICS = [3.0, 2.0, 2.0, 2.0, 2.0, 1.9] * 9
END = 30


class Pair:
    """A scheduler of the rate and one of the momentum, on one optimizer."""

    def __init__(self, rate: str, momentum: str, *, rate_first: bool) -> None:
        self.optimizer = sgd()
        made: dict[str, Any] = {}
        for text in (rate, momentum) if rate_first else (momentum, rate):
            made[text] = lrdsl.compile(text, self.optimizer)
        self.rate, self.momentum = made[rate], made[momentum]

    def driven(self, stop: int) -> list[tuple[float, float]]:
        found = []
        for t in range(self.rate.last_epoch, stop):
            if t == 7:
                self.rate.signal("c")
            if t == 14 and self.momentum.schedules.events:
                self.momentum.signal("c")
            group = self.optimizer.param_groups[0]
            found.append((group["lr"], group["momentum"]))
            self.optimizer.step()
            for scheduler in (self.rate, self.momentum):
                listens = scheduler.schedules.listens
                scheduler.step(METRICS[t]) if listens else scheduler.step()
        return found

    def parts(self) -> tuple[Any, ...]:
        return self.optimizer, self.rate, self.momentum


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("rate_first", [True, False])
def test_two_schedulers_resume_bit_for_bit_in_any_order(
    rate: str, momentum: str, rate_first: bool
) -> None:
    texts = RATES[rate], MOMENTA[momentum]
    whole = Pair(*texts, rate_first=rate_first)
    wanted = whole.driven(END)
    assert all(len(set(column)) > 3 for column in zip(*wanted, strict=True))
    for order in permutations(range(3)):
        pair = Pair(*texts, rate_first=rate_first)
        found: list[tuple[float, float]] = []
        for stop in (5, 8, 15, END):
            found += pair.driven(stop)
            file = io.BytesIO()
            states = [part.state_dict() for part in pair.parts()]
            torch.save([*states, torch.tensor(weights(pair.optimizer), dtype=torch.float64)], file)
            file.seek(0)
            *saved, values = torch.load(file, weights_only=True)
            pair = Pair(*texts, rate_first=rate_first)
            pair.optimizer.param_groups[0]["params"][0].data.copy_(values[0])
            for place in order:
                pair.parts()[place].load_state_dict(saved[place])
        assert found == wanted
        assert weights(pair.optimizer) == weights(whole.optimizer)
