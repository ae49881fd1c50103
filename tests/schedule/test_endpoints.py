"""``prev`` and ``next`` against values worked out by a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from tests import strategies

# A text, and the value at the start of each of its parts and at its end, for a base of 8.
WORDS: dict[str, tuple[str, list[float]]] = {
    "nothing-before": ("const(1)", [8, 8]),
    "nothing-after": ("const(1, next)", [8, 8]),
    "forwards": ("const(1, 4) >> const(1) >> const(1)", [4, 4, 4, 4]),
    "backwards": ("const(1, next) >> const(1, next) >> const(1, 4)", [4, 4, 4, 4]),
    "halved-each-time": ("const(1, prev / 2) >> const(1, prev / 2)", [4, 2, 2]),
    "doubled-each-time": ("const(1, 2 * next) >> const(1, 2 * next)", [32, 16, 16]),
    "circle-of-two": ("const(1, next) >> const(1, prev)", [8, 8, 8]),
    "circle-scaled": ("const(1, next / 2) >> const(1, prev / 2)", [4, 4, 4]),
    "circle-and-a-way-out": ("const(1, next) >> const(1, prev) >> const(1, 2)", [8, 8, 2, 2]),
    "circle-of-itself": ("linear(1, next, prev) >> linear(1, next, prev)", [8, 8, 8]),
    "warmup-to-warmup": ("warmup(2, 1) >> warmup(2, 4)", [1, 4, 8]),
    "through-a-product": ("const(1, 2) >> const(1, prev) * 2 >> const(1)", [2, 4, 4, 4]),
    "through-max": ("const(1, 2) >> max(linear(2), 1) >> const(1)", [2, 2, 1, 1]),
    "number-side": ("const(1, 2) >> linear(2, 1, 0.5) * prev >> const(1)", [2, 2, 1, 1]),
    "through-over": ("over(2, const(1, 4)) >> over(2, const(1)) >> const(1)", [4, 4, 4, 4]),
    "through-repeat": ("const(1, 4) >> repeat(linear(2, prev, 1), 2) >> const(1)", [4, 4, 1, 1]),
    "next-of-repeat": ("const(1, next) >> repeat(linear(2, 4, 1), 2)", [4, 4, 1]),
    "repeat-to-what-follows": ("repeat(linear(2, 4, next), 2) >> const(1, 6)", [4, 6, 6]),
    "repeat-in-a-circle": ("repeat(linear(2, 4, next), 2) >> const(1)", [4, 8, 8]),
    "mentioned-in-a-list": ("points([0, 1], [next, 0]) >> const(1)", [8, 8, 8]),
    "not-mentioned-at-its-end": ("linear(1, next, 0) >> const(1)", [0, 0, 0]),
    "mentioned-for-nothing": ("const(1, 4 + 0 * next) >> const(1)", [4, 8, 8]),
    "passed-on": ("const(1, 2) >> warmup(1, prev, next) >> linear(1, 4, prev / 2)", [2, 2, 4, 2]),
    "in-every-cycle": ("linear(3, base, next / 4) >> repeat(const(2), 3, stretch = 2)", [8, 8, 8]),
}


@pytest.mark.parametrize("case", WORDS)
def test_values_at_boundaries(case: str) -> None:
    text, wanted = WORDS[case]
    schedule = lrdsl.parse(text).resolve()
    steps = [part.start_step for part in schedule.parts]
    assert [schedule(t, base=8.0) for t in [*steps, int(schedule.length)]] == wanted


@strategies.SOME
@given(st.lists(st.sampled_from(["prev", "next", "0.5", "2", "base"]), min_size=1, max_size=8))
def test_levels_against_a_walk(words: list[str]) -> None:
    """Follow the words from constant to constant until a number, an end, or a circle."""
    text = " >> ".join(f"const(1, {word})" for word in words)
    schedule = lrdsl.parse(text).resolve()

    def level(i: int) -> float:
        seen = set()
        while i not in seen:
            seen.add(i)
            if not 0 <= i < len(words) or words[i] == "base":
                return 8.0
            if words[i] not in {"prev", "next"}:
                return float(words[i])
            i += 1 if words[i] == "next" else -1
        return 8.0

    assert [schedule(t, base=8.0) for t in range(len(words))] == [
        level(i) for i in range(len(words))
    ]


def test_a_long_chain_of_words() -> None:
    text = "const(1, 0.5)" + " >> const(1)" * 3000
    schedule = lrdsl.parse(text).resolve()
    assert [schedule(t) for t in (0, 1, 1500, 3000, 4000)] == [0.5] * 5
