"""Factors that rise: against transformers' GreedyLR, and against the KL rules of RL libraries."""

from __future__ import annotations

import io
import json
import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.schedule.plateau import Meters
from tests.frameworks.torch.driving import optimizer
from tests.oracles.closeness import assert_close
from tests.oracles.peers import greedy
from tests.strategies import SOME

TRACES = {trace["name"]: trace for trace in greedy.read()}
# What GreedyLR is called with, and what it is here; a bound of the rate is one of the factor.
NAMES = {
    "mode": "mode",
    "factor": "factor",
    "patience": "patience",
    "threshold": "threshold",
    "threshold_mode": "threshold_mode",
    "cooldown": "cooldown",
    "warmup": "rise_cooldown",
    "eps": "eps",
    "window_size": "window",
    "reset_start": "reset",
}
DEFAULTS = {
    "threshold": 1e-6,
    "threshold_mode": "abs",
    "cooldown": 0,
    "warmup": 0,
    "eps": 1e-8,
    "reset_start": 500,
}


def written(arguments: dict[str, Any], base: float) -> str:
    """The program for the arguments of GreedyLR."""
    full = {**DEFAULTS, **arguments}
    said = [f"{NAMES[name]} = {value}" for name, value in full.items() if name in NAMES]
    bounds = f"min = {full['min_lr']} / {base}, max = {full['max_lr']} / {base}"
    return f"const * plateau({', '.join(said)}, rise = 1 / {full['factor']}, {bounds})"


def followed(text: str, base: float, metrics: list[float]) -> list[float]:
    """The rates after each metric."""
    made = optimizer(base)
    scheduler = lrdsl.compile(text, made)
    found = []
    for metric in metrics:
        made.step()
        scheduler.step(metric)
        found.append(made.param_groups[0]["lr"])
    return found


@pytest.mark.parametrize("name", TRACES)
def test_it_is_greedy_lr_step_by_step(name: str) -> None:
    trace = TRACES[name]
    text = written(trace["arguments"], trace["base"])
    found = followed(text, trace["base"], trace["metrics"])
    assert_close(found, trace["rates"], peak=max(trace["rates"]))


def test_its_traces_show_all_that_it_does() -> None:
    """Rises, both bounds and resets occur, so the comparison above is one."""
    rates = [(trace["rates"], trace["arguments"]) for trace in TRACES.values()]
    assert set(greedy.OWN) < set(TRACES)
    assert sum(any(b > a for a, b in pairwise(r)) for r, _ in rates) > 30
    assert sum(max(r) == a["max_lr"] and a["max_lr"] > 0.1 for r, a in rates) > 3
    assert sum(min(r) == a["min_lr"] for r, a in rates) > 10
    assert sum(0.1 in r[r.index(a["min_lr"]) :] for r, a in rates if a["min_lr"] in r) > 5


RULES = "0.5, 1, 0, cooldown = 1, rise = 2, min = 0.1, max = 4, window = 3, reset = 2"


