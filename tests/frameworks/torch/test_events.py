"""Events: a scheduler that is told, or measures, that something has happened."""

from __future__ import annotations

import io
import json
import math
import sys
from types import FrameType
from typing import Any

import pytest
import torch
from torch.optim import Optimizer

import lrdsl
from tests.frameworks.torch.driving import optimizer
from tests.oracles.closeness import assert_close

BASE = 0.1
Script = dict[int, str]


def run(
    text: str, steps: int, script: Script, metrics: list[float] | None = None, **options: Any
) -> list[float]:
    """The rate of every update; signals are sent before the update of their step."""
    made = optimizer(BASE)
    scheduler = lrdsl.compile(text, made, **options)
    return go_on(made, scheduler, steps, script, metrics)


def go_on(
    made: Optimizer, scheduler: Any, steps: int, script: Script, metrics: list[float] | None = None
) -> list[float]:
    found = []
    for t in range(scheduler.last_epoch, steps):
        if t in script:
            assert scheduler.signal(script[t])
        found.append(made.param_groups[0]["lr"])
        made.step()
        if metrics is None:
            scheduler.step()
        else:
            scheduler.step(metrics[t])
    return found


def test_a_signal_starts_what_follows_at_once() -> None:
    """The table of the language: 1, 0.9, 0.8, 0.7, then two steps down from where it was."""
    found = run('until(signal("c"), linear(10, 0.1, 0)) >> linear(2)', 8, {4: "c"})
    assert_close(found, [0.1, 0.09, 0.08, 0.07, 0.06, 0.03, 0, 0])


def test_a_signal_that_comes_early_is_kept() -> None:
    text = 'warmup(4) >> until(signal("c"), const) >> linear(4)'
    assert_close(run(text, 9, {2: "c"}), [0, 0.025, 0.05, 0.075, 0.1, 0.075, 0.05, 0.025, 0])


def test_a_signal_that_never_comes_holds() -> None:
    assert run('warmup(2) >> until(signal("c"), const(3)) >> linear(4)', 30, {})[2:] == [BASE] * 28


def test_the_rest_after_an_event_reaches_to_the_end() -> None:
    found = run('until(signal("c"), const) >> linear', 100, {60: "c"}, total=100)
    wanted = [BASE if t < 60 else BASE * (100 - t) / 40 for t in range(100)]
    assert_close(found, wanted)


def test_sides_of_an_operator_wait_too() -> None:
    text = 'warmup(5) >> max(until(signal("c"), const) >> linear(20), 0.04)'
    found = run(text, 60, {30: "c"}, total=100)
    wanted = [
        BASE * t / 5 if t < 5 else BASE if t < 30 else max(BASE * (1 - (t - 30) / 20), 0.04)
        for t in range(50)
    ] + [0.04] * 10
    assert_close(found, wanted)


def test_all_targets_share_a_signal() -> None:
    made = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=BASE, momentum=0.9)
    text = 'lr: until(signal("c"), const) >> linear(2)  momentum: until(signal("c"), const) >> const(value = 0.5)'  # noqa: E501
    scheduler = lrdsl.compile(text, made)
    assert scheduler.signal("c") is True
    assert scheduler.signal("c") is False
    assert (made.param_groups[0]["lr"], made.param_groups[0]["momentum"]) == (BASE, 0.5)
    made.step()
    scheduler.step()
    assert made.param_groups[0]["lr"] == BASE / 2
    assert scheduler.events == {"c": 0}


def test_numbers_of_a_group_of_its_own_scale_what_follows_too() -> None:
    group = {"params": [torch.nn.Parameter(torch.ones(1))], "lr_scale": 0.5}
    made = torch.optim.SGD([group], lr=BASE)
    scheduler = lrdsl.compile('(until(signal("c"), const) >> linear(4)) * own("lr_scale")', made)
    assert_close(go_on(made, scheduler, 7, {2: "c"}), [0.05, 0.05, 0.05, 0.0375, 0.025, 0.0125, 0])


def test_a_plateau_after_an_event_counts_from_there() -> None:
    text = 'until(signal("c"), const) >> const * plateau(0.5, patience = 1)'
    found = run(text, 12, {4: "c"}, [1.0] * 12)
    # The first metric of the part that is measured, at update 4, is its best one.
    wanted = [1] * 7 + [0.5] * 2 + [0.25] * 2 + [0.125]
    assert_close([rate / BASE for rate in found], wanted)


