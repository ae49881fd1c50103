"""What holds for every part of the shape library, whatever its legal arguments are."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.schedule.repeat import Even, RepeatBlock
from lrdsl.schedule.schedule import Schedule
from lrdsl.schedule.views import blocks_of, faults_of
from tests import library
from tests.library import EASES, PARTS, REFUSED
from tests.oracles import loops
from tests.oracles.closeness import assert_close
from tests.strategies import SOME

# Long enough for every part that fills a run, and for each that has a length of its own.
TOTAL = 600
BASE = 0.7
# An `end` that is the lowest value of a wave, where the part may end at any point of it.
WAVES = {"cosine_waves"}


def resolved(text: str) -> Schedule:
    return lrdsl.parse(text).resolve(total=TOTAL)


@pytest.mark.parametrize("name", PARTS)
@SOME
@given(st.data())
def test_it_is_a_rate_at_every_step_in_both_readings_and_then_held(
    name: str, data: st.DataObject
) -> None:
    """A step whose value is negative or no number raises, so that asking is the test."""
    schedule = resolved(data.draw(library.calls(name)).text)
    assert faults_of(schedule, BASE) == []
    end = int(schedule.length)
    assert end <= TOTAL
    values = [schedule(t, base=BASE) for t in range(end + 10)]
    array = schedule.values(end + 10, base=BASE)
    assert_close(array, values)
    assert values[end:] == array[end:].tolist() == [values[end]] * 10
    assert schedule(end + 10**9, base=BASE) == values[end]


@pytest.mark.parametrize("name", [n for n in PARTS if "end" in library.parameters(n)])
@SOME
@given(st.data())
def test_its_end_value_is_reached(name: str, data: st.DataObject) -> None:
    call = data.draw(library.calls(name))
    schedule = resolved(call.text)
    if name in WAVES and 2 * call.numbers["cycles"] % 2 != 1:
        return
    peak = max(schedule.values(int(schedule.length) + 1, base=BASE))
    assert_close([schedule(int(schedule.length), base=BASE)], [call.numbers["end"]], peak=peak)


# The parts from a start to an end, as their first parameters say. A hyperbolic tangent is never 1.
TRANSITIONS = [
    name
    for name in PARTS
    if library.parameters(name)[:3] == ["length", "start", "end"] and name != "tanh_decay"
]


@pytest.mark.parametrize("name", TRANSITIONS)
@SOME
@given(st.data())
def test_a_transition_starts_at_its_start(name: str, data: st.DataObject) -> None:
    call = data.draw(library.calls(name))
    start, end = call.numbers["start"], call.numbers["end"]
    assert_close([resolved(call.text)(0, base=BASE)], [start], peak=max(start, end))


@pytest.mark.parametrize("name", EASES)
@given(st.floats(0, 1))
def test_an_ease_goes_from_0_to_1(name: str, u: float) -> None:
    value = resolved(f"shape at(x) = {name}(x) at({u:.17f})")(0)
    assert 0 <= value <= 1
    ends = resolved(f"warmup(10, 0, 1, {name})")
    assert (ends(0), ends(10)) == (0.0, 1.0)


@pytest.mark.parametrize("name", PARTS)
def test_every_guard_is_broken_by_a_call(name: str) -> None:
    assert sorted(REFUSED.get(name, {})) == sorted(library.guards(name))


@pytest.mark.parametrize(
    ("name", "guard", "text"),
    [(name, guard, text) for name, calls in REFUSED.items() for guard, text in calls.items()],
)
def test_what_is_not_legal_is_refused_in_the_words_of_the_definition(
    name: str, guard: str, text: str
) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        resolved(text)
    (found,) = caught.value.diagnostics
    assert found.slug == "guard"
    assert found.message.startswith(f"`{name}` needs `{guard}`")
    assert found.help


def test_a_guard_about_the_base_rate_is_checked_for_each_rate() -> None:
    schedule = lrdsl.parse("geometric(9, base, base / 10)").resolve()
    assert schedule(0, base=0.1) == 0.1
    with pytest.raises(lrdsl.LrsError, match="`geometric` needs `start > 0`"):
        schedule(0, base=0.0)


def calls_of(function: Callable[[int], float], step: int) -> int:
    """How many functions run for one value; none of the garbage collector's callbacks."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    gc.disable()
    sys.setprofile(profile)
    try:
        function(step)
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize(
    "text",
    [
        "repeat(cosine(1_000), 1_000_000)",
        "repeat(cosine(1_000), 1_000_000, decay = 0.999999)",
        "repeat(linear(400) >> linear(600, 0, base))",
        "restarts(1_000, times = 1_000_000, decay = 0.999999)",
        "triangular2(500, 0.1, 1)",
        "wsds(900, 100, 1)",
    ],
)
def test_a_million_cycles_are_no_work(text: str) -> None:
    schedule = lrdsl.parse(text).resolve()
    near, far = (calls_of(schedule.bind(BASE), t) for t in (1_500, 10**9 - 500))
    assert far <= near + 10
    for block in (b for _, top, _ in blocks_of(schedule, BASE) for b in top.walk()):
        if isinstance(block, RepeatBlock):
            assert isinstance(block.bounds, Even)
            assert len(block.blocks) == 1


