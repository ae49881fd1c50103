"""Boundaries: whole steps, counted from the start of the sequence, so that no step is lost."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl import Schedule
from tests import strategies
from tests.oracles import loops


def firsts(schedule: Schedule) -> list[int]:
    """The first step of every part, and the length of the whole."""
    found = [part.start_step for part in schedule.parts]
    assert all(type(step) is int for step in found)
    return [*found, int(schedule.length)]


def staircase(lengths: Sequence[str]) -> str:
    """Parts of these lengths; the value of each is its number."""
    return " >> ".join(f"const({length}, {i})" for i, length in enumerate(lengths))


def check_staircase(schedule: Schedule, bounds: list[int]) -> None:
    """Every step has the value of the part that owns it, and parts of no length are not there."""
    assert firsts(schedule) == sorted({*bounds})
    for i, (start, stop) in enumerate(pairwise(bounds)):
        assert [schedule(t) for t in range(start, stop)] == [float(i)] * (stop - start)


@pytest.mark.parametrize("text", ["const(10ep - 5ep)", "const(-(-(5ep)))"])
def test_lengths_are_calculated_with(text: str) -> None:
    assert lrdsl.parse(text).resolve(steps_per_epoch=3).length == 15


def test_a_length_is_kept_as_it_was_written() -> None:
    schedule = lrdsl.parse("over(4ep, cosine) >> over(7, cosine)").resolve(steps_per_epoch=3)
    assert [part.written_length for part in schedule.parts] == ["4ep", None]


PARTITIONS = {
    "thirds": ["33.33%", "33.33%", "33.34%"],
    "tenths": ["10%"] * 10,
    "sevenths": ["14.2857%"] * 6 + ["14.2858%"],
    "wsd": ["2%", "78%", "20%"],
    "crumbs": ["0.01%", "0.99%", "49.5%", "49.5%"],
    "halves-of-a-percent": ["0.5%"] * 200,
}


@pytest.mark.parametrize("case", PARTITIONS)
def test_shares_of_100_percent_fill_runs_of_every_length(case: str) -> None:
    shares = PARTITIONS[case]
    program = lrdsl.parse(staircase(shares))
    for total in range(1, 501, 1 if len(shares) < 20 else 25):
        exact = [Fraction(share[:-1]) * total / 100 for share in shares]
        schedule = program.resolve(total=total)
        assert schedule.length == total
        assert firsts(schedule) == sorted({*loops.boundaries(exact)})


@strategies.SOME
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(1, 500))
def test_random_shares_fill_the_run(cuts: list[int], total: int) -> None:
    """Shares in hundredths of a percent, that sum to 100."""
    points = [0, *sorted(cuts), 10_000]
    shares = [Fraction(b - a, 100) for a, b in pairwise(points)]
    schedule = lrdsl.parse(staircase([f"{float(s)}%" for s in shares])).resolve(total=total)
    bounds = loops.boundaries(share * total / 100 for share in shares)
    assert bounds[-1] == schedule.length == total
    check_staircase(schedule, bounds)


amounts = st.integers(0, 400).map(lambda hundredths: Fraction(hundredths, 100))
rates = st.sampled_from([1.0, 2.5, 3.3, 10.0, 0.7, 391.0])


@strategies.SOME
@given(st.lists(amounts, min_size=1, max_size=8), rates)
def test_random_epochs(epochs: list[Fraction], steps_per_epoch: float) -> None:
    text = staircase([f"{float(epoch)}ep" for epoch in epochs])
    schedule = lrdsl.parse(text).resolve(steps_per_epoch=steps_per_epoch)
    bounds = loops.boundaries(epoch * Fraction(str(steps_per_epoch)) for epoch in epochs)
    assert schedule.length == bounds[-1]
    if bounds[-1]:
        check_staircase(schedule, bounds)


@strategies.SOME
@given(st.lists(amounts, min_size=2, max_size=6), st.data())
def test_grouping_moves_no_boundary(epochs: list[Fraction], data: st.DataObject) -> None:
    """Parentheses, a let and a def around some of the parts change nothing at all."""
    lengths = [f"{float(epoch)}ep" for epoch in epochs]
    parts = staircase(lengths).split(" >> ")
    start = data.draw(st.integers(0, len(parts) - 1))
    stop = data.draw(st.integers(start + 1, len(parts)))
    before, inside, after = parts[:start], " >> ".join(parts[start:stop]), parts[stop:]
    plain = lrdsl.parse(" >> ".join(parts)).resolve(steps_per_epoch=3.3)
    for head, name in (
        (("", f"({inside})")),
        (f"let x = {inside}\n", "x"),
        (f"def f() = {inside}\n", "f()"),
    ):
        grouped = lrdsl.parse(head + " >> ".join([*before, name, *after])).resolve(
            steps_per_epoch=3.3
        )
        assert firsts(grouped) == firsts(plain)
        assert grouped.values(40).tolist() == plain.values(40).tolist()


@strategies.SOME
@given(st.lists(amounts, min_size=1, max_size=5), st.integers(0, 5), st.integers(30, 60))
def test_rest_takes_exactly_what_is_left(epochs: list[Fraction], place: int, total: int) -> None:
    lengths = [f"{float(epoch)}ep" for epoch in epochs]
    place = min(place, len(lengths))
    lengths.insert(place, "rest")
    schedule = lrdsl.parse(staircase(lengths)).resolve(steps_per_epoch=1, total=total)
    sizes = [*epochs[:place], total - sum(epochs), *epochs[place:]]
    check_staircase(schedule, loops.boundaries(map(Fraction, sizes)))
    assert schedule.length == total


@pytest.mark.parametrize("scale", [1, 1000, 10**6, 10**9, 10**12])
def test_boundaries_far_out_are_exact(scale: int) -> None:
    """Two floats of this size would not even add up."""
    # A tenth of a unit takes `scale` steps.
    schedule = lrdsl.parse(staircase(["0.1tok", "0.2tok", "0.7tok"])).resolve(
        per_step={"tok": f"0.1e-{len(str(scale)) - 1}"}
    )
    assert firsts(schedule) == [0, scale, 3 * scale, 10 * scale]


def test_a_program_of_no_steps_keeps_the_rate() -> None:
    schedule = lrdsl.parse("cosine(0) >> linear(0)").resolve()
    (part,) = schedule.parts
    assert (part.name, part.start_step, part.length) == ("const", 0, 0)
    assert schedule.values(3, base=0.3).tolist() == [0.3] * 3


@pytest.mark.parametrize(
    "text", ["linear(0, 1, 0.5) * const(5, 2)", "const(5, 2) * linear(0, 1, 0.5)"]
)
def test_a_side_of_no_steps_holds_its_end(text: str) -> None:
    schedule = lrdsl.parse(text).resolve()
    assert schedule.values(6, base=3.0).tolist() == [1.0] * 6


def test_a_warm_up_of_no_steps_is_no_factor() -> None:
    """Without its warm-up, a run trains at the rates of the text, not at base times them."""
    program = lrdsl.parse("param w = 5\nwarmup(w, 0, 1) * cosine(20, base, 0)")
    alone = lrdsl.parse("cosine(20, base, 0)").resolve().values(21, base=0.1)
    assert program.resolve(params={"w": 0}).values(21, base=0.1).tolist() == alone.tolist()
    assert program.resolve(params={"w": 1}).values(21, base=0.1)[1:].tolist() == alone[1:].tolist()


def test_the_guards_of_a_side_of_no_steps_hold() -> None:
    shape = "shape f(length: steps, k) where k > 0 = k * u\n"
    with pytest.raises(lrdsl.LrsError, match="`f` needs `k > 0`"):
        lrdsl.parse(f"{shape}param k = 1\nf(0, k) * const(5, 2)").resolve(params={"k": 0})
