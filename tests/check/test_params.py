"""``Program.params``, and the dictionaries of sweeps that hold other names too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import lrdsl

TEXT = """
## The highest rate.
## It is absolute.
param peak = 0.4
param warm = 5ep  # no documentation

let half = peak / 2
## Its second sentence.
param end = half * 0.1  ## neither is this
param share = base * 0.5
param both = 2ep + 10st
param is_long = 1 > 0
param milestones = [3, 5]
param tail = linear(5)

warmup(warm) >> cosine(if(is_long, 10, 5), peak, end) >> stairs(milestones, [1, 2, 3])
"""


def test_the_params_of_a_program() -> None:
    program = lrdsl.parse(TEXT)
    found = {p.name: (p.default, p.kind, p.documentation) for p in program.params}
    assert found == {
        "peak": (0.4, "number", "The highest rate.\nIt is absolute."),
        "warm": ("5ep", "length", ""),
        "end": (pytest.approx(0.02), "number", "Its second sentence."),
        "share": ("base * 0.5", "number", ""),
        "both": ("2ep + 10st", "length", ""),
        "is_long": (True, "condition", ""),
        "milestones": ("[3, 5]", "list", ""),
        "tail": ("linear(5)", "schedule", ""),
    }
    assert {p.name: p.default for p in program.params} == program.resolve_all(
        steps_per_epoch=10
    ).params
    assert lrdsl.parse("let a = 1  const(5, a)").params == ()


def test_a_param_is_a_record() -> None:
    (one,), (other,) = (lrdsl.parse("param a = 1  const(5, a)").params for _ in range(2))
    assert (one, hash(one)) == (other, hash(other))
    assert repr(one) == "Param(name='a', default=1.0, kind='number', documentation='')"
    with pytest.raises(AttributeError):
        one.name = "b"  # type: ignore[misc]


PROGRAM = lrdsl.parse("param peak = 0.4  param warm = 5  warmup(warm, end = peak)")
SWEEP: dict[Any, Any] = {
    "peak": np.float32(0.5),
    "optimizer": "adamw",
    "layers": [64, 32],
    "nested": {"a": None},
    "batch size": 2**70,
    7: torch.ones(3),
}


def test_a_whole_sweep_may_be_handed_over() -> None:
    wanted = PROGRAM.resolve_all(params={"peak": 0.5})
    assert PROGRAM.resolve_all(params=SWEEP, strict_params=False) == wanted
    assert PROGRAM.resolve(params=SWEEP, strict_params=False)(5) == 0.5
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    scheduler = lrdsl.compile(PROGRAM, optimizer, params=SWEEP, strict_params=False)
    assert scheduler.schedules == wanted
    # What was left out is not in a state, nor in what is kept of a run.
    assert wanted.as_dict()["run"] == {"params": {"peak": 0.5}}
    again = lrdsl.compile(PROGRAM, optimizer, params={"peak": 0.5})
    again.load_state_dict(scheduler.state_dict())


def test_a_sweep_without_any_of_them_changes_nothing() -> None:
    found = PROGRAM.resolve_all(params={"optimizer": "adamw"}, strict_params=False)
    assert found == PROGRAM.resolve_all() == PROGRAM.resolve_all(strict_params=False)


def test_values_of_known_names_are_checked_all_the_same() -> None:
    with pytest.raises(lrdsl.LrsError, match="`peak` cannot be 'high'"):
        PROGRAM.resolve_all(params={"peak": "high"}, strict_params=False)
    with pytest.raises(lrdsl.LrsError, match="`params` cannot be 5"):
        PROGRAM.resolve_all(params=5, strict_params=False)  # type: ignore[arg-type]


def test_it_is_strict_by_default() -> None:
    for strict in ({}, {"strict_params": True}):
        with pytest.raises(lrdsl.LrsError, match="the program has no param `peek`"):
            PROGRAM.resolve_all(params={"peek": 0.5}, **strict)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^strict_params is True or False, not 'no'$"):
        PROGRAM.resolve_all(strict_params="no")  # type: ignore[arg-type]