def test_scalars_follow_events() -> None:
    text = 'scalar kl: until(signal("c"), const(value = 1)) >> linear(4, 1, 0)'
    scheduler = lrdsl.compile(f"{text}  lr: const", optimizer(BASE))
    assert scheduler.scalars["kl"] == 1
    assert scheduler.signal("c") is True
    scheduler.set_step(2)
    assert scheduler.scalars["kl"] == 0.5


def test_an_ordinary_step_is_four_calls() -> None:
    """Events and metrics cost a program nothing that uses none, nor between two of them."""
    for text in ("warmup(5) >> const", 'warmup(5) >> until(signal("c"), const) >> linear(4)'):
        made = optimizer(BASE)
        scheduler = lrdsl.compile(text, made)
        go_on(made, scheduler, 3, {})  # the first ones look at how the optimizer is stepped
        called: list[str] = []

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                called.append(frame.f_code.co_name)  # noqa: B023

        sys.setprofile(note)
        scheduler.step()
        sys.setprofile(None)
        assert len(called) <= 4, called


def test_stalled_is_the_count_of_torchs_plateau() -> None:
    """It ends the part at the step at which ReduceLROnPlateau would first reduce."""
    trace = [3.0, 2.0, 2.0, 1.9, 1.9, 1.95, 1.9, 1.9, 1.0, 0.5, 0.4, 0.3]
    made = optimizer(1.0)
    torchs = torch.optim.lr_scheduler.ReduceLROnPlateau(made, factor=0.5, patience=2)
    reduced = []
    for metric in trace:
        torchs.step(metric)
        reduced.append(made.param_groups[0]["lr"] < 1)
    first = reduced.index(True) + 1
    found = run("until(stalled(patience = 2), const) >> linear(4)", len(trace), {}, trace)
    wanted = [BASE if t < first else max(BASE * (1 - (t - first) / 4), 0) for t in range(12)]
    assert_close(found, wanted)


def test_below_and_above_listen_while_their_part_runs() -> None:
    text = "warmup(2) >> until(below(0.35), const) >> until(above(5), linear(4)) >> const(value=1)"
    metrics = [0.1, 9.0, 0.35, math.nan, 0.3, 9.0, 0.1, 0.1]
    # Below at update 4 (seen at step 5); above at update 5 (seen at step 6).
    found = run(text, 8, {}, metrics)
    assert_close(found, [0, 0.05, 0.1, 0.1, 0.1, 0.1, 1, 1], peak=1)


def saved(made: Optimizer, scheduler: Any) -> io.BytesIO:
    file = io.BytesIO()
    torch.save({"optimizer": made.state_dict(), "scheduler": scheduler.state_dict()}, file)
    return file


def loaded(text: str, file: io.BytesIO) -> tuple[Optimizer, Any]:
    """A new optimizer and scheduler, with what a file has of others."""
    file.seek(0)
    state = torch.load(file, weights_only=True)
    made = optimizer(BASE)
    scheduler = lrdsl.compile(text, made)
    made.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    return made, scheduler


def test_a_run_goes_back_to_a_checkpoint_and_on_at_half_the_rate() -> None:
    text = """
    linear(40) * (until(signal("spike"), const(value = 1))
        >> until(signal("spike 2"), const(value = 0.5)) >> const(value = 0.25))
    """
    made = optimizer(BASE)
    scheduler = lrdsl.compile(text, made)
    go_on(made, scheduler, 10, {})
    file = saved(made, scheduler)
    go_on(made, scheduler, 17, {})
    # The loss has risen: the same process goes back, and on.
    file.seek(0)
    state = torch.load(file, weights_only=True)
    made.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    found = go_on(made, scheduler, 20, {10: "spike"})
    assert_close(found, [BASE * (40 - t) / 40 / 2 for t in range(10, 20)])
    # Another one goes back further: the state knows of no spike, and is told of both.
    made, scheduler = loaded(text, file)
    assert (scheduler.events, scheduler.last_epoch) == ({}, 10)
    assert scheduler.signal("spike")
    found = go_on(made, scheduler, 20, {10: "spike 2"})
    assert_close(found, [BASE * (40 - t) / 40 / 4 for t in range(10, 20)])


