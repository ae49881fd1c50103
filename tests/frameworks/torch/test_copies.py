"""Schedulers that are pickled, copied, and sent to another process."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from typing import Any

import pytest
import torch
from torch.optim import Adam, Optimizer

import lrdsl
from tests.frameworks.torch.driving import drive, parameter, rates

TEXT = 'lr["head"]: warmup(3ep) >> cosine  lr: linear  beta2: linear(10, base, 0.5)'
RUN: dict[str, Any] = {
    "total": "20ep",
    "steps_per_epoch": 2,
    "warn_on_overwrite": True,
    "on_change": "old",
}
UNTIL, MORE = 9, 31


def driven(*, tensors: bool = True) -> Optimizer:
    rate = torch.tensor(0.1, dtype=torch.float64) if tensors else 0.1
    groups: list[dict[str, Any]] = [
        {"params": [parameter()], "lr": rate, "name": "head"},
        {"params": [parameter()], "lr": 0.2, "name": "body"},
    ]
    return Adam(groups, betas=(0.5, 0.75))


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("again", [pickled, copy.deepcopy], ids=["pickle", "deepcopy"])
@pytest.mark.parametrize("until", [0, UNTIL])
def test_a_copy_goes_on_by_itself(again: Any, until: int) -> None:
    scheduler: Any = lrdsl.compile(TEXT, driven(), **RUN)
    drive(scheduler, until)
    made, optimizer = again((scheduler, scheduler.optimizer))
    assert made.optimizer is optimizer
    assert made.optimizer is not scheduler.optimizer
    assert type(made) is type(scheduler)
    assert made.state_dict() == scheduler.state_dict()
    assert made.get_last_lr() == scheduler.get_last_lr()
    assert (made._step_count, made.on_change) == (scheduler._step_count, "old")
    before = rates(scheduler.optimizer)
    wanted = drive(again(scheduler), MORE)
    assert drive(made, MORE) == wanted
    assert rates(scheduler.optimizer) == before
    assert drive(scheduler, MORE) == wanted


def test_a_copy_keeps_watching() -> None:
    made = copy.deepcopy(lrdsl.compile(TEXT, driven(), **RUN))
    state = made.optimizer.state_dict()
    drive(made, 5)
    made.optimizer.load_state_dict(state)
    assert rates(made.optimizer) == [float(rate) for rate in made.get_last_lr()]
    made.optimizer.param_groups[1]["lr"] = 0.7
    with pytest.warns(UserWarning, match="something else changed `lr`"):
        made.step()


def test_what_it_holds_is_no_state_of_torchs() -> None:
    state = lrdsl.compile(TEXT, driven(), **RUN).__getstate__()
    assert [name for name, value in state.items() if callable(value)] == []


def elsewhere(queue: Any, scheduler: Any, schedule: lrdsl.Schedule, state: dict[str, Any]) -> None:
    """What a spawned process does with what it is given."""
    again = lrdsl.compile(TEXT, driven(), **RUN)
    again.load_state_dict(state)
    found = drive(scheduler, MORE), [schedule(t) for t in range(MORE)]
    queue.put((*found, rates(again.optimizer)))


def test_a_spawned_process_gets_the_same() -> None:
    # A tensor would be shared with the other process, as torch does with all tensors it sends.
    scheduler: Any = lrdsl.compile(TEXT, driven(tensors=False), **RUN)
    drive(scheduler, UNTIL)
    schedule = scheduler.schedule
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(
        target=elsewhere, args=(queue, scheduler, schedule, scheduler.state_dict())
    )
    child.start()
    found = queue.get(timeout=100)
    child.join(timeout=100)
    assert child.exitcode == 0
    now = rates(scheduler.optimizer)
    assert found == (drive(scheduler, MORE), [schedule(t) for t in range(MORE)], now)
