"""What a metric drives: against torch's ReduceLROnPlateau, and against a plain loop."""

from __future__ import annotations

import copy
import io
import json
import math
import pickle
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim.lr_scheduler import ReduceLROnPlateau

import lrdsl
from tests.frameworks.torch.driving import optimizer
from tests.oracles.closeness import assert_close
from tests.strategies import MANY, SOME

BASE = 0.1
numbers = st.sampled_from([1.0, 0.999, 0.9, 0.5, 0.0, -0.5, -1.0, 2.0, math.nan, math.inf])
traces = st.lists(numbers | st.floats(-2, 2), min_size=1, max_size=60)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of ReduceLROnPlateau."""
    return {
        "factor": draw(st.sampled_from([0.1, 0.5, 0.9])),
        "patience": draw(st.integers(0, 4)),
        "threshold": draw(st.sampled_from([0, 1e-4, 0.1])),
        "mode": draw(st.sampled_from(["min", "max"])),
        "threshold_mode": draw(st.sampled_from(["rel", "abs"])),
        "cooldown": draw(st.integers(0, 3)),
        "eps": draw(st.sampled_from([0, 1e-8, 1e-3])),
    }


def call(name: str, given: dict[str, Any]) -> str:
    """A call of the language with the arguments of torch's class."""
    return f"{name}({', '.join(f'{key} = {value}' for key, value in given.items())})"


def drive(text: str, trace: list[float], *, base: float = BASE) -> list[float]:
    """The rate that every update of a trace was made with."""
    made = optimizer(base)
    scheduler = lrdsl.compile(text, made)
    found = []
    for metric in trace:
        found.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step(metric)
    return found


def plateau(given: dict[str, Any], trace: list[float], min_lr: float = 0.0) -> list[float]:
    """The rates of torch's own class."""
    made = optimizer(BASE)
    scheduler = ReduceLROnPlateau(made, min_lr=min_lr, **given)
    found = []
    for metric in trace:
        found.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step(metric)
    return found


@MANY
@given(rules(), traces)
def test_a_plateau_is_torchs(given: dict[str, Any], trace: list[float]) -> None:
    wanted = plateau(given, trace)
    assert_close(drive(call("reduce_on_plateau", given), trace), wanted, peak=BASE)
    assert_close(drive(f"const * {call('plateau', given)}", trace), wanted, peak=BASE)


@SOME
@given(rules(), traces)
def test_its_floor_is_torchs(given: dict[str, Any], trace: list[float]) -> None:
    text = f"max(const * {call('plateau', given)}, 0.004)"
    assert_close(drive(text, trace), plateau(given, trace, 0.004), peak=BASE)


@SOME
@given(st.integers(0, 4), traces)
def test_it_counts_only_while_its_part_runs(patience: int, trace: list[float]) -> None:
    """`warmup >> plateau`, which torch cannot compose, against a loop."""
    wanted, best, bad, rate = [], math.inf, 0, BASE
    for t, metric in enumerate(trace):
        wanted.append(BASE * t / 5 if t < 5 else rate)
        if t < 5:
            continue
        if metric < best * (1 - 1e-4 if math.isfinite(best) else 1):
            best, bad = metric, 0
        else:
            bad += 1
        if bad > patience:
            rate, bad = rate * 0.5, 0
    found = drive(f"warmup(5, end = base) >> const * plateau(0.5, {patience}, eps = 0)", trace)
    assert_close(found, wanted, peak=BASE)


def test_what_follows_starts_where_it_ended() -> None:
    found = drive("reduce_on_plateau(0.5, 0, length = 4) >> linear(4)", [1.0] * 10)
    assert_close(found, [0.1, 0.1, 0.05, 0.025, 0.0125, 0.009375, 0.00625, 0.003125, 0, 0])


def test_step_every_batch_and_measure_every_epoch() -> None:
    """The metric is that of the updates behind it: the last one of a warm-up belongs to it."""
    made = optimizer(BASE)
    scheduler = lrdsl.compile("warmup(4) >> const * plateau(0.5, 0)", made)
    found = []
    for _ in range(5):
        for _ in range(2):
            made.step()
            scheduler.step()
        scheduler.observe(torch.tensor(1.0))
        found.append(made.param_groups[0]["lr"])
    assert_close(found, [0.05, 0.1, 0.1, 0.05, 0.025])
    assert scheduler.last_epoch == 10