def test_a_cooldown_branches_off_a_checkpoint_and_the_run_goes_on() -> None:
    text = 'warmup(4) >> until(signal("cooldown"), const) >> cooldown(4)'
    made = optimizer(BASE)
    trunk = lrdsl.compile(text, made)
    go_on(made, trunk, 10, {})
    file = saved(made, trunk)
    branched, branch = loaded(text, file)
    assert_close(go_on(branched, branch, 15, {10: "cooldown"}), [0.1, 0.075, 0.05, 0.025, 0])
    assert go_on(made, trunk, 30, {}) == [BASE] * 20
    # Later the trunk cools down itself.
    assert_close(go_on(made, trunk, 34, {30: "cooldown"}), [0.1, 0.075, 0.05, 0.025])


RESUMED = (
    'warmup(3) >> until(signal("a"), const * plateau(0.5, 3)) >> until(stalled(2), linear(20))'
    ' >> until(signal("b"), const) >> max(linear(5), 0.001)'
)
METRICS = [3.0, 2.5, 2.4, 2.4, 2.4, 2.4, 2.4, 2.4, 2.4, 2.0, 1.9, 1.8, 1.8, 1.8, 1.8, 1.8] * 3
SCRIPT = {9: "a", 30: "b"}


def test_a_run_that_is_resumed_three_times_is_bit_for_bit_the_same() -> None:
    wanted = run(RESUMED, 45, SCRIPT, METRICS)
    assert len(set(wanted)) > 10
    found: list[float] = []
    made = optimizer(BASE)
    scheduler = lrdsl.compile(RESUMED, made)
    for until in (9, 17, 31, 45):
        found += go_on(made, scheduler, until, SCRIPT, METRICS)
        made, scheduler = loaded(RESUMED, saved(made, scheduler))
    assert found == wanted


EVERYTHING = """
lr["layers.{i}"]: (warmup(3) >> until(signal("a"), const * plateau(0.9, 1, rise = 1.1, max = 2))
    >> until(stalled(4), linear(30)) >> adaptive(1.85, 2.2) * const) * 0.9 ^ i
momentum: until(signal("a"), const(value = 0.8)) >> linear(20, 0.8, 0.9)
scalar kl: until(signal("b"), const(value = 1)) >> linear(9, 1, 0)
"""


def layered() -> Optimizer:
    groups = [
        {"params": [torch.nn.Parameter(torch.ones(1))], "name": f"layers.{i}"} for i in range(3)
    ]
    return torch.optim.SGD(groups, lr=BASE, momentum=0.7)


def driven(made: Optimizer, scheduler: Any, until: int) -> list[tuple[float, ...]]:
    """The rates, the momenta and the scalar of every update up to a step."""
    found = []
    for t in range(scheduler.last_epoch, until):
        if t in SCRIPT:
            assert scheduler.signal(SCRIPT[t])
        rates = [group["lr"] for group in made.param_groups]
        found.append((*rates, made.param_groups[0]["momentum"], scheduler.scalars["kl"]))
        made.step()
        scheduler.step(METRICS[t])
    return found


def test_events_metrics_captures_and_scalars_resume_bit_for_bit_together() -> None:
    made = layered()
    wanted = driven(made, lrdsl.compile(EVERYTHING, made), 45)
    assert all(len(set(column)) > 8 for column in zip(*wanted, strict=True))
    made = layered()
    scheduler = lrdsl.compile(EVERYTHING, made)
    found: list[tuple[float, ...]] = []
    for until in (10, 22, 33, 45):
        found += driven(made, scheduler, until)
        file = saved(made, scheduler)
        file.seek(0)
        state = torch.load(file, weights_only=True)
        made = layered()
        scheduler = lrdsl.compile(EVERYTHING, made)
        made.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
    assert found == wanted


def test_loading_a_state_forgets_no_event() -> None:
    """Not even one that comes after its step: the state may have been edited, and says so."""
    text = 'until(signal("c"), const) >> linear(4)'
    made = optimizer(BASE)
    scheduler = lrdsl.compile(text, made)
    go_on(made, scheduler, 10, {6: "c"})
    scheduler.load_state_dict({**scheduler.state_dict(), "step": 4})
    assert (scheduler.events, scheduler.last_epoch) == ({"c": 6}, 4)
    assert_close(go_on(made, scheduler, 8, {}), [0.1, 0.1, 0.1, 0.075])


def test_a_run_that_was_driven_is_a_function_of_its_events() -> None:
    made = optimizer(BASE)
    text = 'warmup(3) >> until(signal("a"), const) >> until(below(2), linear(9)) >> linear(5)'
    scheduler = lrdsl.compile(text, made)
    found = go_on(made, scheduler, 25, {9: "a"}, METRICS)
    schedule = lrdsl.parse(text).resolve()
    events = scheduler.events
    assert set(events) == {"a", "below@1"}
    assert found == [schedule(t, base=BASE, events=events) for t in range(25)]


