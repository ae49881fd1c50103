"""What holds for every schedule, whatever it is made of."""

from __future__ import annotations

import math
import operator

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl import Schedule
from tests import strategies
from tests.oracles.closeness import assert_close

bases = st.sampled_from([1.0, 0.1, 3.7, 0.0])
# Past the run of the strategies, and past every length they draw.
FAR = [10**5, 10**9, 10**12, 10**15]


def resolved(text: str) -> Schedule:
    return lrdsl.parse(text).resolve(**strategies.RUN)


@strategies.SOME
@given(strategies.programs(), bases)
def test_values_are_rates(text: str, base: float) -> None:
    schedule = resolved(text)
    values = [schedule(t, base=base) for t in [*range(450), *FAR]]
    assert all(type(value) is float and 0.0 <= value < math.inf for value in values)


@strategies.SOME
@given(strategies.programs(), bases)
def test_the_array_is_the_curve(text: str, base: float) -> None:
    schedule = resolved(text)
    found = schedule.values(450, base=base)
    assert found.dtype == numpy.float64
    assert_close(found, [schedule(t, base=base) for t in range(450)])


@strategies.SOME
@given(strategies.programs(), bases, st.integers(0, 300), st.integers(0, 300))
def test_the_array_starts_the_same_however_long_it_is(
    text: str, base: float, short: int, more: int
) -> None:
    schedule = resolved(text)
    longer = schedule.values(short + more, base=base)
    assert schedule.values(short, base=base).tolist() == longer[:short].tolist()


@strategies.SOME
@given(strategies.programs(), bases)
def test_parts_lie_end_to_end(text: str, base: float) -> None:
    schedule = resolved(text)
    step = 0
    for part in schedule.parts_at(base):
        assert type(part.start_step) is int
        assert part.start_step == step
        assert part.length > 0 or schedule.length == 0
        assert part.start_value == schedule(step, base=base)
        step += int(min(part.length, 10**9))
    assert schedule.length in {step, math.inf}


@strategies.SOME
@given(strategies.programs(), bases, st.integers(0, 10**15))
def test_after_the_end_nothing_changes(text: str, base: float, more: int) -> None:
    schedule = resolved(text)
    if schedule.length < math.inf:
        end = int(schedule.length)
        assert schedule(end + more, base=base) == schedule(end, base=base)
        assert schedule.parts_at(base)[-1].end_value == schedule(end, base=base)


@strategies.SOME
@given(strategies.programs(), st.sampled_from([0.25, 2.0]))
def test_absolute_and_proportional_curves_are_that(text: str, base: float) -> None:
    schedule = resolved(text)
    at_1, at_base = schedule.values(100, base=1.0), schedule.values(100, base=base)
    if schedule.is_absolute:
        assert at_base.tolist() == at_1.tolist()
    if schedule.is_proportional:
        assert_close(at_base, at_1 * base)


@strategies.SOME
@given(st.lists(strategies.calls(), min_size=3, max_size=3), bases)
def test_sequences_are_associative(parts: list[str], base: float) -> None:
    a, b, c = parts
    left, right = resolved(f"(({a}) >> {b}) >> {c}"), resolved(f"{a} >> ({b} >> ({c}))")
    assert left.parts_at(base)[0].start_step == 0
    assert [s.start_step for s in left.parts] == [s.start_step for s in right.parts]
    assert left.values(450, base=base).tolist() == right.values(450, base=base).tolist()


@strategies.SOME
@given(strategies.schedules, bases)
def test_parentheses_mean_nothing(text: str, base: float) -> None:
    plain, grouped = resolved(text), resolved(f"(({text}))")
    assert grouped.length == plain.length
    assert grouped.values(450, base=base).tolist() == plain.values(450, base=base).tolist()


@strategies.SOME
@given(strategies.calls(plain=True), strategies.calls(), bases, st.sampled_from("*+"))
def test_products_and_sums_are_order_free(a: str, b: str, base: float, op: str) -> None:
    one, other = resolved(f"{a} {op} {b}"), resolved(f"{b} {op} {a}")
    assert one.length == other.length
    assert one.values(100, base=base).tolist() == other.values(100, base=base).tolist()


@strategies.SOME
@given(strategies.calls(plain=True), strategies.calls(plain=True), st.sampled_from("*+"))
def test_sides_are_what_they_are_alone(a: str, b: str, op: str) -> None:
    """Step by step, each held at its end: numbers in, numbers out."""
    one, other = resolved(a), resolved(b)
    both = resolved(f"{a} {op} {b}")
    assert both.length == max(one.length, other.length)
    together = {"*": operator.mul, "+": operator.add}[op]
    assert [both(t) for t in range(60)] == [together(one(t), other(t)) for t in range(60)]


@strategies.SOME
@given(strategies.calls(plain=True), strategies.calls(plain=True))
def test_parts_are_what_they_are_alone(a: str, b: str) -> None:
    """A part that refers to nothing outside is the same on its own clock."""
    one, other = resolved(a), resolved(b)
    both = resolved(f"{a} >> {b}")
    first = int(one.length)
    assert both.length == one.length + other.length
    assert [both(t) for t in range(first)] == [one(t) for t in range(first)]
    assert [both(first + t) for t in range(60)] == [other(t) for t in range(60)]


ENDS = {
    "cosine": "cosine(7, 0.3, 0.01)",
    "linear": "linear(7, 0.3, 0.01)",
    "poly": "poly(7, 0.3, 0.01, power = 3)",
    "warmup": "warmup(7, 0.3, 0.01)",
    "eased": "warmup(7, 0.3, 0.01, ease = half_cosine)",
}


@pytest.mark.parametrize("case", ENDS)
@pytest.mark.parametrize("length", [1, 2, 3, 7, 10, 99, 1000, 10**6, 10**9, 10**15])
def test_transitions_hit_both_ends_exactly(case: str, length: int) -> None:
    text = ENDS[case].replace("7", str(length), 1)
    schedule = lrdsl.parse(f"{text} >> const").resolve()
    found = [schedule(t) for t in (0, length, length + 1, 2**53)]
    assert found == [0.3, 0.01, 0.01, 0.01]
    assert lrdsl.parse(text).resolve()(2**53) == 0.01


@pytest.mark.parametrize("case", ENDS)
def test_transitions_never_leave_the_range_between_their_ends(case: str) -> None:
    values = lrdsl.parse(ENDS[case].replace("7", "1_000", 1)).resolve().values(1100)
    assert ((values[:-1] - values[1:]) >= 0).all()
    assert (values.min(), values.max()) == (0.01, 0.3)


@pytest.mark.parametrize("far", [10**9, 10**12, 10**15])
def test_near_its_end_a_cosine_loses_no_digits(far: int) -> None:
    """`1 + cos` would be 0 here; the square of a sine is not."""
    schedule = lrdsl.parse(f"cosine({far}, 1, 0)").resolve()
    assert schedule(far - 1) == pytest.approx((math.pi / 2 / far) ** 2, rel=1e-12)
