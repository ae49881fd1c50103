"""Everything in everything: what holds of events, tables of sizes, cuts and cycles together."""

from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import lrdsl
from lrdsl import Schedule, arrays
from lrdsl.schedule.bound import array_curve
from tests import strategies
from tests.oracles.closeness import assert_close
from tests.oracles.loops import half_up

STEPS = 430
RUN: dict[str, Any] = {"total": 400, "steps_per_epoch": 10}
happened = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 420))
heads = st.sampled_from([*strategies.TABLES, "run 1st = 1.7tok"])


def resolved(text: str) -> Schedule:
    """The schedule of a text; none that this run is too short for."""
    try:
        return lrdsl.parse(text).resolve(**RUN)
    except lrdsl.LrsError as error:
        assert all(d.span is not None for d in error.diagnostics)
        # A cut, a share of a cycle, or a side may be too short for what was drawn for it.
        assume(False)
        raise


def values(schedule: Schedule) -> list[float]:
    return [schedule(t) for t in range(STEPS)]


@strategies.SOME
@given(heads, strategies.eventful(), happened)
def test_every_reading_after_every_event(head: str, body: str, events: dict[str, int]) -> None:
    schedule = resolved(f"{head}\n{body}")
    own = {event.key: events[event.key] for event in schedule.events if event.key in events}
    after = schedule.after(own)
    wanted = values(after)
    assert_close(after.values(STEPS).tolist(), wanted)
    assert_close(array_curve(after, arrays.find(np))(np.arange(STEPS)).tolist(), wanted)
    assert_close(after.values(70, first=31).tolist(), wanted[31:101])
    assert values(pickle.loads(pickle.dumps(after))) == wanted


@strategies.SOME
@given(heads, strategies.eventful(), happened)
def test_nothing_before_an_event_knows_of_it(head: str, body: str, events: dict[str, int]) -> None:
    schedule = resolved(f"{head}\n{body}")
    own = {event.key: events[event.key] for event in schedule.events if event.key in events}
    after = values(schedule.after(own))
    for name, step in own.items():
        others = {other: at for other, at in own.items() if other != name}
        assert values(schedule.after(others))[:step] == after[:step]


@strategies.SOME
@given(heads, strategies.schedules | strategies.eventful())
def test_the_canonical_text_is_the_same_curve(head: str, body: str) -> None:
    program = lrdsl.parse(f"{head}\n{body}")
    again = lrdsl.parse(str(program))
    assert str(again) == str(program)
    assert values(resolved(str(program))) == values(resolved(f"{head}\n{body}"))


@strategies.SOME
@given(heads, strategies.schedules)
@pytest.mark.parametrize("around", ["({}) * 1", "max({0}, {0})", "skip(0, {})", "every(1, {})"])
def test_what_is_around_it_changes_nothing(around: str, head: str, body: str) -> None:
    before = "const(1ep / 4, 0.5) >> "
    plain = resolved(f"{head}\n{before}({body})")
    wrapped = resolved(f"{head}\n{before}{around.format(body)}")
    assert values(wrapped) == values(plain)


Sizes = tuple[tuple[int, ...], tuple[Fraction, ...]]
sizes = st.fractions(Fraction(1, 4), 6, max_denominator=8)
tables = st.lists(st.integers(1, 30), max_size=4, unique=True).flatmap(
    lambda starts: st.tuples(
        st.just(tuple(sorted(starts))),
        st.lists(sizes, min_size=len(starts) + 1, max_size=len(starts) + 1).map(tuple),
    )
)


def position(table: Sizes, start: Fraction, tokens: Fraction) -> Fraction:
    """Where so many tokens from a place on are reached, going from step to step."""
    starts, each = table
    place = start
    while tokens > 0:
        size = each[sum(place >= milestone for milestone in starts)]
        stop = Fraction(int(place) + 1)
        if (stop - place) * size >= tokens:
            return place + tokens / size
        tokens -= (stop - place) * size
        place = stop
    return place


@strategies.SOME
@given(tables, st.lists(st.tuples(st.booleans(), st.fractions(0, 30, max_denominator=7)),
                        min_size=1, max_size=6))  # fmt: skip
def test_lengths_in_tokens_step_by_step(table: Sizes, lengths: list[tuple[bool, Fraction]]) -> None:
    """Parts in tokens and in epochs of one step, of any fraction, one after another."""
    starts, each = table
    written = ", ".join(f"{size.numerator}tok / {size.denominator}" for size in each)
    parts, wanted = [], [0]
    place = Fraction()
    for in_tokens, length in lengths:
        place = position(table, place, length) if in_tokens else place + length
        wanted.append(half_up(place))
        unit = "tok" if in_tokens else "ep"
        parts.append(f"const({length.numerator}{unit} / {length.denominator}, {len(wanted)})")
    text = f"run 1ep = 1st, 1st = stairs([{', '.join(map(str, starts))}], [{written}])\n"
    schedule = lrdsl.parse(text + " >> ".join(parts)).resolve()
    assert schedule.length == wanted[-1]
    for number, (first, last) in enumerate(pairwise(wanted), start=2):
        assert [schedule(t) for t in range(first, last)] == [number] * (last - first)
