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
    if draw(st.integers(0, 2)) == 0 and all_long(body):
        return replace(found, stretch=Fraction(3, 2))
    return found


def all_long(tree: Tree) -> bool:
    """Whether cycles and stretches in a tree stay long enough if they grow."""
    return not isinstance(tree, Line)


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
    curve = schedule.array_curve(numpy, base=base)
    assert curve(numpy.arange(last)).tolist() == pytest.approx(values, abs=1e-12)
