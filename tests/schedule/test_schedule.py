"""The object: how it is asked, compared, copied and kept."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy
import pytest
from hypothesis import given

import lrdsl
from lrdsl import LrsError, Resolved, Schedule
from lrdsl.schedule.views import faults_of
from tests import strategies

TEXT = "param peak = 0.3\nwarmup(5ep) >> cosine(2tok, peak, 0.01) >> const"
RUN: dict[str, Any] = {
    "steps_per_epoch": 10,
    "per_step": {"tok": 0.02},
    "params": {"peak": "0.4"},
    "total": "50ep",
}


@pytest.fixture
def resolved() -> Resolved:
    return lrdsl.parse(TEXT).resolve_all(**RUN)


@pytest.fixture
def schedule(resolved: Resolved) -> Schedule:
    return resolved["lr"]


@pytest.mark.parametrize(
    "again", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_copies_are_equal(resolved: Resolved, again: Any) -> None:
    made = again(resolved)
    found = pickle.loads(made) if isinstance(made, bytes) else made
    assert found == resolved
    assert hash(found) == hash(resolved)
    values = found["lr"].values(600, base=0.1)
    assert values.tolist() == resolved["lr"].values(600, base=0.1).tolist()
    assert found.arguments == resolved.arguments


@pytest.mark.parametrize(
    "again", [pickle.dumps, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_a_schedule_is_copied_with_all_it_is_made_of(schedule: Schedule, again: Any) -> None:
    made = again(schedule)
    found = pickle.loads(made) if isinstance(made, bytes) else made
    assert found.values(600, base=0.1).tolist() == schedule.values(600, base=0.1).tolist()
    assert (found.length, found.meters, repr(found)) == (
        schedule.length, schedule.meters, repr(schedule),
    )  # fmt: skip
    ours, theirs = found.parts_at(0.3), schedule.parts_at(0.3)
    assert [(p.name, p.start, p.end) for p in ours] == [(p.name, p.start, p.end) for p in theirs]


def test_a_pickle_of_a_schedule_holds_no_library() -> None:
    pickled = pickle.dumps(lrdsl.parse("warmup(5) >> cosine(20, 0.3, 0.01) >> const").resolve())
    assert len(pickled) < 10_000
    assert b"Loshchilov" not in pickled


@strategies.SOME
@given(strategies.programs())
def test_copies_of_any_schedule_are_equal(text: str) -> None:
    resolved = lrdsl.parse(text).resolve_all(**strategies.RUN)
    found = pickle.loads(pickle.dumps(resolved))
    assert (found, hash(found)) == (resolved, hash(resolved))
    schedule = pickle.loads(pickle.dumps(resolved["lr"]))
    assert schedule.values(100).tolist() == resolved["lr"].values(100).tolist()


def test_equal_means_the_same_program_and_the_same_run(resolved: Resolved) -> None:
    program = lrdsl.parse(TEXT)
    assert program.resolve_all(**RUN) == resolved
    assert lrdsl.parse(TEXT.replace(" >> ", ">>")).resolve_all(**RUN) == resolved
    for name, value in {
        "total": "60ep",
        "params": {"peak": "0.5"},
        "per_step": {"tok": 0.025},
    }.items():
        assert program.resolve_all(**{**RUN, name: value}) != resolved
    assert resolved != program
    assert len({resolved, program.resolve_all(**RUN)}) == 1


def test_a_run_of_nothing_is_a_run() -> None:
    program = lrdsl.parse("cosine(10)")
    plain = program.resolve_all()
    assert program.resolve_all(total=None, per_step={}, params={}, steps_per_epoch=None) == plain
    assert plain.arguments == {}


@pytest.mark.parametrize("step", [5, numpy.int64(5), numpy.uint8(5)], ids=repr)
def test_a_step_is_a_whole_number_of_any_kind(schedule: Schedule, step: Any) -> None:
    found = schedule(step)
    assert type(found) is float
    assert found == schedule(int(step))


@pytest.mark.parametrize("step", [5.0, "5", None, numpy.float64(5), True, numpy.True_], ids=repr)
def test_a_step_is_nothing_else(schedule: Schedule, step: Any) -> None:
    with pytest.raises(TypeError):
        schedule(step)


@pytest.mark.parametrize("step", [-1, -(10**9)])
def test_a_step_is_0_or_more(schedule: Schedule, step: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        schedule(step)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_values(count: int) -> None:
    found = lrdsl.parse("linear(4, 1, 0)").resolve().values(count)
    assert found.tolist() == [1.0, 0.75, 0.5, 0.25, 0.0, 0.0, 0.0][:count]


def test_a_long_curve_is_computed_in_stretches() -> None:
    """Longer than the chunks it is computed in, its parts and its end within them."""
    text = "warmup(20k) >> repeat(linear(7k, 1, 0.5), 3, stretch = 2) >> linear(1k, 1, 0)"
    schedule = lrdsl.parse(text).resolve()
    assert schedule.length == 70_000
    found = schedule.values(80_000)
    places = [
        *range(0, 80_000, 997),
        *range(8_190, 8_200),
        *range(16_380, 16_390),
        *range(69_990, 70_010),
    ]
    assert found[places].tolist() == [schedule(t) for t in places]


def test_values_are_given_away(schedule: Schedule) -> None:
    """Writing into an array changes no later one."""
    before = schedule.values(50).tolist()
    schedule.values(50)[:] = 9.0
    assert schedule.values(50).tolist() == before


def test_parts() -> None:
    schedule = lrdsl.parse("warmup(5ep) >> max(cosine(50%), 0.1) >> const").resolve(
        steps_per_epoch=2, total=40
    )
    found = [
        (s.name, s.start_step, s.length, s.start_value, s.end_value, s.written_length)
        for s in schedule.parts
    ]
    assert found == [
        ("warmup", 0, 10, 0.0, 1.0, "5ep"),
        ("max(cosine, 0.1)", 10, 20, 1.0, 0.1, None),
        ("const", 30, 10, 0.1, 0.1, None),
    ]
    assert [s.span.text for s in schedule.parts] == [
        "warmup(5ep)",
        "max(cosine(50%), 0.1)",
        "const",
    ]


def test_an_endless_part_has_no_end() -> None:
    (part,) = lrdsl.parse("exponential(0.5)").resolve().parts
    assert (part.length, part.end_value) == (math.inf, None)


RATES = {
    "absolute": ("cosine(10, 0.3, 0.1)", True, False),
    "proportional": ("cosine(10)", False, True),
    "mixed": ("cosine(10, base, 0.1)", False, False),
    "zero": ("const(value = 0)", True, True),
    "product": ("cosine(10) * linear(10, 1, 0.5)", False, True),
    "floor": ("max(cosine(10), 1e-5)", False, False),
    "ratio": ("const(5, base / base)", True, False),
    "nowhere-base": ("const(5, 0.1) >> linear(5)", True, False),
}


@pytest.mark.parametrize("case", RATES)
def test_what_goes_with_base(case: str) -> None:
    text, absolute, proportional = RATES[case]
    schedule = lrdsl.parse(text).resolve()
    assert (schedule.is_absolute, schedule.is_proportional) == (absolute, proportional)


def test_a_rate_that_is_negative_for_some_bases() -> None:
    """What no reading of the program can know is found where it happens."""
    schedule = lrdsl.parse("const(10, base - 0.5)").resolve()
    assert schedule(0, base=0.6) == pytest.approx(0.1)
    with pytest.raises(LrsError) as caught:
        schedule(3, base=0.1)
    assert [(d.code, d.span.text) for d in caught.value.diagnostics] == [
        ("LRS311", "const(10, base - 0.5)")
    ]
    assert [d.code for d in faults_of(schedule, 0.1)] == ["LRS311"]
    assert faults_of(schedule, 0.6) == []


def test_a_guard_that_fails_for_some_bases() -> None:
    schedule = lrdsl.parse("exponential(base - 1, length = 5)").resolve()
    assert schedule(2, base=2.0) == 2.0
    with pytest.raises(LrsError) as caught:
        schedule(2, base=1.0)
    assert [d.code for d in caught.value.diagnostics] == ["LRS303"]


@pytest.mark.parametrize("base", [0.0, 1e-300, 1e300])
def test_extreme_rates(base: float) -> None:
    schedule = lrdsl.parse("warmup(5) >> cosine(20)").resolve()
    assert schedule(5, base=base) == base
    assert schedule(25, base=base) == 0.0
    assert schedule(15, base=base) == pytest.approx(base / 2, rel=1e-15)


def test_many_rates() -> None:
    """More distinct base rates than are kept at a time."""
    schedule = lrdsl.parse("linear(4)").resolve()
    rates = [i / 8 for i in range(5000)]
    assert [schedule(1, base=rate) for rate in rates] == [0.75 * rate for rate in rates]
    assert schedule(1, base=rates[7]) == 0.75 * rates[7]


def test_its_representation_says_what_it_is(schedule: Schedule) -> None:
    assert repr(schedule) == "<Schedule warmup >> cosine >> const, length 500>"


# What a part is called: as it would be written, without arguments.
NAMES = {
    "(const(5) + 6) * 0.25": "(const + 6) * 0.25",
    "const(5) + cosine(5) * 0.25": "const + cosine * 0.25",
    "const(5) + 6 + cosine(5)": "const + 6 + cosine",
    "const(5) - (cosine(5) - 1)": "const - (cosine - 1)",
    "const(5) / (cosine(5, 1, 1) * 2)": "const / (cosine * 2)",
    "0.5 * (const(5) >> cosine(5))": "0.5 * (const >> cosine)",
    "(const(5) >> cosine(5)) + 1": "(const >> cosine) + 1",
    "const(5) * plateau()": "const * plateau",
    "2 * max(const(5) >> cosine(5), 0.1)": "2 * max(const >> cosine, 0.1)",
    "const(5, 1) * (base + 1)": "const * (base + 1)",
    "def f(x) = const(5, 1) * x\nf(base + 1)": "const * (base + 1)",
    "let half = 1 / 2\nconst(5) * half": "const * 0.5",
    "let x = base + 1\nconst(5, 1) * x": "const * x",
}


@pytest.mark.parametrize("text", NAMES)
def test_what_a_part_is_called(text: str) -> None:
    (part,) = lrdsl.parse(text).resolve().parts
    assert part.name == NAMES[text]


def test_a_length_of_several_units_is_shown_as_it_is_meant() -> None:
    (part,) = lrdsl.parse("const(5ep + 10)").resolve(steps_per_epoch=3).parts
    assert (part.length, part.written_length) == (25, "5ep + 10st")


def test_a_length_of_very_many_very_small_units() -> None:
    program = lrdsl.parse("const(1e308tok * 10 + 0.5tok)")
    (part,) = program.resolve(per_step={"tok": 1e300}).parts
    assert (part.length, part.written_length) == (10**9, f"{10**309}tok")


def test_a_rate_is_not_taken_for_base() -> None:
    """Keras calls `schedule(epoch, rate)`, and without the rate where that is a TypeError."""
    schedule = lrdsl.parse("linear(10)").resolve()
    with pytest.raises(TypeError):
        schedule(3, 0.1)  # type: ignore[call-overload]

    def rate(epoch: int, now: float) -> float:
        try:
            return schedule(epoch, now)  # type: ignore[call-overload, no-any-return]
        except TypeError:
            return schedule(epoch)

    assert [rate(5, now) for now in (1.0, 0.5)] == [0.5, 0.5]