def test_two_of_them_are_driven_by_the_same_metric() -> None:
    text = "const * plateau(0.5, 0) * plateau(0.1, 2)"
    assert_close(drive(text, [1.0] * 5), [0.1, 0.1, 0.05, 0.025, 0.00125])


def test_a_repetition_goes_on_counting() -> None:
    found = drive("repeat(linear(2, base, base / 2) * plateau(0.5, 0), 3)", [1.0] * 6)
    assert_close(found, [0.1, 0.075, 0.05, 0.01875, 0.0125, 0.0046875])


def test_other_hyperparameters_and_groups_have_their_own() -> None:
    made = torch.optim.SGD(
        [
            {"params": [torch.nn.Parameter(torch.ones(1))], "name": name}
            for name in ("body", "head")
        ],
        lr=BASE,
        momentum=0.8,
    )
    text = 'lr: const lr["head"]: const * plateau(0.5, 0) momentum: const * plateau(0.1, 1)'
    scheduler = lrdsl.compile(text, made)
    for _ in range(3):
        made.step()
        scheduler.step(1.0)
    body, head = made.param_groups
    assert (body["lr"], head["lr"]) == pytest.approx((0.1, 0.025))
    assert body["momentum"] == head["momentum"] == pytest.approx(0.08)


RESUMED = "warmup(3) >> const * plateau(0.5, 1, cooldown = 1) >> linear(50)"
TRACE = [1.0, 0.8, 0.8, 0.7, 0.9, 0.9, 0.9, 0.9, 0.6, 0.9, 0.9, 0.9, 0.9, 0.9]


@pytest.mark.parametrize("at", range(len(TRACE)))
@pytest.mark.parametrize("scheduler_first", [True, False])
def test_its_counters_are_resumed(at: int, scheduler_first: bool) -> None:
    made = optimizer(BASE)
    scheduler = lrdsl.compile(RESUMED, made, total=100)
    saved, wanted = io.BytesIO(), []
    for t, metric in enumerate(TRACE):
        if t == at:
            state = {"optimizer": made.state_dict(), "scheduler": scheduler.state_dict()}
            torch.save(state, saved)
        wanted.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step(metric)
    saved.seek(0)
    state = torch.load(saved, weights_only=True)
    assert all(type(value) in {int, float, str} for value in state["scheduler"].values())
    made = optimizer(BASE)
    scheduler = lrdsl.compile(RESUMED, made, total=100)
    for part in sorted(state, reverse=scheduler_first):
        (made if part == "optimizer" else scheduler).load_state_dict(state[part])
    found = []
    for metric in TRACE[at:]:
        found.append(made.param_groups[0]["lr"])
        made.step()
        scheduler.step(metric)
    assert found == wanted[at:]


@pytest.mark.parametrize("again", [pickle.dumps, copy.deepcopy])
def test_copies_go_on_alike(again: Any) -> None:
    made = optimizer(BASE)
    scheduler = lrdsl.compile("const * plateau(0.5, 1)", made)
    for _ in range(4):
        made.step()
        scheduler.step(1.0)
    copied = again(scheduler)
    copied = pickle.loads(copied) if isinstance(copied, bytes) else copied
    for one in (scheduler, copied):
        one.optimizer.step()
        one.step(1.0)
        one.optimizer.step()
        one.step(1.0)
    assert copied.get_last_lr() == scheduler.get_last_lr() == [0.025]
    assert copied.state_dict() == scheduler.state_dict()


def saved_state() -> dict[str, Any]:
    made = optimizer(BASE)
    scheduler = lrdsl.compile("const * plateau(0.5, 0)", made)
    for _ in range(3):
        made.step()
        scheduler.step(1.0)
    return scheduler.state_dict()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("reductions", 1.5, "is no count"),
        ("reductions", -1, "is no count"),
        ("waited", True, "is no count"),
        ("best", "0", "is no number"),
        ("cooling", None, "lacks"),
    ],
)
def test_a_broken_counter_is_refused_and_nothing_changes(
    field: str, value: object, message: str
) -> None:
    state = saved_state()
    measured = json.loads(state["measured"])
    name = next(key for key in measured if key.endswith(f".{field}"))
    if value is None:
        del measured[name]
    else:
        measured[name] = value
    state["measured"] = json.dumps(measured)
    made = optimizer(BASE)
    scheduler = lrdsl.compile("const * plateau(0.5, 0)", made)
    with pytest.raises(ValueError, match=message):
        scheduler.load_state_dict(state)
    assert (made.param_groups[0]["lr"], scheduler.last_epoch) == (BASE, 0)


