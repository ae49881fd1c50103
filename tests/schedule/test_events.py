"""Events: against a slow second reading of the rules, and what they have in common."""

from __future__ import annotations

import copy
import math
import pickle
import sys
from collections.abc import Callable
from fractions import Fraction
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl import Program, Resolved, arrays
from lrdsl.schedule.bound import array_curve
from tests.oracles.closeness import assert_close
from tests.strategies import SOME

# A part: its signal if an event ends it, its length in tenths of a step, its ends in eighths.
Line = tuple[str | None, int, int, int]
lines = st.lists(
    st.tuples(
        st.sampled_from([None, "a", "b"]),
        st.integers(0, 80),
        st.integers(0, 16),
        st.integers(0, 16),
    ),
    min_size=1,
    max_size=5,
)
happened = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 30))


def written(parts: list[Line]) -> str:
    texts = []
    for signal, tenths, start, end in parts:
        line = f"linear({tenths / 10}ep, {start / 8}, {end / 8})"
        texts.append(line if signal is None else f'until(signal("{signal}"), {line})')
    return " >> ".join(texts)


def read(parts: list[Line], events: dict[str, int], steps: int) -> list[float]:
    """The values, by a list that grows: exact places from the last event, rounded half up."""
    place, found = Fraction(0), list[float]()
    last: float | None = None
    for signal, tenths, start, end in parts:
        first = math.floor(place + Fraction(1, 2))
        stop = math.floor(place + Fraction(tenths, 10) + Fraction(1, 2))
        count = stop - first
        values = [start / 8 + (end - start) / 8 * k / count for k in range(count)]
        if signal is None:
            if not count:
                place += Fraction(tenths, 10)
                continue
            found += values
            last, place = end / 8, place + Fraction(tenths, 10)
            continue
        values += [end / 8 if count else last_of(last)] * (steps + 40)
        at = events.get(signal)
        if at is None:
            return (found + values)[:steps]
        if at > place:
            found += values[: max(at - first, 0)]
            last, place = values[max(at - first, 0)], Fraction(at)
        else:
            last = values[0]
    return (found + [last_of(last)] * steps)[:steps]


def last_of(value: float | None) -> float:
    """The value that was there before: that of the optimizer at the start."""
    return 1.0 if value is None else value


@SOME
@given(lines, happened)
def test_a_slow_second_reading(parts: list[Line], events: dict[str, int]) -> None:
    # The same signal twice, and parts of no length inside an until, have tests of their own.
    signals = [signal for signal, *_ in parts if signal]
    if len(signals) != len(set(signals)) or any(s and t < 5 for s, t, *_ in parts):
        return
    known = {name: step for name, step in events.items() if name in signals}
    schedule = lrdsl.parse(written(parts)).resolve(steps_per_epoch=1).after(known)
    assert_close([schedule(t) for t in range(60)], read(parts, known, 60), peak=2)


TEXTS = {
    "a sequence": 'warmup(5) >> until(signal("a"), const) >> cosine(20)',
    "two": 'until(signal("a"), linear(9)) >> const(4) >> until(signal("b"), const) >> linear(5)',
    "an operator": 'warmup(5) >> max(until(signal("a"), const) >> linear(9), 0.1)',
    "over": 'over(40, until(signal("a"), const) >> linear) >> const(5)',
    "a factor": 'const * plateau(0.5) * (until(signal("a"), const(1, 1)) >> linear(9, 1, 0))',
    "inside": 'until(signal("a"), warmup(3) >> until(signal("b"), const) >> linear(9))',
}


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("events", [{}, {"a": 0}, {"a": 7}, {"a": 7, "b": 20}, {"a": 30, "b": 9}])
def test_arrays_are_what_single_steps_are(case: str, events: dict[str, int]) -> None:
    schedule = lrdsl.parse(TEXTS[case]).resolve(total=60)
    own = {name: step for name, step in events.items() if f'"{name}"' in TEXTS[case]}
    after = schedule.after(own)
    wanted = [after(t) for t in range(80)]
    assert_close(after.values(80).tolist(), wanted)
    assert_close(array_curve(after, arrays.find(np))(np.arange(80)).tolist(), wanted)


@pytest.mark.parametrize("case", TEXTS)
@pytest.mark.parametrize("at", [0, 1, 5, 7, 23, 59, 70])
def test_an_event_changes_nothing_before_it(case: str, at: int) -> None:
    schedule = lrdsl.parse(TEXTS[case]).resolve(total=60)
    for t in range(at):
        assert schedule(t, events={"a": at}) == schedule(t)


@pytest.mark.parametrize("case", TEXTS)
def test_copies_know_their_events(case: str) -> None:
    schedule = lrdsl.parse(TEXTS[case]).resolve(total=60)
    copied = pickle.loads(pickle.dumps(schedule))
    events = {"a": 12}
    assert [copied(t, events=events) for t in range(60)] == [
        schedule(t, events=events) for t in range(60)
    ]


