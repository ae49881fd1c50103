"""What trainers pass to ``scheduler.step``: one rule for numbers of every kind."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy
import pytest
import torch

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import optimizer, rates

TEXT = "cosine(1000)"
METERED = "const * plateau(0.5, patience = 0)"
WHOLE = [7, numpy.int64(7), numpy.uint8(7), numpy.array(7), torch.tensor(7), torch.tensor([7])]
REAL = [
    3.2, 7.0, numpy.float64(3.2), numpy.float32(7.0), torch.tensor(3.2), torch.tensor(7.0),
    math.nan, math.inf, True,
]  # fmt: skip
NEITHER = ["7", [7], torch.ones(2), 2j]

each_whole = pytest.mark.parametrize("value", WHOLE, ids=repr)
each_real = pytest.mark.parametrize("value", REAL, ids=repr)
each_neither = pytest.mark.parametrize("value", NEITHER, ids=repr)


def updated(text: str = TEXT, **options: Any) -> ScheduleLR:
    """A scheduler that has made an update, and is at step 1."""
    scheduler: ScheduleLR = lrdsl.compile(text, optimizer(0.1), **options)
    scheduler.optimizer.step()
    scheduler.step()
    scheduler.optimizer.step()
    return scheduler


@each_whole
def test_a_bare_whole_number_is_a_step_to_go_to_and_warns_of_the_jump(value: Any) -> None:
    scheduler = updated()
    with pytest.warns(lrdsl.LrsWarning) as given:
        scheduler.step(value)
    assert (scheduler.last_epoch, type(scheduler.last_epoch)) == (7, int)
    (message,) = [w.message for w in given if isinstance(w.message, lrdsl.LrsWarning)]
    found = message.diagnostic
    assert (found.code, found.slug) == ("LRS803", "numbered-step")
    assert found.message == "`step(7)` goes from step 1 to step 7"
    assert "`step()` after each update" in found.help
    assert "set_step(7)" in found.help and "plateau" in found.help
    assert given[0].filename == __file__
    scheduler.step(700)  # once is enough
    assert scheduler.last_epoch == 700


@each_whole
@pytest.mark.parametrize("name", ["epoch", "increment"])
def test_a_named_number_says_what_it_is(name: str, value: Any) -> None:
    scheduler = updated()
    scheduler.step(**{name: value})
    assert scheduler.last_epoch == (7 if name == "epoch" else 8)


def test_the_next_step_by_its_number_is_no_jump() -> None:
    scheduler: ScheduleLR = lrdsl.compile(TEXT, optimizer(0.1))
    for epoch in range(5):
        scheduler.optimizer.step()
        scheduler.step(epoch)  # as loops for old versions of torch do it
    assert scheduler.last_epoch == 4


@each_real
def test_another_number_is_no_step(value: Any) -> None:
    scheduler = updated()
    for arguments, word in (
        ({"metrics": value}, "is no step, and no part of this schedule is driven by a metric"),
        ({"epoch": value}, "^a step is a whole number, not "),
        ({"increment": value}, "^an increment is a whole number of steps, not "),
    ):
        with pytest.raises(ValueError, match=word):
            scheduler.step(**arguments)
    assert scheduler.last_epoch == 1


@each_neither
def test_nothing_else_raises_a_type_error(value: Any) -> None:
    """DeepSpeed would take one for a call that it has to repeat with the size of the batch."""
    for scheduler in (updated(), updated(METERED)):
        for name in ("metrics", "epoch", "increment"):
            with pytest.raises(ValueError):
                scheduler.step(**{name: value})
        assert scheduler.last_epoch == 1


def test_a_step_is_in_range() -> None:
    scheduler = updated()
    for step in (-1, 2**53 + 1, 2**60):
        with pytest.raises(ValueError, match=r"^a step is "):
            scheduler.step(epoch=step)
        with pytest.raises(ValueError, match=r"^a step is "):
            scheduler.set_step(step)
        with pytest.raises(ValueError, match=r"^a step is "):
            lrdsl.compile(TEXT, optimizer(0.1), start_step=step)
    with pytest.raises(ValueError, match=r"^an increment is a whole number of steps, not -1$"):
        scheduler.step(increment=-1)
    scheduler.set_step(2**53)
    assert scheduler.last_epoch == 2**53


@pytest.mark.parametrize("arguments", [(7, 0.5), (7, 8), (7, numpy.float32(0.5))])
def test_two_numbers_for_a_schedule_without_a_metric(arguments: Any) -> None:
    """As timm passes an epoch and a metric: neither must win in silence."""
    scheduler = updated()
    with pytest.raises(ValueError, match="are two steps to go to"):
        scheduler.step(*arguments)
    assert scheduler.last_epoch == 1


def test_a_step_to_go_to_and_an_increment() -> None:
    scheduler = updated()
    with pytest.raises(ValueError, match="not both"):
        scheduler.step(epoch=3, increment=3)
    with pytest.raises(ValueError, match="not both"):
        scheduler.step(3, increment=3)
    assert scheduler.last_epoch == 1


@pytest.mark.parametrize("value", [*WHOLE, *REAL], ids=repr)
def test_for_a_plateau_every_number_is_a_metric(value: Any) -> None:
    scheduler: ScheduleLR = lrdsl.compile(METERED, optimizer(0.1))
    for loss in (0.5, value):  # no better, and the factor falls
        scheduler.optimizer.step()
        scheduler.step(loss)
    assert scheduler.last_epoch == 2
    assert rates(scheduler.optimizer) == [0.05]
    observed: ScheduleLR = lrdsl.compile(METERED, optimizer(0.1))
    for loss in (0.5, value):
        observed.observe(loss)
    assert rates(observed.optimizer) == [0.05]


@pytest.mark.parametrize("value", [torch.ones(2), [0.5], "low", 2j], ids=repr)
def test_a_metric_is_one_number(value: Any) -> None:
    scheduler = updated(METERED)
    before = scheduler.state_dict()
    for act in (scheduler.step, scheduler.observe):
        with pytest.raises(ValueError, match=r"^a metric is one number, not "):
            act(value)
    assert scheduler.state_dict() == before


def test_increments_of_a_batch() -> None:
    """As Megatron counts, and DeepSpeed passes it on: a schedule in samples."""
    scheduler: ScheduleLR = lrdsl.compile("linear(1000)", optimizer(0.1))
    for _ in range(5):
        scheduler.optimizer.step()
        scheduler.step(increment=64)
    assert rates(scheduler.optimizer) == [pytest.approx(0.1 * (1 - 320 / 1000), rel=1e-15)]
    scheduler.step(increment=0)
    assert scheduler.last_epoch == 320


def test_increments_of_counted_calls() -> None:
    scheduler: ScheduleLR = lrdsl.compile(TEXT, optimizer(0.1), calls_per_update=2)
    for _ in range(3):
        scheduler.optimizer.step()
        scheduler.step(increment=8)
        scheduler.step(increment=8)
    assert scheduler.last_epoch == 24


def test_deepspeed_repeats_no_call() -> None:
    """Its engine, in short: a TypeError makes it pass the size of the batch."""

    def take_model_step(scheduler: ScheduleLR, **arguments: Any) -> None:
        try:
            scheduler.step(**arguments)
        except TypeError:
            scheduler.step(32)

    scheduler: ScheduleLR = lrdsl.compile(TEXT, optimizer(0.1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for arguments in ({}, {"increment": 32}, {"increment": numpy.int64(8)}):
            scheduler.optimizer.step()
            take_model_step(scheduler, **arguments)
    assert scheduler.last_epoch == 1 + 32 + 8