def test_other_rules_for_a_metric_are_another_schedule() -> None:
    scheduler = lrdsl.compile("const * plateau(0.5, 3)", optimizer(BASE))
    with pytest.raises(ValueError, match="they differ in what a metric changes"):
        scheduler.load_state_dict(saved_state())


def test_an_appended_part_keeps_the_counters() -> None:
    scheduler = lrdsl.compile("(const(50) * plateau(0.5, 0)) >> linear(10)", optimizer(BASE))
    scheduler.load_state_dict(saved_state())
    assert scheduler.get_last_lr() == [0.025]


def test_a_metric_that_drives_nothing_is_refused() -> None:
    made = optimizer(BASE)
    scheduler = lrdsl.compile("warmup(5) >> const", made)
    made.step()
    with pytest.raises(ValueError, match="no part of this schedule is driven by a metric"):
        scheduler.observe(1.0)
    with pytest.raises(ValueError, match="no part of this schedule is driven by a metric"):
        scheduler.step(0.5)


def test_a_sequence_of_torchs_is_told_no_metric() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile("warmup(5) >> const * plateau()", optimizer(BASE), scheduler="sequential")
    (error,) = caught.value.diagnostics
    assert (error.slug, error.column) == ("not-sequential", 22)
    assert (error.message, error.help) == (
        "`plateau` needs a metric, which SequentialLR cannot receive",
        'use scheduler="lambda"',
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("plateau(1.5)", "`plateau` needs `factor < max`, and `factor` is 1.5, `max` is 1"),
        ("plateau(1.5, max = 1.2)", "needs `factor < max`, and `factor` is 1.5, `max` is 1.2"),
        ("plateau(rise = 0.9)", "`plateau` needs `rise >= 1`, and `rise` is 0.9"),
        ("plateau(min = 1.5)", "`plateau` needs `min <= 1`, and `min` is 1.5"),
        ("plateau(max = 0.5)", "`plateau` needs `max >= 1`, and `max` is 0.5"),
        ("plateau(window = 0)", "`plateau` needs `window >= 1`, and `window` is 0"),
        ("plateau(window = 1e9)", "`plateau` needs `window <= 10000`, and `window` is 1e+09"),
        ("plateau(reset = 0.5)", "`plateau` needs `reset == floor(reset)`"),
        ("adaptive(2, 1)", "`adaptive` needs `low <= high`, and `low` is 2, `high` is 1"),
        ("adaptive(1, 2, 0.5)", "`adaptive` needs `factor > 1`, and `factor` is 0.5"),
        ("adaptive(base, 2)", "needs `low <= high`, which must be known before training"),
        ("plateau(patience = 1.5)", "`plateau` needs `patience == floor(patience)`"),
        ("plateau(mode = straight)", "`mode` of `plateau` is `min` or `max`"),
        ("plateau(threshold_mode = 1)", "`threshold_mode` of `plateau` is `rel` or `abs`"),
        ("plateau(base)", "which must be known before training"),
    ],
)
def test_wrong_rules_are_refused(call: str, message: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(f"const * {call}")
    assert message in caught.value.diagnostics[0].message


def test_a_schedule_is_a_function_of_the_step_and_of_the_factors() -> None:
    schedule = lrdsl.parse("warmup(2) >> const * plateau(0.5)").resolve()
    (meter,) = schedule.meters
    assert (schedule(5), schedule(5, base=1.0, factors=(0.25,))) == (1.0, 0.25)
    assert (schedule.active(1), schedule.active(2)) == ((), (meter.name,))


def test_what_is_measured_before_the_first_update_belongs_to_it() -> None:
    scheduler = lrdsl.compile("const(1) * plateau(0.5, patience = 0) >> const", optimizer(BASE))
    scheduler.observe(1.0)
    scheduler.observe(1.0)
    assert scheduler.get_last_lr() == [BASE / 2]


@pytest.mark.parametrize("beside", ["", "  lr: const"])
def test_a_metric_that_drives_a_value_too_far_is_told_so(beside: str) -> None:
    driven = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    text = "momentum: const(value = 0.6) / plateau(0.5, patience = 0)"
    scheduler = lrdsl.compile(text + beside, driven)
    scheduler.observe(1.0)
    with pytest.raises(lrdsl.LrsError) as caught:
        scheduler.observe(2.0)
    (found,) = caught.value.diagnostics
    assert found.message == "the momentum is 1.2 at step 0, and has to stay below 1"
    assert driven.param_groups[0]["momentum"] == 0.6
