"""The schedule was made with another number, from another text, or is scaled."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lrdsl.auditing.reasons import explanations
from lrdsl.record import replace
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

PART = "warmup(100) >> cosine"


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("total", [300, 733, 1200, 7000])
def test_another_total(log: Logged, total: int) -> None:
    found = explained(log.case(subject(PART, WITH_TOTAL), lambda t: cosine(t, 100, total)))
    assert f"a total of {total:,} updates, not 1,000" in found["total"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_total_in_epochs(log: Logged) -> None:
    should = subject("warmup(100) >> cosine", {"total": "20ep", "steps_per_epoch": 50})
    found = explained(log.case(should, lambda t: cosine(t, 100, 50_000), 20_000))
    assert "50,000 updates, not 1,000: it was counted in epochs" in found["total"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_total_of_a_coarse_log_is_a_range(log: Logged) -> None:
    """The beginning of a long run tells little."""
    found = explained(log.case(subject(PART, WITH_TOTAL), lambda t: cosine(t, 100, 20_000), 500))
    sentence = found["total"].sentence
    assert ("of 20,000 updates" if log is EXACT else " to ") in sentence


def test_a_total_that_plays_no_role_is_not_to_blame() -> None:
    should = subject(FIXED, WITH_TOTAL)
    found = explained(EXACT.case(should, lambda t: cosine(t, 100, 1300)))
    assert list(found) == ["length"]
    assert "`cosine` took 1,200 updates, not 900" in found["length"].sentence


def test_a_curve_between_two_totals_has_none() -> None:
    assert not explained(
        EXACT.case(subject(PART, WITH_TOTAL), lambda t: cosine(t, 100, 1200.5))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("log", LOGS)
def test_a_warm_up_in_micro_batches(log: Logged) -> None:
    should = subject("warmup(50) >> cosine", WITH_TOTAL)
    found = explained(log.case(should, lambda t: cosine(t, 200)))
    assert list(found) == ["length"]
    assert "`warmup` took 200 updates, not 50: 4 times as many, as if" in found["length"].sentence
    assert "micro-batches" in found["length"].decide


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(
    ("text", "warm", "sentence"),
    [
        ("warmup(5) >> cosine", 200, "`warmup` took 200 updates, not 5: it was counted in epochs"),
        ("warmup(5ep) >> cosine", 5, "`warmup` took 5 updates, not 200: it was counted in updates"),
    ],
)
def test_a_warm_up_in_the_wrong_unit(log: Logged, text: str, warm: int, sentence: str) -> None:
    should = subject(text, {"total": 1000, "steps_per_epoch": 40})
    found = explained(log.case(should, lambda t: cosine(t, warm)))
    assert sentence in found["length"].sentence


@pytest.mark.parametrize("log", LOGS)
def test_a_decay_begun_late(log: Logged) -> None:
    def late(t: int) -> float:
        return PEAK * t / 50 if t < 50 else cosine(max(t, 350), 350)

    should = subject("let w = 50\nwarmup(w) >> const(100) >> cosine", WITH_TOTAL)
    found = explained(log.case(should, late))
    assert list(found) == ["length"]
    assert "`const` took 300 updates, not 100" in found["length"].sentence


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(
    ("scale", "sentence"),
    [
        (8, "every rate is 8 times the schedule's, as for a batch 8 times as large or for 8 proc"),
        (math.sqrt(8), "every rate is 2.82843 times the schedule's, the square root of 8"),
        (1 / 8, "every rate is 0.125 times the schedule's, as divided by 8 processes"),
        (0.3, "every rate is 0.3 times the schedule's"),
    ],
)
def test_another_peak(log: Logged, scale: float, sentence: str) -> None:
    found = explained(log.case(subject(FIXED), lambda t: scale * cosine(t)))
    assert next(iter(found)) == "peak"
    assert found["peak"].sentence.startswith(sentence)


@pytest.mark.parametrize("log", LOGS)
def test_another_rate_of_the_optimizer(log: Logged) -> None:
    """The floor is a number of its own."""
    text, floor = "warmup(100) >> cosine(900, base, 1e-5)", 1e-5

    def floored(t: int, peak: float) -> float:
        return cosine(t, peak=peak) if t < 100 else floor + cosine(t, peak=peak - floor)

    found = explained(log.case(subject(text), lambda t: floored(t, 4 * PEAK)))
    assert list(found) == ["peak"]
    assert "started from 0.0012, 4 times the optimizer's own rate" in found["peak"].sentence


def test_a_scale_that_changes_is_no_peak() -> None:
    found = explained(EXACT.case(subject(FIXED), lambda t: (2 if t < 999 else 2.1) * cosine(t)))
    assert "peak" not in found


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("again", [0, 600])
def test_the_rate_of_a_resume_is_taken_for_the_optimizers(log: Logged, again: int) -> None:
    def lower(t: int) -> float:
        return cosine(t - again) * cosine(600) / PEAK

    legs = [log.leg(cosine, 640), log.leg(lower, 1000, 600)]
    found = explained(case(subject(FIXED), legs, digits=log.digits))
    assert next(iter(found)) == "reloaded"
    assert "from update 600 on, where the run was resumed" in found["reloaded"].sentence
    assert ("started over" in found["reloaded"].sentence) == bool(again)
    assert "initial_lr" in found["reloaded"].decide


def test_an_earlier_revision() -> None:
    earlier = {"a1b2c3d": subject("linear(1000)"), "f00ba47": subject("cosine(1000)")}
    found = explained(EXACT.case(subject(FIXED), lambda t: cosine(t, 0), earlier=earlier))
    assert "an earlier revision of the schedule: f00ba47" in found["revision"].sentence
    nowhere = {"a1b2c3d": subject("linear(1000)")}
    assert "revision" not in explained(
        EXACT.case(subject(FIXED), lambda t: cosine(t, 0), earlier=nowhere)
    )


@pytest.mark.parametrize("base", [PEAK, PEAK / 10])
def test_the_schedule_of_another_group(base: float) -> None:
    text = f'lr: {FIXED}\nlr["head"]: cosine(1000)'
    head = subject(text, base=base, label='lr["head"]')
    own = subject(text)
    found = explained(EXACT.case(own, lambda t: cosine(t, 0, peak=base), others=[head]))
    assert 'this group followed `lr["head"]` in place of `lr`' in found["group"].sentence
    assert "group" not in explained(EXACT.case(own, lambda t: cosine(t, 1), others=[head]))


SECOND: list[tuple[Callable[[int], float], str]] = [
    (lambda t: cosine(t) / PEAK, "the same schedule once more, so that its factor counts twice"),
    (lambda t: 0.997**t, "an exponential decay by 0.997 at each update"),
    (lambda t: 0.997 ** (t + 1), "by 0.997 at each update, the first among them"),
    (lambda t: min(1.0, 0.25 + t / 300 * 0.75), "a warm-up of 300 updates from 0.25"),
    (lambda t: 0.1 ** ((t >= 130) + (t >= 720)), "a decay by 0.1 at update 130 and 720"),
]


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(("second", "sentence"), SECOND)
def test_a_second_scheduler(log: Logged, second: Callable[[int], float], sentence: str) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(t) * second(t)))
    assert list(found) == ["product"]
    assert found["product"].sentence.endswith(sentence)


@pytest.mark.parametrize(
    ("log", "every"), [(EXACT, "every 130 updates"), (COARSE, "every 129 or 130 updates")]
)
def test_a_second_scheduler_that_steps_down(log: Logged, every: str) -> None:
    found = explained(log.case(subject(FIXED), lambda t: cosine(t) * 0.5 ** (t // 130)))
    assert list(found) == ["product"]
    assert found["product"].sentence.endswith(f"a decay by 0.5 {every}")


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize(
    "second",
    [
        lambda t: 1 + 0.01 * math.sin(t * t),
        lambda t: 1.1 if t == 500 else 1.0,
        lambda t: 1.1 if t == 990 else 1.0,
    ],
)
def test_what_no_mistake_explains(log: Logged, second: Callable[[int], float]) -> None:
    assert not explained(log.case(subject(FIXED), lambda t: cosine(t) * second(t)))


def test_a_reading_before_the_first_update_is_left_out() -> None:
    """An offset of -1 may put the first reading there."""
    readings = [(-1, 0.123), *((t, cosine(4 * t)) for t in range(1000))]
    found = case(subject(FIXED), [readings])
    later = replace(found, first=2)
    assert list(explained(later)) == ["faster"]


def test_shares_of_another_total_move_the_warm_up_too() -> None:
    found = explained(EXACT.case(subject(SHARES, WITH_TOTAL), lambda t: cosine(t, 150, 1500)))
    assert list(found) == ["total"]


def test_nothing_explains_a_log_without_a_reading_to_compare() -> None:
    known = case(subject(SHARES, WITH_TOTAL), [[(t, PEAK * (1 + t * t % 7)) for t in range(10)]])
    unknown = replace(known, expected=np.full(10, math.nan))
    assert [*explanations(unknown)] == []
