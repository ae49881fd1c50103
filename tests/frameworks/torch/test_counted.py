"""Several calls of ``scheduler.step()`` to one update."""

from __future__ import annotations

import copy

import pytest

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import drive, optimizer, rates

TEXT = "warmup(4) >> cosine(20)"


def called(scheduler: ScheduleLR, calls: int, updates: int) -> list[float]:
    """The rates that the next updates use, with some calls after each."""
    used = []
    for _ in range(updates):
        used += rates(scheduler.optimizer)
        scheduler.optimizer.step()
        for _ in range(calls):
            scheduler.step()
    return used


def wanted(first: int, after: int) -> list[float]:
    schedule = lrdsl.parse(TEXT).resolve()
    return [schedule(t, base=0.1) for t in range(first, after)]


@pytest.mark.parametrize("calls", [1, 2, 8])
def test_the_calls_of_one_update_are_one_step(calls: int) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=calls)
    assert called(scheduler, calls, 30) == wanted(0, 30)
    assert scheduler.last_epoch == 30


def test_it_moves_on_with_the_last_call() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=3)
    scheduler.optimizer.step()
    found = []
    for _ in range(6):
        scheduler.step()
        found.append(scheduler.last_epoch)
    assert found == [0, 0, 1, 1, 1, 2]


def test_a_start_in_the_middle() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=3, start_step=7)
    assert called(scheduler, 3, 9) == wanted(7, 16)


def test_going_somewhere_forgets_the_calls_of_half_an_update() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=3)
    scheduler.optimizer.step()
    scheduler.step()
    scheduler.set_step(5)
    assert called(scheduler, 3, 9) == wanted(5, 14)


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_a_state_counts_updates_and_so_fits_any_number_of_calls(calls: int) -> None:
    saved = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=2)
    called(saved, 2, 11)
    resumed = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=calls)
    resumed.load_state_dict(saved.state_dict())
    assert called(resumed, calls, 9) == wanted(11, 20)


def test_a_copy_goes_on_in_the_middle_of_an_update() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=2)
    scheduler.optimizer.step()
    scheduler.step()
    again = copy.deepcopy(scheduler)
    again.step()
    assert (again.last_epoch, scheduler.last_epoch) == (1, 0)


def test_the_wrong_order_is_still_noticed() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=2)
    scheduler.step()
    scheduler.step()
    with pytest.warns(UserWarning, match="before `optimizer.step\\(\\)`"):
        scheduler.optimizer.step()


def test_one_call_is_the_ordinary_scheduler() -> None:
    plain = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=1)
    assert type(plain) is type(lrdsl.compile(TEXT, optimizer(0.1)))
    assert drive(plain, 30) == [wanted(0, 30)]


@pytest.mark.parametrize("calls", [0, -2])
def test_there_is_a_call_to_every_update(calls: int) -> None:
    driven = optimizer(0.1)
    with pytest.raises(ValueError, match=f"^calls_per_update is at least 1, not {calls}$"):
        lrdsl.compile(TEXT, driven, calls_per_update=calls)
    assert rates(driven) == [0.1]


def test_calls_are_whole() -> None:
    with pytest.raises(TypeError):
        lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=1.5)  # type: ignore[call-overload]


def test_a_sequential_scheduler_counts_no_calls() -> None:
    with pytest.raises(TypeError, match=r"^scheduler 'sequential' takes no calls_per_update$"):
        lrdsl.compile(TEXT, optimizer(0.1), scheduler="sequential", calls_per_update=2)


def test_the_first_update_after_going_somewhere_has_all_its_calls() -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=3)
    scheduler.optimizer.step()
    scheduler.set_step(5)
    found = []
    for _ in range(4):
        scheduler.step()
        found.append(scheduler.last_epoch)
    assert found == [5, 5, 6, 6]


@pytest.mark.parametrize("named", [False, True])
def test_the_last_call_hands_its_metric_on(named: bool) -> None:
    text = "const * plateau(0.5, patience = 0)"
    scheduler = lrdsl.compile(text, optimizer(0.1), calls_per_update=2)
    for _ in range(2):
        scheduler.optimizer.step()
        scheduler.step(9.0)  # not that of a whole update
        if named:
            scheduler.step(metrics=1.0)
        else:
            scheduler.step(1.0)
    assert rates(scheduler.optimizer) == [0.05]
