"""The schedule is at another place: behind, ahead, from the start, or past its end."""

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
    case,
    cosine,
    explained,
    subject,
)

SKIPS = (50, 51, 52, 222, 400, 401, 700)


def skipping(t: int) -> float:
    """The curve if the updates after some were skipped."""
    return cosine(t - sum(t > skip for skip in SKIPS))


def test_skipped_updates() -> None:
    found = explained(EXACT.case(subject(FIXED), skipping))
    assert list(found) == ["behind"]
    assert found["behind"].sentence == (
        "the schedule is 7 updates behind since update 701: it fell behind 4 times, first at"
        " update 51"
    )
    assert "GradScaler" in found["behind"].decide


def test_skipped_updates_of_a_coarse_log() -> None:
    found = explained(COARSE.case(subject(FIXED), skipping))
    assert "7 updates behind since update 710: it fell behind 4 times" in found["behind"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_behind_at_once(log: Logged) -> None:
    """A scheduler that was saved three updates before the rest."""
    found = explained(log.case(subject(FIXED), lambda t: cosine(t - 3 if t >= 400 else t)))
    assert list(found) == ["behind"]
    assert found["behind"].sentence == "the schedule is 3 updates behind since update 400"


def test_the_decay_begins_late() -> None:
    late = EXACT.case(subject(FIXED), lambda t: cosine(t if t < 100 else max(100, t - 70)))
    found = explained(late)
    assert list(found) == ["behind"]
    assert "70 updates behind since update 170: it waited from update 101" in (
        found["behind"].sentence
    )


def test_half_of_the_updates_were_not_skipped() -> None:
    """That is a scheduler which is stepped every second time."""
    found = explained(EXACT.case(subject(FIXED), lambda t: cosine(t // 2)))
    assert list(found) == ["epoch", "slower"]


def test_a_checkpoint_holds_the_lag() -> None:
    """Two updates were skipped before it, and one after it, which the resumed run did not skip."""
    first = EXACT.leg(lambda t: cosine(t - 2 * (t > 300) - (t > 540)), 600)
    second = EXACT.leg(lambda t: cosine(t - 2), 1000, 500)
    found = explained(case(subject(FIXED), [first, second]))
    assert list(found) == ["behind"]


@pytest.mark.parametrize("log", LOGS)
def test_ahead(log: Logged) -> None:
    """A resume at update 200 that steps the scheduler to 200 once more."""
    found = explained(log.case(subject(FIXED), lambda t: cosine(t if t < 200 else t + 200)))
    assert list(found) == ["ahead"]
    assert "the schedule is 200 updates ahead since update 200" in found["ahead"].sentence


def test_ahead_at_each_resume() -> None:
    def later(jumps: int) -> list[tuple[int, float]]:
        return EXACT.leg(lambda t: cosine(t + jumps), 300 * jumps + 350, 300 * jumps)

    legs = [later(jumps) for jumps in range(3)]
    found = explained(case(subject(FIXED), legs))
    assert "1 update ahead since update 300, where the run was resumed; after 2 jumps it is 2" in (
        found["ahead"].sentence
    )


@pytest.mark.parametrize("log", LOGS)
def test_started_over_at_a_resume(log: Logged) -> None:
    legs = [log.leg(cosine, 537), log.leg(lambda t: cosine(t - 500), 1000, 500)]
    found = explained(case(subject(FIXED), legs, digits=log.digits))
    assert list(found) == ["restarted"]
    assert found["restarted"].sentence == (
        "the schedule started over at update 500, where the run was resumed"
    )


@pytest.mark.parametrize("log", LOGS)
def test_started_over_where_the_step_does_not_fall(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(t % 400)))
    assert list(found) == ["restarted"]
    assert "started over at update 400 and 800" in found["restarted"].sentence


@pytest.mark.parametrize("at", [500, 990])
def test_a_single_rate_is_no_restart(at: int) -> None:
    """Any rate is one that a warm-up passes."""
    assert not explained(COARSE.case(subject(FIXED), lambda t: cosine(20 if t == at else t)))


def test_a_restart_in_a_constant_part_is_at_one_of_its_updates() -> None:
    """Both follow the schedule until the first constant part ends."""
    text = "const(300) >> linear(700)"

    def line(t: int) -> float:
        return PEAK * min(1.0, (1000 - t) / 700) if t <= 1000 else 0.0

    found = explained(EXACT.case(subject(text), lambda t: line(t if t < 200 else t - 200)))
    assert "started over at update 200" in found["restarted"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_it_climbs_again(log: Logged) -> None:
    """As the formula of a cosine does after its end."""

    def on(t: int) -> float:
        return cosine(t) if t < 100 else PEAK * (1 + math.cos(math.pi * (t - 100) / 900)) / 2

    found = explained(log.case(subject(FIXED), on, 3000))
    assert list(found) == ["climbs"]
    assert "`cosine` ended at update 1,000, and the rate climbs" in found["climbs"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_it_jumps_back_up(log: Logged) -> None:
    should = subject("cosine(500)")
    found = explained(log.case(should, lambda t: cosine(t % 500, 0, 500), 1500))
    # To a cosine that climbs again, a jump by its length is a start from its beginning.
    assert list(found) == ["restarted", "climbs", "ahead"]
    assert "starts over after it" in found["climbs"].sentence


def test_a_climb_of_another_pace_is_not_explained() -> None:
    def on(t: int) -> float:
        return cosine(t if t <= 1000 else 1000 - (t - 1000) // 3)

    assert not explained(EXACT.case(subject(FIXED), on, 1500))


@pytest.mark.parametrize("log", LOGS)
def test_the_warm_up_is_left_out(log: Logged) -> None:
    should = subject(SHARES, WITH_TOTAL)
    found = explained(log.case(should, lambda t: cosine(t, 0)))
    assert list(found) == ["warmup"]
    assert "warm-up of 100 updates was left out: the rest began at once" in found["warmup"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_schedule_of_fixed_lengths_without_its_warm_up_is_ahead(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(t, 0, 900)))
    assert list(found) == ["warmup", "ahead"]
    assert "100 updates ahead since update 0" in found["ahead"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_the_warm_up_has_the_rate_of_its_end(log: Logged) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(max(t, 100))))
    assert list(found) == ["warmup"]
    assert "its updates had the rate of its end" in found["warmup"].sentence


def test_half_a_warm_up_is_not_left_out() -> None:
    assert "warmup" not in explained(EXACT.case(subject(FIXED), lambda t: cosine(t, 50)))
