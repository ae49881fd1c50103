"""The first step at which two schedules differ, however far away it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.schedule import difference
from lrdsl.schedule.difference import first_difference
from tests import strategies

FAR = 10**15


def differ(old: str, new: str, last: int, base: float = 0.1) -> int | None:
    return first_difference(lrdsl.parse(old).resolve(), lrdsl.parse(new).resolve(), base, last)


@strategies.SOME
@given(strategies.programs(), strategies.programs(), st.sampled_from([0, 1, 7, 50, 450]))
def test_it_is_what_a_loop_finds(old: str, new: str, last: int) -> None:
    one = lrdsl.parse(old).resolve(**strategies.RUN)
    other = lrdsl.parse(new).resolve(**strategies.RUN)
    pairs = [(one(t, base=0.1), other(t, base=0.1)) for t in range(last + 1)]
    peak = max(map(max, pairs))
    unlike = [t for t, (a, b) in enumerate(pairs) if abs(a - b) > 1e-11 * peak]
    found = first_difference(one, other, 0.1, last)
    # What lies between is a matter of rounding.
    alike = [t for t, (a, b) in enumerate(pairs) if abs(a - b) <= 1e-13 * peak]
    assert found not in alike
    assert (found is not None and found <= unlike[0]) if unlike else True


@strategies.SOME
@given(strategies.programs(), strategies.programs(), st.sampled_from([1e-4, 0.01, 0.1]))
def test_a_gap_is_what_a_loop_finds(old: str, new: str, gap: float) -> None:
    one = lrdsl.parse(old).resolve(**strategies.RUN)
    other = lrdsl.parse(new).resolve(**strategies.RUN)
    gaps = [abs(one(t, base=0.1) - other(t, base=0.1)) for t in range(101)]
    found = first_difference(one, other, 0.1, 100, gap)
    unlike = [t for t, apart in enumerate(gaps) if apart > gap * (1 + 1e-9)]
    alike = {t for t, apart in enumerate(gaps) if apart <= gap * (1 - 1e-9)}
    assert found not in alike
    assert (found is not None and found <= unlike[0]) if unlike else True


def test_constants_that_are_close_are_not_looked_at() -> None:
    one, other = (lrdsl.parse(f"const(value = {value})").resolve() for value in (0.1, 0.101))
    assert first_difference(one, other, 0.1, FAR, 0.01) is None
    assert not difference.is_sampled(one, other, 0.1, FAR, 0.01)
    assert first_difference(one, other, 0.1, FAR, 0.0001) == 0


@strategies.SOME
@given(strategies.programs())
def test_a_schedule_does_not_differ_from_itself(text: str) -> None:
    schedule = lrdsl.parse(text).resolve(**strategies.RUN)
    again = lrdsl.parse(text, name="again").resolve(**strategies.RUN)
    assert first_difference(schedule, again, 0.1, FAR) is None


LONG = {
    "a part in the far past": ("const(1000) >> {}", "const(1000) >> const(5, 0.3) >> {}", 1000),
    "nothing": ("{}", "{}", None),
    "the end": ("{} >> const", "{} >> const(5, 0.3)", 10**12),
}
BODIES = ["linear(1000B)", "cosine(1000B) * step(7, 0.9, start = 1)", "max(cosine(1000B), 0.01)"]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", LONG)
def test_what_is_made_alike_is_not_evaluated(name: str, body: str) -> None:
    old, new, wanted = LONG[name]
    start = time.process_time()
    assert differ(old.format(body), new.format(body), FAR) == wanted
    assert time.process_time() - start < 20


def test_it_says_whether_it_looks_everywhere() -> None:
    def sampled(old: str, new: str) -> bool:
        one, other = lrdsl.parse(old).resolve(), lrdsl.parse(new).resolve()
        return difference.is_sampled(one, other, 0.1, FAR)

    assert not sampled("cosine(1000B)", "cosine(1000B)")
    assert not sampled("const(5) >> linear(1M)", "const(5) >> cosine(1M)")
    # What is cut, held or read on a clock is what it is cut from.
    assert not sampled("cosine(1000B)", "until(1000B, cosine(1000B))")
    assert not sampled("const", 'until(signal("c"), const)')
    assert not sampled('until(signal("c"), linear(9))', 'until(signal("d"), linear(9)) >> const')
    assert not sampled("const", "every(10, const)")
    assert not sampled("const", "run clock = tok, 1st = 4tok  const")
    assert sampled("linear(2M)", "cosine(2M)")
    assert sampled("skip(1, linear(2M + 1))", "linear(2M)")
    assert sampled("exponential(0.9)", "natural_exponential(0.1)")


def test_both_may_be_left_alone() -> None:
    schedule = lrdsl.parse("const(5) >> linear(5)").resolve()
    assert first_difference(None, schedule, 0.1, 100) == 6
    assert first_difference(schedule, None, 0.1, 5) is None
    assert first_difference(None, None, 0.1, FAR) is None


def test_a_base_may_hide_a_difference() -> None:
    assert differ("linear(9)", "linear(9, 0.1)", FAR, base=0.1) is None
    assert differ("linear(9)", "linear(9, 0.1)", FAR, base=0.2) == 0


def test_roundings_are_no_difference() -> None:
    assert differ("cosine(1000)", "shape c(n: steps) = base * (1 + cos(pi * t / n)) / 2\n"
                  "over(1000, c(1000))", 1000) is None  # fmt: skip
    assert differ("const(value = 0.1)", "const(value = 0.1 + 1e-10)", 9) == 0


def test_stretches_that_are_too_long_are_looked_at_in_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(difference, "EVERY", 1000)
    old, new = "linear(1000B) * 1", "linear(1000B) * step(900B, 0.5, start = 1)"
    found = differ(old, new, FAR)
    assert found is not None
    assert 900 * 10**9 <= found <= 1000 * 10**9
    assert differ(old, new, 899 * 10**9) is None
