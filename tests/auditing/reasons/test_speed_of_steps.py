"""The scheduler was stepped too often, too rarely, or no more."""

from __future__ import annotations

import math

import pytest

from tests.auditing.reasons.cases import (
    COARSE,
    EXACT,
    FIXED,
    LOGS,
    PEAK,
    SHARES,
    WITH_TOTAL,
    Logged,
    cosine,
    explained,
    subject,
)


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("times", [2, 4, 8, 64])
def test_several_steps_an_update(log: Logged, times: int) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(times * t)))
    assert f"stepped {times} times an update" in found["faster"].sentence
    assert "split_batches=True" in found["faster"].decide
    assert list(found) == ["faster"]


def test_a_thousand_steps_an_update() -> None:
    found = explained(EXACT.case(subject(FIXED), lambda t: cosine(1000 * t)))
    assert "stepped 1,000 to 1,024 times" in found["faster"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_several_steps_an_update_of_a_cosine_that_climbs_again(log: Logged) -> None:
    """As transformers' does after its total."""

    def climbing(t: int) -> float:
        return cosine(t) if t < 100 else PEAK * (1 + math.cos(math.pi * (t - 100) / 900)) / 2

    found = explained(log.case(subject(FIXED), lambda t: climbing(4 * t)))
    assert list(found) == ["faster"]
    assert "4 times an update, and climbs again after its end" in found["faster"].sentence
    shares = explained(log.case(subject(SHARES, WITH_TOTAL), lambda t: climbing(4 * t)))
    assert list(shares) == ["faster", "total"]


def test_a_log_that_is_too_short_names_a_range() -> None:
    """At update 1 the schedule is over for 1,000 steps an update, and for more."""
    readings = [(0, cosine(0)), (100, cosine(1000)), (200, cosine(1000)), (300, cosine(1000))]
    rates = dict(readings)
    log = Logged("every 100th", 100, None)
    found = explained(log.case(subject(FIXED), lambda t: rates[t], 400))
    assert "stepped 10 to 1,024 times" in found["faster"].sentence


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("times", [1.5, 2.5, 3.9])
def test_no_whole_number_of_steps(log: Logged, times: float) -> None:
    assert "faster" not in explained(log.case(subject(FIXED), lambda t: cosine(times * t)))


@pytest.mark.parametrize("log", LOGS)
def test_four_times_as_fast_is_a_quarter_of_the_total(log: Logged) -> None:
    """Warm-up and total shrink together: the log cannot tell, and both are named."""
    found = explained(log.case(subject(SHARES, WITH_TOTAL), lambda t: cosine(4 * t)))
    assert list(found) == ["faster", "total"]
    assert "stepped 4 times" in found["faster"].sentence
    assert "count the calls of `scheduler.step()`" in found["faster"].decide
    assert "a total of 250 updates, not 1,000: as if divided by 4" in found["total"].sentence
    assert "print the number of steps" in found["total"].decide


@pytest.mark.parametrize("log", LOGS)
def test_once_an_epoch(log: Logged) -> None:
    should = subject(FIXED, {"steps_per_epoch": 39})
    found = explained(log.case(should, lambda t: cosine(t // 39)))
    assert "once an epoch, every 39 updates" in found["epoch"].sentence
    assert '`"interval": "step"`' in found["epoch"].decide
    assert "slower" not in found


@pytest.mark.parametrize("log", LOGS)
def test_once_in_several_updates_that_may_be_an_epoch(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(t // 39)))
    assert list(found) == ["epoch", "slower"]
    assert "once in 39 updates, such as an epoch's" in found["epoch"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_once_in_several_updates_that_are_no_epoch(log: Logged) -> None:
    should = subject(FIXED, {"steps_per_epoch": 100})
    found = explained(log.case(should, lambda t: cosine(t // 4)))
    assert "epoch" not in found
    assert "stepped once in 4 updates" in found["slower"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_stretched_curve_is_no_staircase(log: Logged) -> None:
    """A total 39 times as large goes on in between."""
    found = explained(log.case(subject(SHARES, WITH_TOTAL), lambda t: cosine(t / 39)))
    assert list(found) == ["total"]
    assert "38,995 to 39,004 updates, not 1,000: 39 times as many" in found["total"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_constant_rate(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: PEAK))
    assert list(found) == ["constant"]
    assert "the rate is 3e-4 at every step, the optimizer's own" in found["constant"].sentence


def test_another_constant_rate() -> None:
    found = explained(EXACT.case(subject(FIXED), lambda t: 1e-5))
    assert "the rate is 1e-5 at every step: no scheduler" in found["constant"].sentence


def test_two_readings_are_no_constant_rate() -> None:
    assert "constant" not in explained(COARSE.case(subject(FIXED), lambda t: PEAK, 20))


def test_a_rate_that_changes_once_is_not_constant() -> None:
    assert not explained(EXACT.case(subject(FIXED), lambda t: PEAK * (1 + (t == 999))))


@pytest.mark.parametrize("log", LOGS)
def test_the_scheduler_is_stepped_no_more(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(min(t, 600))))
    assert "stays at 1.2395" in found["stopped"].sentence or log is COARSE
    assert "from update 600 on" in found["stopped"].sentence


def test_a_rate_that_rests_and_goes_on_did_not_stop() -> None:
    found = explained(EXACT.case(subject(FIXED), lambda t: cosine(600 if 600 < t < 990 else t)))
    assert "stopped" not in found