AGAIN: dict[str, Callable[[Resolved], Resolved]] = {
    "pickle": lambda resolved: pickle.loads(pickle.dumps(resolved)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
BOTH = f'lr: {TEXTS["two"]}  momentum: until(signal("a"), const) >> linear(9, 1, 0.5)'


@pytest.mark.parametrize("way", AGAIN)
@pytest.mark.parametrize("events", [{}, {"a": 7}, {"a": 7, "b": 20}])
def test_copies_of_a_resolved_program_know_what_has_happened(
    way: str, events: dict[str, int]
) -> None:
    after = lrdsl.parse(BOTH).resolve_all(total=60).after(events)
    again = AGAIN[way](after)
    assert (again, hash(again)) == (after, hash(after))
    for label, schedule in after.items():
        assert again[label].values(60).tolist() == schedule.values(60).tolist()
    assert again.events == after.events


def test_a_resolved_program_is_equal_only_after_the_same_events() -> None:
    resolved = lrdsl.parse(BOTH).resolve_all(total=60)
    after = resolved.after({"a": 7})
    assert after != resolved
    assert after != resolved.after({"a": 8})
    seven: Any = np.int64(7)
    assert after == resolved.after({"a": seven}) == resolved.after({"a": 7, "x": 3})
    # In one go or one after the other, in either order.
    assert after.after({"b": 20}) == resolved.after({"b": 20, "a": 7})
    assert hash(after.after({"b": 20})) == hash(resolved.after({"b": 20, "a": 7}))
    assert resolved.after({"x": 3}) == resolved
    # What has happened has happened: there is no second time.
    assert after.after({"a": 9}) == after
    assert len({resolved, after, resolved.after({"a": 7})}) == 2


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ({"cooldwon": 3}, "waits for 'cooldwon'; did you mean 'cooldown'\\?"),
        ({"x": 3}, "waits for 'x', but for 'cooldown'"),
        ({"cooldown": -1}, "a step is"),
    ],
)
def test_events_that_there_are_not_are_refused(events: dict[str, int], message: str) -> None:
    schedule = lrdsl.parse('until(signal("cooldown"), const) >> linear(5)').resolve()
    with pytest.raises(ValueError, match=message):
        schedule(3, events=events)


def test_a_plain_schedule_waits_for_nothing() -> None:
    schedule = lrdsl.parse("const").resolve()
    message = "no part of this schedule waits for 'x', or for any other event"
    with pytest.raises(ValueError, match=message):
        schedule.after({"x": 1})
    with pytest.raises(ValueError, match=message):
        schedule(0, events={"x": 1})
    assert schedule(0, events={}) == 1.0


def test_one_event_after_another() -> None:
    schedule = lrdsl.parse(TEXTS["two"]).resolve(total=60)
    after = schedule.after({"a": 7})
    assert [event.key for event in after.events] == ["b"]
    both = schedule.after({"a": 7, "b": 20})
    assert both.events == ()
    assert after.after({"b": 20}).values(60).tolist() == both.values(60).tolist()
    with pytest.raises(ValueError, match="waits for 'a', but for 'b'"):
        after.after({"a": 9})


def test_a_let_that_is_used_twice_is_one_event() -> None:
    text = "let hold = until(below(0.3), const)  lr: hold >> linear(5)  momentum: hold >> linear(5)"
    resolved = lrdsl.parse(text).resolve_all()
    assert [event.key for event in resolved.events] == ["below@1"]


def test_names_of_events_are_nobody_elses() -> None:
    """They are calls, and no keywords: a definition, or a parameter, may have the name."""
    text = "let below = 0.5  def signal(x) = const(5, x)  signal(below)"
    assert lrdsl.parse(text).resolve()(3) == 0.5


@pytest.mark.parametrize("count", [12, 200])
def test_many_events_in_a_row(count: int) -> None:
    text = " >> ".join(f'until(signal("s{i}"), const)' for i in range(count))
    schedule = lrdsl.parse(text).resolve(total=1000)
    assert schedule.after({f"s{i}": i for i in range(count)})(999) == 1.0


def calls(count: int) -> int:
    """How many functions are called on the way from a text of events to a value."""
    text = " >> ".join(f'until(signal("s{i}"), const)' for i in range(count))
    called = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal called
        called += event == "call"

    sys.setprofile(note)
    schedule = Program(text).resolve()
    schedule.after({f"s{i}": i for i in range(count)})(count)
    sys.setprofile(None)
    return called


def test_twice_as_many_events_are_twice_the_work() -> None:
    calls(20)  # what is loaded and kept the first time
    assert calls(800) < 2.2 * calls(400)


def test_events_within_events() -> None:
    text = "const"
    for i in range(60):
        text = f'until(signal("s{i}"), {text})'
    schedule = lrdsl.parse(text).resolve()
    assert schedule.after({f"s{i}": 5 for i in range(60)})(99) == 1.0


def test_an_event_leaves_the_other_schedules_what_they_are() -> None:
    """They are shared, and stay those of the program before it."""
    text = 'lr: until(signal("a"), const) >> linear(4)  momentum: const(value = 0.9)'
    before = lrdsl.parse(text).resolve_all()
    after = before.after({"a": 3})
    assert after["momentum"] is before["momentum"]
    origins = [schedule.origin for schedule in (*before.values(), after["lr"])]
    assert [origin and origin.resolved for origin in origins] == [before, before, after]
    assert [origin and origin.target for origin in origins] == ["lr", "momentum", "lr"]