def test_the_keys_of_a_state_do_not_depend_on_the_program() -> None:
    plain = lrdsl.compile("const", optimizer(BASE)).state_dict()
    scheduler = lrdsl.compile(RESUMED, optimizer(BASE))
    scheduler.signal("a")
    assert list(scheduler.state_dict()) == list(plain)
    assert json.loads(scheduler.state_dict()["events"])["steps"] == {"a": 0}


def test_a_state_of_before_there_were_events_loads() -> None:
    scheduler = lrdsl.compile("warmup(5) >> const", optimizer(BASE))
    state = scheduler.state_dict()
    del state["groups"], state["events"], state["at"]
    scheduler.load_state_dict({**state, "format": 2, "step": 3})
    assert scheduler.last_epoch == 3


@pytest.mark.parametrize(
    "events",
    ["", "[]", '{"steps": 1}', '{"steps": {"a": -1}, "best": {}, "waited": {}}',
     '{"steps": {"a": 1.5}, "best": {}, "waited": {}}',
     '{"steps": {}, "best": {"a": "x"}, "waited": {}}', '{"other": {}}', "[" * 100_000],
)  # fmt: skip
def test_damaged_events_are_refused_and_nothing_changes(events: str) -> None:
    scheduler = lrdsl.compile(RESUMED, optimizer(BASE))
    scheduler.signal("a")
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match="`events` of this state is damaged"):
        scheduler.load_state_dict({**before, "events": events})
    assert scheduler.state_dict() == before


def test_going_back_forgets_what_had_not_happened_yet() -> None:
    made = optimizer(BASE)
    scheduler = lrdsl.compile('until(signal("c"), const) >> linear(4)', made)
    go_on(made, scheduler, 10, {6: "c"})
    scheduler.set_step(6)
    assert scheduler.events == {"c": 6}
    with pytest.warns(UserWarning, match="at step 5 'c' had not happened yet: forgotten"):
        scheduler.set_step(5)
    assert (scheduler.events, made.param_groups[0]["lr"]) == ({}, BASE)
    assert scheduler.signal("c") is True


def test_a_changed_program_keeps_its_events_by_name() -> None:
    made = optimizer(BASE)
    scheduler = lrdsl.compile('until(signal("c"), const) >> linear(4)', made)
    go_on(made, scheduler, 8, {6: "c"})
    state = scheduler.state_dict()
    scheduler = lrdsl.compile(
        'until(signal("c"), const) >> linear(4) >> until(signal("d"), const)', optimizer(BASE)
    )
    scheduler.load_state_dict(state)
    assert scheduler.events == {"c": 6}
    assert_close(map(float, scheduler.get_last_lr()), [0.05])
    with pytest.raises(ValueError, match="another schedule"):
        lrdsl.compile('until(signal("x"), const) >> linear(4)', optimizer(BASE)).load_state_dict(
            state
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("const", "no part of this schedule waits for 'c', or for any other event"),
        ('until(signal("cooldown"), const)', "waits for 'cool_down'; did you mean 'cooldown'?"),
        (
            "until(below(1), const)",
            "no part of this schedule waits for 'below@1', or for any other event",
        ),
    ],
)
def test_a_signal_that_nothing_waits_for_is_refused(text: str, message: str) -> None:
    scheduler = lrdsl.compile(text, optimizer(BASE))
    name = {"const": "c", "until(below(1), const)": "below@1"}.get(text, "cool_down")
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        scheduler.signal(name)


def test_what_follows_is_looked_at_before_it_starts() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile('until(signal("c"), const) >> linear(20, prev, -1)', optimizer(BASE))
    message = "the rate turns negative at step 2, and gets as low as -1 at step 20"
    assert caught.value.diagnostics[0].message == f"{message} (after `c` at step 0)"


def test_sequential_says_that_it_cannot_be_told() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile('until(signal("c"), const)', optimizer(BASE), scheduler="sequential")
    (error,) = caught.value.diagnostics
    assert error.message == "`until` waits for an event, which SequentialLR cannot receive"


def test_a_program_that_only_waits_for_signals_takes_no_metric() -> None:
    scheduler = lrdsl.compile('until(signal("c"), const)', optimizer(BASE))
    with pytest.raises(ValueError, match="no part of this schedule is driven by a metric"):
        scheduler.observe(1.0)
