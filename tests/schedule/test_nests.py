"""Repetitions in repetitions of cycles that are no whole number of steps."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

import lrdsl
from lrdsl import Schedule
from lrdsl.schedule.nest import NestBlock
from tests import strategies
from tests.oracles import reading
from tests.oracles.loops import half_up
from tests.oracles.reading import Line, Repeat, Sequence, Sides, Tree

RUN: dict[str, Any] = {"steps_per_epoch": 1}
BASE = Fraction(3, 4)

fractions = st.tuples(st.integers(1, 60), st.sampled_from([1, 3, 7, 10, 16])).map(
    lambda x: Fraction(*x)
)
numbers = st.integers(0, 8).map(lambda n: Fraction(n, 8))


@st.composite
def lines(draw: st.DrawFn, word: str) -> Line:
    """A part, which some cycles may do without."""
    length, start, end = draw(fractions), draw(numbers), draw(numbers)
    worded = numbers if not word else numbers | st.just(word)
    if draw(st.integers(0, 2)) == 0:
        return Line(length, draw(worded), end, Fraction(1, 2))
    return Line(length, draw(worded) if draw(st.booleans()) else start, draw(worded))


@st.composite
def trees(draw: st.DrawFn, word: str, depth: int, most: int) -> Tree:
    """A tree of at most so many levels, and so many cycles in each repetition."""
    if not depth:
        return draw(lines(word))
    inner = trees(word, depth - 1, most)
    body = draw(inner)
    kind = draw(st.sampled_from(["repeat", "repeat", "repeat", "sequence", "sides", "over", "cut"]))
    if kind == "sequence":
        return Sequence(
            (body, draw(lines(word))) if draw(st.booleans()) else (draw(lines(word)), body)
        )
    if kind == "sides":
        other = draw(lines(word))
        op = draw(st.sampled_from(["max", "min"] if word else ["max", "min", "*"]))
        return Sides(op, (body, other))
    if kind == "over":
        return Sides("over", (body,), body.length + 1 + draw(fractions))
    if body.length < 1:
        body = Sequence((body, Line(Fraction(4, 3), draw(numbers), draw(numbers))))
    if kind == "cut":
        cut = body.length * draw(st.integers(1, 4)) + draw(fractions)
        return Repeat(
            body,
            -int(-cut // body.length),
            draw(st.sampled_from([Fraction(1), Fraction(1, 2)])),
            cut,
        )
    times = draw(st.integers(1, most))
    decay = draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 2)]))
    return Repeat(body, times, decay if times < 9 else Fraction(1))


@st.composite
def nests(draw: st.DrawFn, depth: int, most: int = 4, outer: int = 4) -> Tree:
    """Repetitions of a tree, after something that ends between two steps, and before a line."""
    word = draw(st.sampled_from(["", "prev", "next"]))
    body = draw(trees(word, depth, most))
    if body.length < 1:
        body = Sequence((body, Line(Fraction(7, 3), draw(numbers), draw(numbers))))
    before = Line(draw(fractions) + 1, draw(numbers), "next" if word == "next" else draw(numbers))
    after = Line(draw(fractions) + 1, "prev" if word == "prev" else draw(numbers), draw(numbers))
    times = draw(st.integers(max(1, outer - 10), outer))
    return Sequence((before, Repeat(body, times), after))


def cycles_in(tree: Tree) -> Iterator[Fraction]:
    """The lengths of the cycles of all repetitions in a tree."""
    if isinstance(tree, Repeat):
        yield tree.body.length
        yield from cycles_in(tree.body)
    elif isinstance(tree, Sequence | Sides):
        for part in tree.parts if isinstance(tree, Sequence) else tree.sides:
            yield from cycles_in(part)


@st.composite
def grown(draw: st.DrawFn) -> Tree:
    """Cycles that grow or shrink, with repetitions in some of them, in a billion others."""
    word = draw(st.sampled_from(["", "prev", "next"]))
    body = draw(trees(word, draw(st.integers(0, 2)), 3))
    if body.length < 3:
        body = Sequence((body, Line(Fraction(10, 3), draw(numbers), draw(numbers))))
    stretch = draw(st.sampled_from([Fraction(n, 8) for n in (7, 9, 10, 12, 16)]))
    times, decay = draw(st.integers(1, 4)), draw(st.sampled_from([Fraction(1), Fraction(1, 2)]))
    assume(all(x * stretch ** (times - 1) >= 1 for x in cycles_in(body)))  # else it is refused
    cycles = Repeat(body, times, decay, stretch=stretch)
    if stretch > 1 and draw(st.booleans()):
        last = cycles.start(times) - cycles.start(times - 1)
        part = draw(st.integers(1, 15)) * last / 16
        cycles = replace(cycles, over=cycles.start(times - 1) + part)
    inside: list[Tree] = [cycles, draw(lines(word))]
    around = Sequence(tuple(inside if draw(st.booleans()) else inside[::-1]))
    assume(around.length >= 1)  # else it is refused, too
    before, after = Line(draw(fractions), draw(numbers), draw(numbers)), draw(lines(word))
    return Sequence((before, Repeat(around, draw(st.integers(10**9 - 9, 10**9))), after))


def resolved(tree: Tree) -> Schedule:
    return lrdsl.parse(reading.text(tree)).resolve(**RUN)


def wanted(tree: Tree, t: int) -> float:
    try:
        return float(reading.value(tree, Fraction(), t, lambda: BASE, lambda: BASE))
    except reading.Circle:
        reject()


def compare(tree: Tree, schedule: Schedule, first: int, last: int) -> None:
    """Every step from ``first`` to before ``last``, both ways."""
    values = [wanted(tree, t) for t in range(first, last)]
    base = float(BASE)
    assert [schedule(t, base=base) for t in range(first, last)] == pytest.approx(values, abs=1e-12)
    found = schedule.values(last - first, first=first, base=base)
    assert found.tolist() == pytest.approx(values, abs=1e-12)


@strategies.SOME
@given(nests(3))
def test_every_step_of_a_small_nest(tree: Tree) -> None:
    schedule = resolved(tree)
    length = half_up(tree.length)
    assert schedule.length == length
    compare(tree, schedule, 0, min(length + 1, 400))


@strategies.SOME
@given(nests(5, most=7, outer=10**9), st.data())
def test_any_step_of_a_large_nest(tree: Tree, data: st.DataObject) -> None:
    """At its start, in the middle, near the last of a billion cycles, and at its end."""
    assume(tree.length <= 2**52)
    schedule = resolved(tree)
    length = half_up(tree.length)
    assert schedule.length == length
    middle = data.draw(st.integers(0, length - 12))
    for first in (0, middle, length - 12):
        compare(tree, schedule, first, min(first + 12, length + 1))


@strategies.SOME
@given(grown(), st.integers(0, 10**9))
def test_any_step_of_cycles_that_grow_in_a_billion_others(tree: Tree, far: int) -> None:
    schedule = resolved(tree)
    length = half_up(tree.length)
    assert schedule.length == length
    for first in (0, far, length - 20):
        compare(tree, schedule, first, first + 20)


DEEP = (
    "repeat(repeat(repeat(repeat(repeat(cosine(2.51ep, 1, 0.2) >> const(1.31ep, 0.3), 7)"
    " >> const(1.7ep, 0.1), 3), 11), 5) >> const(2.2ep, 0.1), 1000000)"
)


def test_what_is_laid_out_does_not_grow_with_the_cycles() -> None:
    """Seven parts, in two or three lengths each, whatever the number of cycles."""
    program = lrdsl.parse(DEEP)
    tracemalloc.start()
    schedule = program.resolve(**RUN)
    schedule(10**9)
    schedule.values(10_000, first=10**9)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert schedule.length == 4_694_800_000
    assert len(list(schedule._chain.walk())) < 30
    assert peak < 8_000_000


def test_levels_and_parts_add_up() -> None:
    """Thirty levels of two parts: what is laid out is in proportion to the text."""
    text = "repeat(" * 30 + "const(2.51ep, 1)" + ", 2) >> const(0.17ep, 0.3)" * 30
    schedule = lrdsl.parse(text).resolve(**RUN)
    assert len(list(schedule._chain.walk())) < 200
    length = Fraction(251, 100)
    for _ in range(30):
        length = 2 * length + Fraction(17, 100)
    assert schedule.length == half_up(length)


def test_values_from_the_middle_of_a_cycle_on() -> None:
    """What of the array lies behind the cycles inside is not looked for before its start."""
    text = "repeat(repeat(const(1, 1), 38, decay = 0.5) >> const(1, 0.25), 9)"
    schedule = lrdsl.parse(text).resolve()
    cycle = [0.5**k for k in range(38)] + [0.25]
    for first in (0, 19, 39 + 25, 39 * 9 - 20):
        count = min(20, 39 - first % 39)
        assert schedule.values(count, first=first).tolist() == (cycle * 9)[first : first + count]


def test_a_copy_is_the_same_curve() -> None:
    schedule = lrdsl.parse(DEEP).resolve(**RUN)
    steps = [0, 7, 10**6, 10**9, 4_694_799_999, 4_694_800_000, 10**12]
    wanted = [schedule(t) for t in steps]
    saved = pickle.dumps(schedule)
    assert len(saved) < 10_000
    for other in (pickle.loads(saved), copy.deepcopy(schedule), copy.copy(schedule)):
        assert [other(t) for t in steps] == wanted


def test_parts_are_those_of_the_first_cycle() -> None:
    text = (
        "repeat(repeat(linear(2.5ep, 1, 0.5) >> const(1.3ep, 0.1), 7) >> const(1.2ep, 0.2), 1000)"
    )
    (outer,) = lrdsl.parse(text).resolve(**RUN).parts
    inner, last = outer.children
    assert (outer.length, inner.length, last.start_step, last.length) == (27_800, 27, 27, 1)
    assert [(part.start_step, part.length) for part in inner.children] == [(0, 3), (3, 1)]
    assert (outer.start, outer.end, inner.start_value, inner.end_value) == ("1", "0.2", 1.0, 0.1)


def test_a_metric_drives_a_part_of_every_cycle() -> None:
    """Cycles of 3.8 steps: the first part of each owns the steps up to 2.5 from its start."""
    text = "repeat(repeat(const(2.5ep, 1) * plateau(0.5, 1) >> const(1.3ep, 0.1), 7), 100000)"
    schedule = lrdsl.parse(text).resolve(**RUN)
    (meter,) = schedule.meters
    for first in (0, 2_000_003):
        steps = range(first, first + 60)
        driven = [
            half_up(k * Fraction(38, 10)) <= t < half_up(k * Fraction(38, 10) + Fraction(5, 2))
            for t in steps
            for k in [int((t + Fraction(1, 2)) * 10 - 1) // 38]
        ]
        assert [schedule.active(t) == (meter.name,) for t in steps] == driven
        halved = [schedule(t, factors=(0.5,)) for t in steps]
        assert halved == [0.5 if x else 0.1 for x in driven]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("1 / (5 - length)", "no value at step 0 of `f` in a cycle where it lasts 5 steps"),
        ("4 - length", "negative at step 0 of `f` in a cycle where it lasts 5 steps"),
    ],
)
def test_a_layout_that_one_cycle_in_a_hundred_thousand_has_is_looked_at(
    formula: str, message: str
) -> None:
    """A part of 4.00001 steps lasts 5 where it starts just before a boundary."""
    shape = f"shape f(length: steps) = {formula}"
    text = f"{shape}\nrepeat(repeat(f(4.00001ep) >> const(1ep, 0.1), 7), 1000000000)"
    with pytest.raises(lrdsl.LrsError, match=message):
        lrdsl.parse(text).resolve(**RUN)
    # With 700 cycles none of them does.
    lrdsl.parse(text.replace("1000000000", "100")).resolve(**RUN)


def test_the_guard_of_a_layout_that_is_not_the_first_is_looked_at() -> None:
    shape = "shape f(length: steps) where length < 5 = 1"
    text = f"{shape}\nrepeat(repeat(f(4.00001ep) >> const(1ep, 0.1), 7), 1000000000)"
    with pytest.raises(lrdsl.LrsError, match="`f` needs `length < 5`, and `length` is 5"):
        lrdsl.parse(text).resolve(**RUN)


def test_a_negative_value_deep_inside_is_found() -> None:
    with pytest.raises(lrdsl.LrsError, match="LRS311"):
        lrdsl.parse(DEEP.replace("ep, 0.3)", "ep, 0.3) - 0.4")).resolve(**RUN)
    with pytest.raises(lrdsl.LrsError, match="multiplies two rates"):
        lrdsl.parse(DEEP.replace("ep, 0.3)", "ep, base) * const(value = base)")).resolve(**RUN)


@pytest.mark.parametrize("first", [0, 10**9])
def test_arrays_of_steps(first: int) -> None:
    schedule = lrdsl.parse(DEEP).resolve(**RUN)
    steps = numpy.arange(first, first + 3000)
    curve = schedule.bind()
    wanted = [schedule(int(t)) for t in steps]
    assert curve(steps).tolist() == pytest.approx(wanted, abs=1e-12)
    assert schedule.values(3000, first=first).tolist() == pytest.approx(wanted, abs=1e-12)


def test_fractions_too_fine_for_whole_numbers_of_an_array() -> None:
    """Values come step by step then, and a function of arrays is refused."""
    text = "repeat(repeat(linear(2.5000000000000001ep, 1, 0.1) >> const(1.3ep, 0.2), 7), 1000)"
    schedule = lrdsl.parse(text).resolve(**RUN)
    assert schedule.values(500).tolist() == [schedule(t) for t in range(500)]
    endless = lrdsl.parse(text.replace(", 1000)", ")")).resolve(**RUN)
    assert endless.values(500).tolist() == [schedule(t) for t in range(500)]
    with pytest.raises(NotImplementedError):
        endless.bind()(numpy.arange(3))


DECAY = Line(Fraction(25137, 10000), Fraction(1), Fraction(), Fraction(1, 2))


@pytest.mark.parametrize("times", [5, 10**9])
def test_a_word_that_depends_on_how_a_part_is_rounded(times: int) -> None:
    """The end of a decay does: of 2 steps in one cycle, and of 3 in another."""
    to = Line(Fraction(13003, 10000), "prev", Fraction(1, 5))
    before, after = Line(Fraction(7, 3), Fraction(1), "next"), Line(Fraction(4), "prev", "prev")
    tree = Sequence((before, Repeat(Repeat(Sequence((DECAY, to)), 3), times), after))
    schedule = resolved(tree)
    for first in (0, half_up(tree.length) // 3, half_up(tree.length) - 40):
        compare(tree, schedule, first, first + 40)
    assert len(list(schedule._chain.walk())) < 20


def test_a_word_around_cycles_depends_on_how_their_neighbor_is_rounded() -> None:
    """In all cycles of an inner `repeat` it stands for one value, which the outer cycle decides."""
    inner = Repeat(Line(Fraction(10007, 10000), "prev", "next"), 3)
    rise = Line(Fraction(30001, 10000), Fraction(0), Fraction(1), None)
    after = Sequence((Line(Fraction(3, 10), Fraction(1, 4), Fraction(1)), rise))
    body = Sequence((DECAY, inner, after))
    tree = Sequence((Line(Fraction(1, 3), "next", Fraction(1)), Repeat(body, 10**9)))
    schedule = resolved(tree)
    for first in (0, 10**9, half_up(tree.length) - 60):
        compare(tree, schedule, first, first + 60)
    curve = schedule.bind(0.75)
    steps = numpy.arange(10**9, 10**9 + 300)
    wanted = [schedule(int(t), base=0.75) for t in steps]
    assert curve(steps).tolist() == pytest.approx(wanted, abs=1e-12)


def test_copies_of_a_part_do_not_grow_with_the_levels() -> None:
    """Twenty levels, in each of which a word depends on how the last part is rounded."""
    text = "repeat(" * 20 + "const(2.51ep, 1)" + ", 2) >> exponential(0.5, length = 1.17ep)" * 20
    schedule = lrdsl.parse(text).resolve(**RUN)
    assert len(list(schedule._chain.walk())) < 400


def test_parts_that_some_cycles_do_without() -> None:
    """A part of 0.3 steps owns a step in some cycles, and what is before it is held in others."""
    text = "const(0.2ep, 1) >> repeat(repeat(linear(2.5ep, 1, 0.5) >> const(0.3ep), 3), 700000001)"
    schedule = lrdsl.parse(text).resolve(**RUN)
    cycle = Sequence(
        (Line(Fraction(5, 2), Fraction(1), Fraction(1, 2)), Line(Fraction(3, 10), "prev", "prev"))
    )
    tree = Sequence((Line(Fraction(1, 5), Fraction(1), Fraction(1)), Repeat(cycle, 2_100_000_003)))
    for first in (0, 10**9):
        compare(tree, schedule, first, first + 60)
    assert any(isinstance(block, NestBlock) for block in schedule._chain.walk())


@strategies.SOME
@given(nests(2, outer=10**6), st.integers(0, 10**9))
def test_wrapping_a_nest_changes_nothing(tree: Tree, far: int) -> None:
    """At its start, near its end, and somewhere in between."""
    assert isinstance(tree, Sequence)
    before, nest, after = map(reading.text, tree.parts)
    length = reading.written(tree.parts[1].length)
    whole = half_up(tree.length)
    stretches = [0, far * whole // 10**9, max(whole - 30, 0)]

    def curve(text: str, named: str = "") -> list[float]:
        schedule = lrdsl.parse(f"{named}{before} >> {text} >> {after}").resolve(**RUN)
        assert schedule.length == whole
        found = [schedule.values(31, first=first, base=0.75).tolist() for first in stretches]
        return [value for values in found for value in values]

    wanted = curve(nest)
    for text in (
        f"({nest}) * 1",
        f"max({nest}, {nest})",
        f"over({length}, {nest})",
        f"repeat({nest}, 1)",
        f"repeat(over({length}, ({nest}) * 1), 1)",
    ):
        assert curve(text) == pytest.approx(wanted, abs=1e-12)
    assert curve("x", f"let x = {nest}\n") == wanted
