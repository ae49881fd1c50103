"""Hugging Face transformers: ``GreedyLR``, whose rates follow a metric.

Its sequences are those of transformers' own ``tests/optimization/test_greedy_lr.py``, and random
ones. ``tests/oracles/traces/greedy.json`` holds the rates that the installed class sets.
"""

from __future__ import annotations

import json
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from tests.oracles.peers.case import Draw

FILE = Path(__file__).parents[1] / "traces" / "greedy.json"
# What `_get_scheduler` of its tests passes, unless a test says otherwise.
_OWN = {"mode": "min", "factor": 0.9, "patience": 3, "min_lr": 1e-6, "max_lr": 1.0}


def _falling(first: float, ratio: float, count: int) -> list[float]:
    """A metric that improves by a ratio each time."""
    found = []
    for _ in range(count):
        first *= ratio
        found.append(first)
    return found


# The tests that step it: what each passes, and the metrics.
OWN: dict[str, tuple[dict[str, Any], list[float]]] = {
    "test_lr_decrease_on_plateau": ({}, [5.0] + [10.0] * 4),
    "test_lr_increase_on_improvement": ({}, _falling(10.0, 0.8, 4)),
    "test_lr_never_below_min_lr": (
        {"patience": 1, "min_lr": 0.01, "factor": 0.5},
        [1.0] + [10.0] * 50,
    ),
    "test_lr_never_above_max_lr": (
        {"patience": 1, "max_lr": 0.2, "factor": 0.5},
        _falling(10.0, 0.8, 50),
    ),
    "test_cooldown_prevents_further_reduction": (
        {"patience": 2, "cooldown": 3},
        [5.0] + [10.0] * 6,
    ),
    "test_warmup_prevents_further_increase": (
        {"patience": 2, "warmup": 3},
        _falling(10.0, 0.8, 6),
    ),
    "test_smoothing_uses_streaming_average": (
        {"smooth": True, "window_size": 3, "patience": 10},
        [10.0, 8.0, 6.0, 4.0],
    ),
    "test_state_dict_round_trip": (
        {"smooth": True, "window_size": 5},
        [10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 6.0, 7.0, 5.0, 4.0, 3.0],
    ),
    "test_reset_at_min_lr": (
        {"patience": 1, "min_lr": 0.01, "factor": 0.5, "reset_start": 2},
        [1.0] + [10.0] * 100,
    ),
    "test_max_mode_lr_decrease": ({"mode": "max", "patience": 2}, [10.0] + [1.0] * 3),
    "test_max_mode_lr_increase": ({"mode": "max", "patience": 2}, [1.5, 2.25, 3.375]),
    "test_relative_threshold_mode": (
        {"threshold_mode": "rel", "threshold": 0.1, "patience": 2},
        [10.0, 9.5],
    ),
    "test_multiple_param_groups": ({"patience": 2}, [5.0] + [10.0] * 3),
}


def _random(draw: Draw) -> tuple[dict[str, Any], list[float]]:
    """Arguments, and a metric in eighths, whose averages are exact and often tie."""
    window = draw.choice([1, 1, 2, 4, 8])
    given = {
        "mode": draw.choice(["min", "max"]),
        "factor": draw.choice([0.5, 0.9, 0.95]),
        "patience": draw.randint(0, 4),
        "threshold": draw.choice([0.0, 0.25]),
        "threshold_mode": draw.choice(["abs", "rel"]),
        "cooldown": draw.randint(0, 3),
        "warmup": draw.randint(0, 3),
        "min_lr": draw.choice([1e-3, 0.02, 0.1]),
        "max_lr": draw.choice([0.1, 0.15, 1.0]),
        "eps": draw.choice([1e-8, 0.004]),
        "reset_start": draw.choice([1, 2, 5, 500]),
        **({"smooth": True, "window_size": window} if window > 1 else {}),
    }
    drift, metric = draw.choice([-1, 0, 1]), 100
    metrics = []
    for _ in range(50):
        metric += draw.randint(-2, 2) + drift * draw.randint(0, 2)
        metrics.append(metric / 8)
    return given, metrics


def _rates(given: dict[str, Any], metrics: list[float], base: float) -> list[float]:
    """The rates of the installed class after each metric."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=base)
    scheduler = import_module("transformers.optimization").GreedyLR(optimizer, **given)
    found = []
    for metric in metrics:
        scheduler.step(metric)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def traces() -> list[dict[str, Any]]:
    """Its own sequences and random ones, with the rates that the installed class sets."""
    own = [(name, {**_OWN, **given}, metrics) for name, (given, metrics) in OWN.items()]
    draw = Draw("greedy")
    drawn = [(f"random:{i}", *_random(draw)) for i in range(120)]
    return [
        {"name": name, "arguments": given, "base": 0.1, "metrics": metrics,
         "rates": _rates(given, metrics, 0.1)}
        for name, given, metrics in [*own, *drawn]
    ]  # fmt: skip


def read() -> list[dict[str, Any]]:
    """The stored traces."""
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["traces"]
    return found


def check(*, write: bool) -> list[str]:
    """What differs between the stored traces and the installed class.

    Args:
        write: whether to write the file anew instead.
    """
    now = traces()
    if write:
        head = {"system": "transformers", "version": metadata.version("transformers")}
        lines = ",\n".join(json.dumps(trace) for trace in now)
        text = f'{json.dumps(head)[:-1]}, "traces": [\n{lines}\n]}}\n'
        FILE.write_text(text, encoding="utf-8")
        return []
    stored = {trace["name"]: trace for trace in read()}
    return [
        f"transformers GreedyLR {trace['name']}: another trace is stored"
        for trace in now
        if stored.get(trace["name"]) != trace
    ]