@pytest.mark.parametrize("at", range(24))
def test_all_that_it_has_seen_is_resumed(at: int) -> None:
    text = f"warmup(2) >> const * plateau({RULES}) * adaptive(2, 6, min = 0.5, max = 2)"
    metrics = [8.0, 7, 6, 5, 4, 3, 2, 1, 1, 1, 3, 5, 5, 5, 6, 7, 7, 7, 7, 2, 1, 1, 0, 9]
    wanted = followed(text, 0.1, metrics)
    assert len(set(wanted)) > 8
    made = optimizer(0.1)
    scheduler = lrdsl.compile(text, made)
    for metric in metrics[:at]:
        made.step()
        scheduler.step(metric)
    file = io.BytesIO()
    torch.save({"optimizer": made.state_dict(), "scheduler": scheduler.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    assert all(type(value) in {int, str} for value in saved["scheduler"].values())
    made = optimizer(0.1)
    scheduler = lrdsl.compile(text, made)
    made.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    found = []
    for metric in metrics[at:]:
        made.step()
        scheduler.step(metric)
        found.append(made.param_groups[0]["lr"])
    assert found == wanted[at:]


def test_a_plateau_that_only_falls_keeps_the_state_it_had() -> None:
    """The numbers that every version has saved, and no others."""
    program = lrdsl.parse("const * plateau(0.5, patience = 0)").resolve_all()
    meters = Meters(program.meters)
    for metric in (3.0, 3.0, 3.0):
        meters.observe(metric, ["plateau@1"], lambda factors: list(factors.values()))
    saved = {"best": 3.0, "waited": 0, "cooling": 0, "reductions": 2}
    assert meters.state() == {f"plateau@1.{name}": value for name, value in saved.items()}


BROKEN: dict[str, list[Any]] = {
    "scale": [0.01, 5.0, math.nan, math.inf, 1, "1"],
    "recent": [[1.0] * 4, [1], [None], "[]", {}],
    "improved": [-1, 0.5, True, 2**60],
    "stuck": [-1, 0.5, True, 2**60],
}


@pytest.mark.parametrize("field", BROKEN)
def test_a_state_that_it_cannot_have_is_refused(field: str) -> None:
    made = optimizer(0.1)
    scheduler = lrdsl.compile(f"const * plateau({RULES})", made)
    state = scheduler.state_dict()
    name = f"plateau@1.{field}"
    for value in BROKEN[field]:
        measured = {**json.loads(state["measured"]), name: value}
        with pytest.raises(ValueError, match=f"`{name}` of this state is no"):
            scheduler.load_state_dict({**state, "measured": json.dumps(measured)})
        assert scheduler.state_dict() == state


def test_a_plateau_may_only_rise() -> None:
    found = followed("const * plateau(1.05, patience = 0, max = 1.1)", 0.1, [1.0] * 4)
    assert_close(found, [0.1, 0.105, 0.11, 0.11])


def test_a_rise_without_a_maximum_only_recovers() -> None:
    text = "const * plateau(0.5, patience = 0, rise = 3)"
    assert_close(followed(text, 0.1, [1.0, 2, 0.5, 0.4]), [0.1, 0.05, 0.1, 0.1])


def test_a_window_forgets_what_is_no_number() -> None:
    text = "const * plateau(0.5, patience = 1, window = 2)"
    # Means: 4, NaN, NaN, 3, 2: two in a row are no improvement, once.
    assert_close(followed(text, 0.1, [4, math.nan, 4, 2, 2]), [0.1, 0.1, 0.05, 0.05, 0.05])


def test_a_momentum_that_could_rise_to_1_is_refused() -> None:
    driven = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    text = "momentum: const * plateau(0.9, rise = 1.1, max = {})"
    lrdsl.compile(text.format(1.1), driven)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(text.format(1.2), driven)
    (found,) = caught.value.diagnostics
    assert found.message == "the momentum is 1.08 at step 0, and has to stay below 1"
    assert found.help == "a metric may bring it there: lower `max` of `plateau`"


def test_an_alternating_metric_neither_overflows_nor_drifts() -> None:
    """A hundred thousand rises and falls, whose powers no float could hold."""
    (meter,) = lrdsl.parse("const * plateau(0.5, 0, 0, rise = 2, max = 2)").resolve().meters
    meters = Meters([meter])
    metric = 0.0
    for _ in range(100_000):
        metric -= 1
        meters.observe(metric, [meter.name], lambda factors: list(factors.values()))
        meters.observe(metric, [meter.name], lambda factors: list(factors.values()))
    assert meters.factors == {meter.name: 1.0}


divergences = st.lists(st.floats(0, 0.1) | st.just(math.nan), min_size=1, max_size=60)


@SOME
@given(divergences)
def test_adaptive_is_the_rule_of_rl_games_and_skrl(trace: list[float]) -> None:
    """`AdaptiveScheduler` and `KLAdaptiveLR`: a threshold of 0.008, and bounds of the rate."""
    rate, wanted = 3e-4, []
    for kl in trace:
        if kl > 2 * 0.008:
            rate = max(rate / 1.5, 1e-6)
        elif kl < 0.5 * 0.008:
            rate = min(rate * 1.5, 1e-2)
        wanted.append(rate)
    text = "const * adaptive(0.004, 0.016, min = 1e-6 / 3e-4, max = 1e-2 / 3e-4)"
    assert_close(followed(text, 3e-4, trace), wanted, peak=1e-2)


def test_adaptive_is_the_rule_of_rsl_rl() -> None:
    """Its `desired_kl` is 0.01, and it passes over a divergence of 0: so does the caller."""
    rate, wanted = 1e-3, []
    made = optimizer(rate)
    text = "const * adaptive(0.005, 0.02, min = 1e-5 / 1e-3, max = 1e-2 / 1e-3)"
    scheduler, found = lrdsl.compile(text, made), []
    for kl in [0.0, 0.004, 0.001, 0.0, 0.03, 0.01, 0.02, 0.005] + [0.001] * 9 + [0.5] * 20:
        if kl > 0.01 * 2.0:
            rate = max(1e-5, rate / 1.5)
        elif kl < 0.01 / 2.0 and kl > 0.0:
            rate = min(1e-2, rate * 1.5)
        wanted.append(rate)
        made.step()
        scheduler.step()
        if kl > 0:
            scheduler.observe(kl)
        found.append(made.param_groups[0]["lr"])
    assert_close(found, wanted, peak=1e-2)
    assert max(wanted) == 1e-2
    assert min(wanted) == 1e-5
