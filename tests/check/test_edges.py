"""Exactly as much as is allowed, and one more."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl import limits
from tests.texts import chain, layers


def program(count: int) -> str:
    return "".join(f"lr[{i}]: const\n" for i in range(count))


def test_as_many_as_are_allowed() -> None:
    assert len(lrdsl.parse(program(limits.TARGETS)).targets) == limits.TARGETS


def test_one_more() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(program(limits.TARGETS + 1))
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line) == ("too-many-parts", limits.TARGETS + 1)
    assert found.message == "the program drives more than 1,000 things"
    assert found.help == 'a pattern selects many groups at once: `lr["layer.*"]:`'


def parts(*counts: int) -> str:
    return "\n".join(f"lr[{i}]: {chain('const(1)', count)}" for i, count in enumerate(counts))


def test_as_many_parts_as_are_allowed_in_all() -> None:
    half = limits.PARTS // 2
    assert len(lrdsl.parse(parts(half, limits.PARTS - half)).targets) == 2


def test_one_part_more() -> None:
    half = limits.PARTS // 2
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(parts(half, half, 1))
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line) == ("too-many-parts", 3)
    assert found.message == "the schedules of this program have more than 5,000 parts"
    assert found.help == 'a pattern selects many groups at once: `lr["layer.*"]:`'


def halved(times: int) -> str:
    """A number in terms of one that is in terms of one, so many deep."""
    last = f"const(value = a{times})"
    return layers("let a0 = base", "let a{i} = a{j} / 2", last, times + 1)


def windowed(times: int) -> str:
    """A schedule in a schedule, so many deep."""
    return layers("let a0 = const", "let a{i} = over(10, a{j})", f"a{times}", times + 1)


def largest(count: int) -> str:
    """A formula of one operation on so many words."""
    return f"const(value = max({', '.join(['base'] * count)}))"


def sides(count: int) -> str:
    """So many schedules in one operation, each of which is compared with all before it."""
    return f"max({', '.join(['const(5)'] * count)})"


def heavy(count: int, depth: int) -> str:
    """So many parts, each with a formula of 2 ^ (depth + 1) - 1 operations and words."""
    formula = "t"
    for _ in range(depth):
        formula = f"({formula} * {formula})"
    return f"shape heavy(length: steps) = {formula}\n" + chain("heavy(1)", count)


def repeated(part: str, count: int) -> str:
    return f"let long = max({', '.join(['base'] * 300)})\n" + chain(part, count)


LISTED = "multistep([1, 2, 3, 4, 5, 6], length = 1)"
GUARDED = "exponential(0.5, length = 1)"
LONG = "const(1, long)"

EDGES = {
    "deep": (halved(limits.DEPTH - 1), halved(limits.DEPTH)),
    "deep in schedules": (windowed(limits.DEPTH - 1), windowed(limits.DEPTH)),
    "sides": (sides(limits.DEPTH), sides(limits.DEPTH + 1)),
    "a large formula": (largest(limits.FORMULA - 1), largest(limits.FORMULA)),
    "parts": (parts(limits.PARTS), parts(limits.PARTS + 1)),
    # Beyond 256 operations a part counts for two.
    "heavy parts": (heavy(limits.PARTS // 2, 8), heavy(limits.PARTS // 2 + 1, 8)),
    # Guards and lengths are worked out for each part: they weigh more.
    "parts with lists": (
        repeated(LISTED, limits.PARTS // 3),
        repeated(LISTED, limits.PARTS // 3 + 1),
    ),
    "parts with guards": (
        repeated(GUARDED, limits.PARTS // 2),
        repeated(GUARDED, limits.PARTS // 2 + 1),
    ),
    "parts with long arguments": (
        repeated(LONG, limits.PARTS // 2),
        repeated(LONG, limits.PARTS // 2 + 1),
    ),
    "parts that are not heavy": (heavy(limits.PARTS // 2 + 1, 7), heavy(limits.PARTS + 1, 7)),
}
TOLD = {
    "deep": "definitions nest this more than 100 deep",
    "deep in schedules": "definitions nest this more than 100 deep",
    "sides": "definitions nest this more than 100 deep",
    "a large formula": "this expands to a formula of 10,001 operations",
    "parts": "this expands to 5,001 parts; the limit is 5,000",
    "heavy parts": "this expands to 5,002 parts; the limit is 5,000",
    "parts with lists": "this expands to 5,001 parts; the limit is 5,000",
    "parts with guards": "this expands to 5,002 parts; the limit is 5,000",
    "parts with long arguments": "this expands to 5,002 parts; the limit is 5,000",
    "parts that are not heavy": "this expands to 5,001 parts; the limit is 5,000",
}


@pytest.mark.parametrize("case", EDGES)
def test_at_the_edge_and_beyond(case: str) -> None:
    within, beyond = EDGES[case]
    assert lrdsl.parse(within).resolve()(0) >= 0
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(beyond)
    assert [d.message for d in caught.value.diagnostics] == [TOLD[case]]


@pytest.mark.parametrize("keyword", ["let", "param"])
def test_a_long_row_of_definitions_is_not_deep(keyword: str) -> None:
    later = f"{keyword} a{{i}} = a{{j}} + 1"
    text = layers(f"{keyword} a0 = 1", later, "const(value = a1999)", 2000)
    assert lrdsl.parse(text).resolve()(0) == 2000
