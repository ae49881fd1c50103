"""``until``, ``skip`` and ``every``: against a slow reading of the rules, in any combination."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st

import lrdsl
from lrdsl.schedule.difference import first_difference
from tests import strategies
from tests.oracles import reading
from tests.oracles.loops import half_up
from tests.oracles.reading import Every, Line, Repeat, Sequence, Sides, Skip, Tree, Until

RUN: dict[str, Any] = {"steps_per_epoch": 1}
BASE = Fraction(3, 4)

lengths = st.tuples(st.integers(1, 40), st.sampled_from([1, 1, 2, 3, 10])).map(
    lambda x: Fraction(*x)
)
numbers = st.integers(0, 8).map(lambda n: Fraction(n, 8))


@st.composite
def lines(draw: st.DrawFn, word: str) -> Line:
    worded = numbers | st.just(word) if word else numbers
    start, end = draw(worded), draw(worded)
    if draw(st.integers(0, 3)) == 0:
        return Line(draw(lengths), start, draw(numbers), Fraction(1, 2))
    return Line(draw(lengths), start, end)


@st.composite
def trees(draw: st.DrawFn, word: str, depth: int) -> Tree:
    """A tree of at most so many levels, with combinators in any order."""
    if not depth:
        return draw(lines(word))
    body = draw(trees(word, depth - 1))
    kind = draw(st.sampled_from(["until", "skip", "every"] * 2 + ["sequence", "sides", "repeat"]))
    if kind == "sequence":
        other = draw(lines(word))
        return Sequence((body, other) if draw(st.booleans()) else (other, body))
    if kind == "sides":
        op = draw(st.sampled_from(["max", "min"] if word else ["max", "min", "*"]))
        return Sides(op, (body, draw(trees(word, depth - 1))))
    if kind == "until":
        return Until(draw(lengths), body)
    if kind == "skip":
        return Skip(body.length * draw(st.integers(0, 15)) / 16, body)
    if kind == "every":
        return Every(1 + draw(lengths) / 8, body)
    if body.length < 1:
        body = Sequence((body, Line(Fraction(5, 3), draw(numbers), draw(numbers))))
    decay = draw(st.sampled_from([Fraction(1), Fraction(1, 2)]))
    found = Repeat(body, draw(st.integers(1, 4)), decay)
    if draw(st.integers(0, 2)) == 0:
        return replace(found, stretch=Fraction(3, 2))
    return found


@st.composite
def programs(draw: st.DrawFn) -> Tree:
    """A tree after something that ends between two steps, and before a line."""
    word = draw(st.sampled_from(["", "prev", "next"]))
    body = draw(trees(word, draw(st.integers(1, 4))))
    before = Line(draw(lengths) + 1, draw(numbers), "next" if word == "next" else draw(numbers))
    after = Line(draw(lengths) + 1, "prev" if word == "prev" else draw(numbers), draw(numbers))
    return Sequence((before, body, after))


def wanted(tree: Tree, t: int) -> float:
    try:
        return float(reading.value(tree, Fraction(), t, lambda: BASE, lambda: BASE))
    except reading.Circle:
        reject()


@strategies.SOME
@given(programs())
@example(
    Sequence(
        (
            Line(Fraction(1, 2), Fraction(1), Fraction(1)),
            Every(
                Fraction(5, 2), Skip(Fraction(3, 2), Line(Fraction(10), Fraction(1), Fraction(0)))
            ),
        )
    )
)
def test_every_step_of_a_program(tree: Tree) -> None:
    """By steps, as an array of values, and as a function of an array."""
    assume(tree.length < 2_000)
    try:
        schedule = lrdsl.parse(reading.text(tree)).resolve(**RUN)
    except lrdsl.LrsError as error:
        assert [d.slug for d in error.diagnostics] == ["too-many-parts"]
        reject()
    length, base = half_up(tree.length), float(BASE)
    assert schedule.length == length
    last = min(length + 2, 300)
    values = [wanted(tree, min(t, length)) for t in range(last)]
    assert [schedule(t, base=base) for t in range(last)] == pytest.approx(values, abs=1e-12)
    assert schedule.values(last, base=base).tolist() == pytest.approx(values, abs=1e-12)
    curve = schedule.bind(base)
    assert curve(numpy.arange(last)).tolist() == pytest.approx(values, abs=1e-12)


@st.composite
def in_cycles(draw: st.DrawFn) -> Tree:
    """Combinators in a billion cycles of a fraction of a step, beside cycles of another one."""
    word = draw(st.sampled_from(["", "prev", "next"]))
    combined = draw(trees(word, draw(st.integers(1, 2))))
    inner = Repeat(
        Line(1 + draw(lengths) / 4, draw(numbers), draw(numbers)), draw(st.integers(1, 4))
    )
    parts = [combined, inner, draw(lines(word))]
    body = Sequence(tuple(draw(st.permutations(parts))))
    before = Line(draw(lengths), draw(numbers), "next" if word == "next" else draw(numbers))
    after = Line(draw(lengths), "prev" if word == "prev" else draw(numbers), draw(numbers))
    return Sequence((before, Repeat(body, draw(st.integers(10**9 - 9, 10**9))), after))


@strategies.SOME
@given(in_cycles(), st.integers(0, 10**9))
def test_any_step_in_a_billion_cycles(tree: Tree, far: int) -> None:
    try:
        schedule = lrdsl.parse(reading.text(tree)).resolve(**RUN)
    except lrdsl.LrsError as error:  # laid out cycle by cycle, which is too much work for some
        assert [d.slug for d in error.diagnostics] == ["too-many-parts"]
        reject()
    length, base = half_up(tree.length), float(BASE)
    assert schedule.length == length
    for first in (0, far, length - 12):
        values = [wanted(tree, t) for t in range(first, first + 12)]
        found = [schedule(t, base=base) for t in range(first, first + 12)]
        assert found == pytest.approx(values, abs=1e-12)
        array = schedule.values(12, first=first, base=base)
        assert array.tolist() == pytest.approx(values, abs=1e-12)


# Programs that mean the same in a run of 120 steps.
ALIKE = [
    ("warmup(10) >> until(40, linear) >> linear(20)",
     "warmup(10) >> until(40, linear(110)) >> linear(20)"),
    ("warmup(10) >> (until(40, linear) * 0.5) >> linear(20)",
     "warmup(10) >> (until(40, linear(110)) * 0.5) >> linear(20)"),
    ("warmup(10) >> until(40, const(20) >> linear) >> linear(20)",
     "warmup(10) >> until(40, const(20) >> linear(90)) >> linear(20)"),
    ("warmup(10) >> until(40, until(50, linear)) >> linear(20)",
     "warmup(10) >> until(40, linear(110)) >> linear(20)"),
    ("until(300, cosine) >> linear(20, 1)", "cosine(120) >> linear(20, 1)"),
    ("const(20) >> max(until(300, cosine), 0.1) >> linear(20, 1)",
     "const(20) >> max(cosine(100), 0.1) >> linear(20, 1)"),
    ("over(60, const(20) >> until(10, linear) >> const)",
     "over(60, const(20) >> until(10, linear(40)) >> const)"),
    ("over(50%, const(25%) >> until(25%, linear) >> const)",
     "over(60, const(15) >> until(15, linear(45)) >> const)"),
    ("repeat(until(10, linear) >> const, 4)", "repeat(until(10, linear(30)) >> const, 4)"),
    ("repeat(const(5) >> until(10, linear) >> const, 2, stretch = 2)",
     "repeat(const(5) >> until(10, linear(35)) >> const, 2, stretch = 2)"),
    ("repeat(until(10, const) >> linear(5), 4)", "repeat(const(10) >> linear(5), 4)"),
    ("const(20) >> skip(10, linear)", "const(20) >> skip(10, linear(110))"),
    ("const(20) >> skip(10, const(20) >> linear) >> const(20)",
     "const(20) >> skip(10, const(20) >> linear(70)) >> const(20)"),
    ("const(20) >> skip(10, until(40, linear)) >> linear(20)",
     "const(20) >> skip(10, until(40, linear(110))) >> linear(20)"),
    ("const(20) >> until(40, skip(10, linear)) >> linear(20)",
     "const(20) >> until(40, skip(10, linear(110))) >> linear(20)"),
    ("const(20) >> every(7, linear) >> const(20)",
     "const(20) >> every(7, linear(80)) >> const(20)"),
    ("const(20) >> every(7, until(300, linear)) >> const(20)",
     "const(20) >> every(7, linear(100)) >> const(20)"),
    ("every(7, skip(5%, linear)) * (const(50%, 1) >> linear)",
     "every(7, skip(6, linear(126))) * (const(60, 1) >> linear(60))"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "other"), ALIKE)
def test_a_rest_inside_has_the_length_that_can_be_written(text: str, other: str) -> None:
    found, wanted = (lrdsl.parse(one).resolve(total=120) for one in (text, other))
    assert found.length == wanted.length
    steps = int(min(found.length, 200)) + 2
    assert [found(t) for t in range(steps)] == [wanted(t) for t in range(steps)]
    assert found.values(steps).tolist() == wanted.values(steps).tolist()


def parts(text: str, **run: Any) -> list[tuple[str, int, float, float, float | None]]:
    """The parts inside the first one: name, first step, length, and both values."""
    (first, *_) = lrdsl.parse(text).resolve(**run).parts
    return [(p.name, p.start_step, p.length, p.start_value, p.end_value) for p in first.children]


def test_the_parts_inside_are_those_that_run() -> None:
    body = "const(4, 1) >> linear(4, 1, 0) >> const(4, 0.5)"
    assert parts(f"until(6, {body})") == [("const", 0, 4, 1, 1), ("linear", 4, 2, 1, 0.5)]
    assert parts(f"skip(6, {body})") == [("linear", 0, 2, 0.5, 0), ("const", 2, 4, 0.5, 0.5)]
    assert parts(f"skip(8, {body})") == [("const", 0, 4, 0.5, 0.5)]
    assert parts(f"every(2, {body})") == parts(f"over(12, {body})")
    assert parts(f"until(4, skip(6, {body}))") == [("skip", 0, 4, 0.5, 0.5)]


def test_the_written_length_of_a_part_is_its_own() -> None:
    text = "until(2ep, const(9)) >> until(9ep, const(9)) >> skip(1ep, const(9))"
    text += " >> every(1ep, const(9))"
    found = lrdsl.parse(text).resolve(steps_per_epoch=2).parts
    assert [part.written_length for part in found] == ["2ep", None, None, None]


def test_a_plateau_counts_while_its_part_is_shown() -> None:
    text = "until(4, const(2) >> const(9) * plateau(0.5))"
    text += " >> skip(3, const(5) >> const(9) * plateau(0.5))"
    schedule = lrdsl.parse(text).resolve()
    names = [meter.name for meter in schedule.meters]
    active = [[names.index(name) for name in schedule.active(t)] for t in range(8)]
    assert active == [[], [], [0], [0], [], [], [1], [1]]
    assert schedule(3, factors=(0.5, 0.1)) == 0.5
    assert schedule(7, factors=(0.5, 0.1)) == 0.05


@pytest.mark.parametrize(
    ("old", "new", "last", "wanted"),
    [
        ("until(40, cosine(100))", "until(50, cosine(100))", 200, 41),
        ("until(40, cosine(100)) >> linear(9)", "until(40, cosine(101)) >> linear(9)", 200, 1),
        ("skip(40, linear(100))", "skip(41, linear(101))", 200, 0),
        ("skip(40, linear(100, 1, 0))", "linear(60, 0.6, 0)", 200, None),
        ("every(10, cosine(100))", "every(5, cosine(100))", 200, 5),
        ("every(1, cosine(100))", "cosine(100)", 200, None),
        ("every(1000, cosine(1e12))", "every(1000, cosine(1e12))", 10**12, None),
    ],
)  # fmt: skip
def test_where_two_of_them_differ(old: str, new: str, last: int, wanted: int | None) -> None:
    one, other = (lrdsl.parse(text).resolve() for text in (old, new))
    assert first_difference(one, other, 1.0, last) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "until(1e15, repeat(cosine(2.5ep))) >> linear(1e6)",
        "skip(1e15, repeat(cosine(2.5ep), 1e15)) >> linear(1e6)",
        "every(1.0000001ep, cosine(1e9ep))",
        "every(1e15, cosine(1e9))",
        "every(1281167ep / 1024, warmup(5) >> cosine(1e9)) * until(1e8, const)",
        "repeat(until(2.5ep, every(1.3ep, cosine(7.7ep))), 1e9)",
        "until(0, cosine(5)) >> const(3)",
        "skip(1, " * 60 + "cosine(1000)" + ")" * 60,
        "over(1000, " + "skip(1, " * 90 + "until(500, linear)" + ")" * 91,
        "over(1000, " + "every(2, until(900, " * 40 + "linear" + "))" * 40 + ")",
        "over(1000, " + "until(900, const(1) >> " * 60 + "linear" + ")" * 61,
        "until(900, " * 90 + "cosine(1000)" + ")" * 90,
        "every(2, " * 90 + "cosine(1000)" + ")" * 90,
    ],
)
def test_large_and_deep_ones_are_answered(text: str) -> None:
    """With values that both readings agree on, or with errors."""
    try:
        schedule = lrdsl.parse(text).resolve(**RUN)
    except lrdsl.LrsError as error:
        assert error.diagnostics
        return
    length = schedule.length if schedule.length < 2**52 else 10**9
    for first in (0, int(length) // 2, max(int(length) - 10, 0)):
        scalar = [schedule(t) for t in range(first, first + 10)]
        assert schedule.values(10, first=first).tolist() == pytest.approx(scalar, abs=1e-12)


def test_too_many_layouts_are_too_much_work() -> None:
    text = "repeat(every(1.0000001ep, cosine(1e6ep)) >> repeat(const(1.0000003ep), 3), 1e6)"
    with pytest.raises(lrdsl.LrsError, match="LRS408"):
        lrdsl.parse(text).resolve(**RUN)


@pytest.mark.parametrize(
    "text",
    [
        "repeat(cosine(2000, 1), stretch = 2)",
        "repeat(cosine(2000, 1), stretch = 2) >> linear(1500, 1)",
        "repeat(linear(3000, 1)) >> linear(1000, 0.5)",
        "repeat(repeat(cosine(1500.1ep, 1), 2) >> linear(1100.3ep, 1)) >> linear(1000, 1)",
    ],
)
def test_a_last_cycle_that_is_cut_is_held_in_both_readings(text: str) -> None:
    schedule = lrdsl.parse(text).resolve(total=5_000, steps_per_epoch=1)
    end = int(schedule.length)
    first = max(0, end - 2_000)
    steps = range(first, end + 20)
    wanted = [schedule(t) for t in steps]
    assert numpy.abs(schedule.values(len(steps), first=first) - wanted).max() < 1e-15
