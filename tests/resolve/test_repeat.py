"""Repetition against a loop that a reader can follow, and far out against whole numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from tests import strategies
from tests.oracles import loops
from tests.oracles.closeness import assert_close
from tests.texts import nested

stretches = st.sampled_from(["1", "2", "3", "1.5", "1.25", "0.75"])
decays = st.sampled_from([1.0, 0.5, 0.9, 0.0])


@strategies.SOME
@given(st.integers(4, 30), st.integers(1, 5), stretches, decays)
def test_against_a_loop(cycle: int, times: int, stretch: str, decay: float) -> None:
    text = f"repeat(cosine({cycle}, 0.7, 0.1), {times}, stretch = {stretch}, decay = {decay})"
    starts = loops.cycle_starts(Fraction(cycle), Fraction(stretch), times)
    wanted = list(loops.repeated(loops.half_cosine(0.7, 0.1), starts, decay))
    schedule = lrdsl.parse(text).resolve()
    assert schedule.length == starts[-1] == len(wanted) - 1
    assert_close([schedule(t) for t in range(len(wanted))], wanted)
    assert_close(schedule.values(len(wanted)), wanted)


@strategies.SOME
@given(st.integers(4, 30), stretches.filter(lambda s: s != "0.75"), decays, st.integers(1, 200))
def test_cut_against_a_loop(cycle: int, stretch: str, decay: float, total: int) -> None:
    """A repetition without `times` fills the run, however many cycles that takes."""
    starts = loops.cycle_starts(Fraction(cycle), Fraction(stretch), 60)
    wanted = list(islice(loops.repeated(loops.straight(0.75, 0.25), starts, decay), total + 1))
    text = f"repeat(linear({cycle}, 0.75, 0.25), stretch = {stretch}, decay = {decay})"
    schedule = lrdsl.parse(text).resolve(total=total)
    assert schedule.length == total
    assert_close([schedule(t) for t in range(total)], wanted[:total])
    # At the end of a cycle it is the end of that cycle, not the start of the next.
    last = starts.index(total) - 1 if total in starts else None
    end = wanted[total] if last is None else 0.25 * decay**last
    assert_close([schedule(total), schedule(total + 5)], [end, end], peak=0.75)


@pytest.mark.parametrize(
    ("body", "starts"),
    [
        ("repeat(linear(0.73ep, 1, 0.1), 1)", [0, 8]),
        ("repeat(linear(0.24ep, 1, 0.1), 2, stretch = 2)", [0, 3, 8]),
        ("repeat(linear(0.24ep, 1, 0.1), 3)", [0, 3, 5, 8]),
    ],
)
def test_cycles_are_rounded_from_the_start_of_the_schedule(body: str, starts: list[int]) -> None:
    """They begin at step 0.4, and 7.3 or 7.2 steps from there end at step 8."""
    schedule = lrdsl.parse(f"const(0.04ep) >> {body}").resolve(steps_per_epoch=10)
    wanted = list(loops.repeated(loops.straight(1, 0.1), starts, 1.0))
    assert schedule.length == 8
    assert_close([schedule(t) for t in range(9)], wanted)
    assert_close(schedule.values(9), wanted)


@strategies.SOME
@given(st.integers(100, 1000), st.integers(1, 8))
def test_cycles_of_fractional_length(hundredths: int, times: int) -> None:
    cycle = Fraction(hundredths, 100)
    text = f"repeat(linear({float(cycle)}ep, 1, 0), {times})"
    schedule = lrdsl.parse(text).resolve(steps_per_epoch=1)
    starts = loops.cycle_starts(cycle, Fraction(1), times)
    wanted = list(loops.repeated(loops.straight(1, 0), starts, 1.0))
    assert schedule.length == starts[-1]
    assert_close([schedule(t) for t in range(len(wanted))], wanted)


@strategies.SOME
@given(st.integers(1, 50), st.integers(0, 10**12))
def test_seeks_in_endless_cycles(cycle: int, step: int) -> None:
    """Where a step lies in its cycle is the remainder of a division of whole numbers."""
    schedule = lrdsl.parse(f"repeat(linear({cycle}, 1, 0))").resolve()
    assert_close([schedule(step)], [loops.straight(1, 0)(step % cycle, cycle)], peak=1.0)


@strategies.SOME
@given(st.integers(2, 3), st.integers(0, 30), st.integers(0, 10**6))
def test_seeks_in_growing_cycles(stretch: int, k: int, local: int) -> None:
    """Cycle k of 10, 10 m, 10 m^2, … starts at 10 (m^k - 1) / (m - 1)."""
    length = 10 * stretch**k
    start = 10 * (stretch**k - 1) // (stretch - 1)
    local %= length
    schedule = lrdsl.parse(f"repeat(cosine(10, 1, 0), stretch = {stretch})").resolve()
    found = [schedule(start), schedule(start + local)]
    assert_close(found, [1.0, loops.half_cosine(1.0, 0.0)(local, length)])


@pytest.mark.parametrize("stretch", [2, 3])
def test_every_restart_up_to_a_billion_is_exact(stretch: int) -> None:
    schedule = lrdsl.parse(f"repeat(cosine(10), stretch = {stretch})").resolve()
    start, length = 0, 10
    while start <= 10**9:
        assert schedule(start, base=0.1) == 0.1
        if start:
            assert schedule(start - 1, base=0.1) < 0.03
        start, length = start + length, length * stretch


@pytest.mark.parametrize("step", [10**9, 10**12, 10**15])
def test_cycles_of_a_fraction_never_drift(step: int) -> None:
    """A hundred cycles of 3.3 steps are 330 steps, wherever they are."""
    schedule = lrdsl.parse("repeat(linear(3.3ep, 1, 0))").resolve(steps_per_epoch=1)
    starts = loops.cycle_starts(Fraction("3.3"), Fraction(1), 100)
    wanted = list(loops.repeated(loops.straight(1, 0), starts, 1.0))[:-1]
    assert starts[-1] == 330
    at = step - step % 330
    assert_close([schedule(at + t) for t in range(330)], wanted)


@strategies.SOME
@given(st.integers(20, 60), st.integers(1, 4), st.sampled_from(["1", "2", "1.5"]))
def test_cycles_that_share_a_run(total: int, times: int, stretch: str) -> None:
    shares = sum(Fraction(stretch) ** k for k in range(times))
    first = Fraction(total) / shares
    schedule = lrdsl.parse(f"repeat(linear, {times}, stretch = {stretch})").resolve(total=total)
    starts = loops.cycle_starts(first, Fraction(stretch), times)
    wanted = list(loops.repeated(loops.straight(1, 0), starts, 1.0))
    assert schedule.length == starts[-1] == total
    assert_close([schedule(t, base=1.0) for t in range(total + 1)], wanted)


@strategies.SOME
@given(st.integers(2, 9), st.integers(1, 9), st.integers(1, 4), st.sampled_from(["1", "2"]))
def test_sequences_in_cycles(up: int, down: int, times: int, stretch: str) -> None:
    text = f"repeat(linear({up}, 0, 1) >> linear({down}, 1, 0.5), {times}, stretch = {stretch})"
    schedule = lrdsl.parse(text).resolve()
    step = 0
    for k in range(times):
        scale = int(stretch) ** k
        rise = [loops.straight(0, 1)(t, up * scale) for t in range(up * scale)]
        fall = [loops.straight(1, 0.5)(t, down * scale) for t in range(down * scale)]
        wanted = [*rise, *fall]
        assert_close([schedule(step + t) for t in range(len(wanted))], wanted, peak=1.0)
        step += len(wanted)
    assert (schedule.length, schedule(step)) == (step, 0.5)


def test_what_is_inside_over_is_stretched_with_it() -> None:
    schedule = lrdsl.parse(
        "repeat(over(10, const(4, 1) >> linear(start = 1)), 2, stretch = 2)"
    ).resolve()
    wanted = [1.0] * 4 + [1 - i / 6 for i in range(6)] + [1.0] * 8 + [1 - i / 12 for i in range(13)]
    assert [schedule(t) for t in range(31)] == pytest.approx(wanted, abs=1e-15)


def test_too_many_cycles_of_different_lengths_inside_each_other() -> None:
    text = nested("repeat(", "const(9k)", ", 900, stretch = 1.001)", 3)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line) == ("too-many-parts", 1)
    assert found.message == "laying this out takes more than 40,000 steps of work"
    assert found.help == (
        "use fewer cycles of different lengths inside each other: `stretch = 1` has one"
    )
    lrdsl.parse(text.replace("stretch = 1.001", "stretch = 1").replace("9k", "9")).resolve()


def test_a_repeat_that_is_cut_to_less_than_a_step_is_named_where_it_costs_too_much() -> None:
    cut = "repeat(const(1.5st, 1) >> const(2st, 2))"
    text = (
        f"repeat(repeat(const(2.0000001st, 1) >> max({cut}, const(0.7st, 0.1)), 1000)"
        " >> const(1.00000003st), 1e5)"
    )
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    (found,) = caught.value.diagnostics
    assert found.slug == "too-many-parts"
    place = text.index(cut) + 1
    assert found.help == (
        f"the `repeat` on line 1, column {place}, has cycles of a fraction of a step and is cut to"
        " less than one step: give it a step or more, or give the cycles around it whole steps"
    )
    lrdsl.parse(text.replace("0.7st", "1.7st")).resolve()
    lrdsl.parse(text.replace("2.0000001st", "2st").replace("0.7st", "1st")).resolve()


@pytest.mark.parametrize("name", ["until", "skip", "every"])
def test_what_cuts_a_repeat_of_fractions_is_named_where_it_costs_too_much(name: str) -> None:
    cut = f"{name}(1.3000001st, repeat(cosine(1.0000003st), 40))"
    text = f"repeat(repeat({cut} >> const(1.0000001st), 1001), 1e6)"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    (found,) = caught.value.diagnostics
    assert found.slug == "too-many-parts"
    assert found.help == (
        f"the `{name}` on line 1, column {text.index(cut) + 1}, cuts a `repeat` with cycles of a"
        " fraction of a step: give those cycles lengths of whole steps"
    )
    lrdsl.parse(text.replace("1.0000003st", "1st")).resolve()


def test_an_every_of_a_long_fraction_is_named_where_it_costs_too_much() -> None:
    every = "every(1.0000001st, cosine(1e6st))"
    text = f"repeat({every} >> repeat(const(1.0000003st), 3), 1e6)"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    (found,) = caught.value.diagnostics
    assert found.slug == "too-many-parts"
    assert found.help == (
        "the `every` on line 1, column 8, reads values at fractions of a step: give it whole steps"
    )
    lrdsl.parse(text.replace("1.0000001st", "1st")).resolve()


def test_words_at_many_levels_are_named_where_they_cost_too_much() -> None:
    text = "repeat(exponential(0.9, length = 2.37st, start = 1) >> warmup(1.5st, prev), 3)"
    for i in range(6):
        falls = [f"exponential(0.9, length = {n}st)" for n in (f"2.{3 + i}", f"1.{7 - i}")]
        text = f"repeat({falls[0]} >> {text} >> {falls[1]}, 3)"
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    (found,) = caught.value.diagnostics
    assert found.slug == "too-many-parts"
    assert found.help.startswith("each level of `repeat` has a word, such as `prev`")
    whole = re.sub(r"([0-9])\.[0-9]+st", r"\1st", text)
    lrdsl.parse(whole).resolve()


def test_the_last_cycle_may_be_longer_than_steps_can_be_counted() -> None:
    """It is cut where the run ends, if nothing else ends it; a number of cycles is not."""
    body = "const(2^50) >> linear(2^50, 1, 0)"
    schedule = lrdsl.parse(f"repeat({body}, stretch = 5)").resolve(total=2**53)
    assert schedule.length == 2**53
    first = 2**51
    assert schedule(first + 5 * 2**50 - 1, base=0.5) == 0.5
    assert schedule(2**53 - 1) == pytest.approx(1 - (2**53 - 1 - first - 5 * 2**50) / (5 * 2**50))
    with pytest.raises(lrdsl.LrsError, match="LRS308"):
        lrdsl.parse(f"repeat({body}, 2, stretch = 5)").resolve(total=2**53)


@pytest.mark.parametrize(
    ("text", "run", "proposed"),
    [
        (
            "repeat(linear(50%, 0, 1) >> const, 4)",
            100,
            "repeat(over(25%, linear(50%, 0, 1) >> const), 4)",
        ),
        (
            "repeat(linear(50%, 0, 1)\n  >> const, 3, stretch = 2)",
            70,
            "repeat(over(10, linear(50%, 0, 1) >> const), 3, stretch = 2)",
        ),
        ("let up = linear(50%, 0, 1) >> const\nrepeat(up, 4)", 100, "over(25%, …)"),
    ],
)
def test_a_share_of_the_run_where_a_share_of_the_cycle_was_meant(
    text: str, run: int, proposed: str
) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve(total=run)
    (found,) = caught.value.diagnostics
    assert found.code == "LRS404"
    assert found.help == (
        f"`%` is a share of the length around `repeat`; for shares of a cycle, write `{proposed}`"
    )
    if "…" not in proposed:
        schedule = lrdsl.parse(proposed).resolve(total=run)
        # Each of the first cycle's halves is as long as the other.
        first = 25 if run == 100 else 10
        assert schedule(first // 2 - 1) < schedule(first // 2 + 1) == schedule(first - 1) == 1.0


def test_layouts_are_shared_by_cycles_that_are_rounded_alike() -> None:
    """Cycles of 1251.37 steps start at a hundred fractions of a step, and have four layouts."""
    text = "repeat(const(3.3ep, 1) >> const(697.31ep, 2) >> const(550.76ep, 3), 1000000000)"
    (block,) = lrdsl.parse(text).resolve(steps_per_epoch=1)._chain.blocks
    assert len(block.children()) == 4
    once = lrdsl.parse(text.replace("1000000000", "2")).resolve(steps_per_epoch=1)
    assert len(once._chain.blocks[0].children()) == 2


@strategies.SOME
@given(
    st.integers(100, 900).map(lambda n: Fraction(n, 100)),
    st.integers(100, 900).map(lambda n: Fraction(n, 100)),
    st.integers(0, 99).map(lambda n: Fraction(n, 100)),
    st.integers(0, 10**9 - 10),
)
def test_any_of_a_billion_cycles_is_rounded_by_itself(
    up: Fraction, down: Fraction, before: Fraction, k: int
) -> None:
    """The boundaries around cycle k, and the ends of a curve on either side of each."""
    text = (
        f"const({float(before)}ep, 7) >> repeat(linear({float(up)}ep, 1, 2)"
        f" >> linear({float(down)}ep, 3, 4), 1e9)"
    )
    schedule = lrdsl.parse(text).resolve(steps_per_epoch=1)
    start = before + k * (up + down)
    top, stop = start + up, start + up + down
    first, middle, last = (loops.half_up(x) for x in (start, top, stop))
    wanted = [1 + Fraction(i, middle - first) for i in range(middle - first)]
    wanted += [3 + Fraction(i, last - middle) for i in range(last - middle)]
    found = [schedule(t) for t in range(first, last)]
    assert_close(found, map(float, wanted))
    assert_close(schedule.values(last - first, first=first), map(float, wanted))