@pytest.mark.parametrize("parts", [20, 2000])
def test_a_step_is_found_among_many_parts(parts: int) -> None:
    """As much work as among two: the part is found by bisection."""
    work = calls_of(lrdsl.parse("cosine(10) >> cosine(10, 1, 0)").resolve().bind(BASE), 15)
    text = " >> ".join(["cosine(10, 1, 0)"] * parts)
    assert calls_of(lrdsl.parse(text).resolve().bind(BASE), 10 * parts - 5) <= work + 1


def restarts_up_to_a_billion(mult: int) -> list[tuple[int, int]]:
    """The cycles of 10, 10 m, 10 m^2, … steps and where they start; of equal ones a sample."""
    if mult == 1:
        return [(k, 10 * k) for k in (*range(1000), *range(1000, 10**8, 999_983), 10**8)]
    starts = [(k, 10 * (mult**k - 1) // (mult - 1)) for k in range(30)]
    return [(k, start) for k, start in starts if start <= 10**9]


@pytest.mark.parametrize("mult", [1, 2, 3])
def test_restarts_are_exact_up_to_a_billion(mult: int) -> None:
    """A system that takes a logarithm gives the lowest value at step 1,210 of 10 and 3."""
    schedule = lrdsl.parse(f"restarts(10, {mult}, end = 0.01)").resolve()
    fading = lrdsl.parse(f"restarts(10, {mult}, end = 0.01, decay = 0.5)").resolve()
    cycles = restarts_up_to_a_billion(mult)
    assert {1: 10**9, 2: 81_910, 3: 1_210}[mult] in dict(cycles).values()
    for k, start in cycles:
        assert schedule(start, base=BASE) == BASE
        assert_close([fading(start, base=BASE)], [BASE * 0.5**k], peak=BASE)
        if start:
            assert schedule(start - 1, base=BASE) < 0.05 * BASE


@pytest.mark.parametrize(("length", "cycles"), [(98, 49), (10**9, 1000), (10**9, 7), (33, 3)])
def test_restarts_in_a_length_are_exact(length: int, cycles: int) -> None:
    """49 times the double nearest to 1 / 49 is not 1; whole numbers are."""
    schedule = lrdsl.parse(f"cosine_restarts({length}, cycles = {cycles})").resolve()
    exact = [k * length // cycles for k in range(cycles) if k * length % cycles == 0]
    assert [schedule(t, base=BASE) for t in exact] == [BASE] * len(exact)
    assert schedule(length, base=BASE) == 0


@SOME
@given(
    st.integers(4, 30),
    st.integers(1, 5),
    st.sampled_from([1.0, 2.0, 3.0, 1.5, 1.25]),
    st.sampled_from([1.0, 0.5, 0.9, 0.0]),
)
def test_restarts_against_a_loop(cycle: int, times: int, mult: float, decay: float) -> None:
    """Also where the lengths are fractional; the peaks shrink, and the lowest value stays."""
    schedule = lrdsl.parse(
        f"restarts({cycle}, {mult}, 0.7, 0.1, decay = {decay}, times = {times})"
    ).resolve()
    starts = loops.cycle_starts(Fraction(cycle), Fraction(mult), times)
    wanted = []
    for k in range(times):
        curve = loops.half_cosine(0.7 * decay**k, 0.1)
        size = starts[k + 1] - starts[k]
        wanted += [curve(t, size) for t in range(size)]
    assert_close([schedule(t) for t in range(starts[-1] + 1)], [*wanted, 0.1])
