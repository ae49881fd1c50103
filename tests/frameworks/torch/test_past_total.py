"""Updates past the end of the run: one warning, when the first of them is made."""

from __future__ import annotations

from typing import Any

import pytest

import lrdsl
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from tests.frameworks.torch.driving import optimizer
from tests.frameworks.torch.telling import slugs, stepped, told


def passed(scheduler: ScheduleLR, updates: int) -> list[tuple[int, str]]:
    """After how many updates something is said, and what."""
    return [
        (k + 1, warning.diagnostic.slug)
        for k in range(updates)
        for warning in stepped(scheduler, [1])
    ]


@pytest.mark.parametrize(
    "run", [{"total": 10}, {"total": "10st"}, {"total": "2ep", "steps_per_epoch": 5}], ids=str
)
def test_an_update_past_the_total_is_told_once(run: dict[str, Any]) -> None:
    driven = optimizer(0.1)
    scheduler = lrdsl.compile("cosine", driven, **run)
    left = len(driven._optimizer_step_post_hooks)
    assert passed(scheduler, 40) == [(11, "past-total")]
    assert len(driven._optimizer_step_post_hooks) < left


def test_what_is_said_of_it() -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=100)
    (warning,) = stepped(scheduler, [1] * 400)
    found = warning.diagnostic
    assert (found.code, found.span.source.name, found.span.text) == (
        "LRS802",
        "the run",
        "total = 100",
    )
    assert found.message == (
        "the run has 100 updates by its `total`, and update 101 was made: the last value of the"
        " schedule is held"
    )
    assert found.help == "compile with the `total` of the whole run, or stop there"


def test_a_run_that_ends_on_time_is_silent() -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=10)
    assert passed(scheduler, 10) == []
    # Steps are no updates: a loop may step once more, or go fast forward past the end.
    assert stepped(scheduler, [0] * 5) == []


def test_without_a_total_there_is_no_end() -> None:
    assert passed(lrdsl.compile("cosine(10)", optimizer(0.1)), 40) == []


@pytest.mark.parametrize("go", ["started", "sent", "resumed"])
def test_a_run_that_is_over_where_it_starts(go: str) -> None:
    driven = optimizer(0.1)
    start = 10 if go == "started" else 0
    scheduler = lrdsl.compile("cosine", driven, total=10, start_step=start)
    if go == "sent":
        scheduler.set_step(10)
    if go == "resumed":
        scheduler.load_state_dict({**scheduler.state_dict(), "step": 10})
    assert slugs(told(driven.step)) == ["past-total"]
    assert passed(scheduler, 5) == []


def test_going_back_before_the_end_is_silent() -> None:
    scheduler = lrdsl.compile("cosine", optimizer(0.1), total=10)
    scheduler.set_step(12)
    scheduler.set_step(5)
    assert passed(scheduler, 9) == [(6, "past-total")]


def test_the_total_of_a_state_that_is_gone_on_with() -> None:
    short = lrdsl.compile("linear", optimizer(0.1), total=10)
    scheduler = lrdsl.compile("linear", optimizer(0.1), total=20, on_change="old")
    scheduler.load_state_dict({**short.state_dict(), "step": 8})
    assert passed(scheduler, 9) == [(3, "past-total")]


def test_nothing_has_an_attribute_by_which_accelerate_stops_stepping() -> None:
    run: dict[str, Any] = {"total": 100}
    for options in ({}, {"calls_per_update": 2}, {"scheduler": "sequential"}):
        made = lrdsl.compile("onecycle", optimizer(0.1), **run, **options)
        assert not hasattr(made, "total_steps")
