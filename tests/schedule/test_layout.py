"""Layout at fractional offsets: wrapping changes nothing, and every boundary is rounded once."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl import Schedule
from tests import strategies
from tests.oracles import loops

RUN: dict[str, Any] = {"steps_per_epoch": 1}

hundredths = st.integers(1, 700).map(lambda n: Fraction(n, 100))
odd = st.tuples(st.integers(1, 40), st.sampled_from([3, 7, 12])).map(lambda x: Fraction(*x))
lengths = hundredths | odd | st.integers(1, 9).map(Fraction)


def written(length: Fraction) -> str:
    """An exact length, in epochs of one step."""
    return f"{length.numerator}ep / {length.denominator}"


@st.composite
def parts(draw: st.DrawFn) -> tuple[str, Fraction]:
    """A part, and its exact length."""
    length = draw(lengths)
    n = written(length)
    text = draw(
        st.sampled_from(
            [
                f"linear({n}, 1, 0.1)",
                f"linear({n}, prev, 0.5)",
                f"warmup({n})",
                f"warmup({n}, prev, next)",
                f"cosine({n}, 0.8, next / 2)",
                f"const({n})",
                f"const({n}, 0.3)",
                f"exponential(0.9, length = {n})",
                f"multistep([1ep / 2, 5ep / 2], 0.5, length = {n})",
                f"points([0, 2, 3], [next, 0.2, prev], length = {n})",
            ]
        )
    )
    return text, length


@st.composite
def several(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> tuple[str, Fraction]:
    """What is made of others, and its exact length."""
    found = draw(st.lists(inner, min_size=2, max_size=3))
    texts = [text for text, _ in found]
    sizes = [size for _, size in found]
    first, longest = found[0], max(sizes)
    more = draw(st.integers(0, 150).map(lambda n: Fraction(n, 100)))
    options = [
        (" >> ".join(texts), sum(sizes, Fraction())),
        (f"max({', '.join(texts)})", longest),
        (f"({texts[0]}) * {draw(st.sampled_from(['0.5', 'const(value = 2)']))}", first[1]),
        (f"over({written(first[1] + more)}, {first[0]})", first[1] + more),
        (f"over({written(first[1] + more)}, {first[0]} >> linear)", first[1] + more),
    ]
    if first[1] >= 1:
        times = draw(st.integers(1, 4))
        options.append((f"repeat({texts[0]}, {times}, decay = 0.5)", first[1] * times))
        options.append((f"over({written(4 * first[1])}, repeat({texts[0]}))", 4 * first[1]))
        if first[1] < 20:
            stretched = first[1] * (Fraction(3, 2) ** times - 1) * 2
            options.append((f"repeat({texts[0]}, {times}, stretch = 1.5)", stretched))
    chosen: tuple[str, Fraction] = draw(st.sampled_from(options))
    return chosen


schedules = st.recursive(parts(), several, max_leaves=5)


def around(before: Fraction, text: str, after: str) -> Schedule:
    return lrdsl.parse(f"linear({written(before)}, 2, next) >> {text} >> {after}").resolve(**RUN)


@strategies.MANY
@given(
    schedules,
    st.integers(0, 400).map(lambda n: Fraction(n, 100)) | odd,
    st.sampled_from(["const(2)", "const(3ep, 0.4)", "warmup(5ep / 2)", "cosine(3ep, 0.7)"]),
)
def test_wrapping_changes_nothing(
    drawn: tuple[str, Fraction], before: Fraction, after: str
) -> None:
    text, length = drawn
    plain = around(before, f"({text})", after)
    whole = int(plain.length) + 3
    wanted = plain.values(whole, base=0.6)
    wraps = [
        f"({text}) * 1",
        f"max({text}, {text})",
        f"over({written(length)}, {text})",
        f"({text}) / (const(value = 1))",
    ]
    if length >= 1:
        wraps.append(f"repeat({text}, 1)")
    for wrapped in wraps:
        found = around(before, wrapped, after)
        assert found.length == plain.length
        assert found.values(whole, base=0.6).tolist() == pytest.approx(wanted.tolist(), abs=1e-12)
        scalar = [found(t, base=0.6) for t in range(whole)]
        assert scalar == pytest.approx(wanted.tolist(), abs=1e-12)
    named = lrdsl.parse(
        f"let x = {text}\nlinear({written(before)}, 2, next) >> x >> {after}"
    ).resolve(**RUN)
    assert named.values(whole, base=0.6).tolist() == wanted.tolist()


Leaves = list[tuple[Fraction, int]]


@st.composite
def staircases(draw: st.DrawFn, depth: int = 3) -> tuple[str, Leaves]:
    """A tree of constants, and its exact lengths and values, cycle by cycle."""
    kind = draw(st.sampled_from(["part", "sequence", "over", "repeat"])) if depth else "part"
    if kind == "part":
        length, value = draw(lengths), draw(st.integers(0, 9))
        return f"const({written(length)}, {value})", [(length, value)]
    if kind == "sequence":
        found = draw(st.lists(staircases(depth - 1), min_size=2, max_size=3))
        return " >> ".join(text for text, _ in found), [x for _, leaves in found for x in leaves]
    text, leaves = draw(staircases(depth - 1))
    total = sum((length for length, _ in leaves), Fraction())
    if kind == "over" or total < 1:
        rest = draw(st.integers(0, 300).map(lambda n: Fraction(n, 100)))
        return f"over({written(total + rest)}, {text} >> const(value = 9))", [*leaves, (rest, 9)]
    times = draw(st.integers(1, 9))
    return f"repeat({text}, {times})", leaves * times


@strategies.MANY
@given(staircases(), st.integers(0, 300).map(lambda n: Fraction(n, 100)))
def test_every_boundary_is_the_nearest_step(drawn: tuple[str, Leaves], before: Fraction) -> None:
    """Counted from the start of the schedule, through all that is around it."""
    text, leaves = drawn
    schedule = lrdsl.parse(f"const({written(before)}, 7) >> {text}").resolve(**RUN)
    leaves = [(before, 7), *leaves]
    bounds = loops.boundaries(length for length, _ in leaves)
    wanted: list[int] = []
    for (_, value), (start, stop) in zip(leaves, pairwise(bounds), strict=True):
        wanted += [value] * (stop - start)
    assert schedule.length == len(wanted)
    assert [schedule(t) for t in range(len(wanted))] == wanted
    assert schedule.values(len(wanted)).tolist() == wanted
