"""What is said when a program and an optimizer do not fit, word by word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from torch.optim import SGD, Adam, Optimizer

import lrdsl
from tests.diagnostics.examples import check_golden
from tests.frameworks.torch.driving import drive, optimizer, parameter

GOLDENS = Path(__file__).parent / "goldens"


def named(*names: str) -> Optimizer:
    return SGD([{"params": [parameter()], "name": name} for name in names], lr=0.1)


def many(count: int) -> Optimizer:
    return named(*(f"layer.{i}" for i in range(count)))


REFUSED: dict[str, tuple[str, Optimizer]] = {
    "a name that no group has": ('lr["tail"]: const  lr: const', named("head", "body")),
    "a name where groups have none": ('lr["tail"]: const  lr: const', optimizer(0.1, 0.2)),
    "an index that no group has": ("lr[2]: const  lr: const", optimizer(0.1, 0.2)),
    "one of twenty groups": ('lr["tail"]: const  lr: const', many(20)),
    "one of twenty-two groups": ('lr["tail"]: const  lr: const', many(22)),
    "groups that nothing drives": ('lr["layer.1"]: const', many(3)),
    "twenty-one groups that nothing drives": ('lr["layer.1"]: const', many(22)),
    "twenty-two groups that nothing drives": ('lr["layer.1"]: const', many(23)),
    "two selectors for a group": ('lr[0]: const  lr["layer.*"]: const', many(2)),
    "a number in other letters": ("momentun: const", SGD([parameter()], lr=0.1)),
    "a number like none": ("zzz: const", Adam([parameter()], lr=0.1)),
    "a number like none of SGD's": ("zzz: const", SGD([parameter()], lr=0.1)),
}


def test_programs_for_other_groups() -> None:
    told = []
    for name, (text, driven) in REFUSED.items():
        with pytest.raises(lrdsl.LrsError) as caught:
            lrdsl.compile(text, driven)
        told.append(f"{name}\n{caught.value}\n")
    check_golden(GOLDENS / "refused.txt", "====\n".join(told))


def lines(count: int) -> str:
    """A program of so many lines."""
    return "\n".join([*(f"let a{i} = {i}" for i in range(count - 1)), "linear(40)"])


LONG = " >> ".join(f"const(1, {i / 1000})" for i in range(300))
CHANGED: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "another length": ("linear(20)", {}, "linear(40)", {}),
    "another run": ("linear", {"total": 30}, "linear", {"total": 40, "steps_per_epoch": 2}),
    "the same now": ("warmup(5) >> const", {}, "warmup(6) >> const", {}),
    "hardly another": ("linear(20)", {}, "linear(20, base, 1e-9)", {}),
    "a long line": (LONG, {}, "const", {}),
    "a line that just fits": (f"let {'a' * 192} = 1  linear(40)", {}, "linear(20)", {}),
    "a line that just does not": (f"let {'a' * 193} = 1  linear(40)", {}, "linear(20)", {}),
    "many lines": (lines(31), {}, "linear(50)", {}),
    "lines that just fit": (lines(20), {}, "linear(20)", {}),
    "lines that just do not": (lines(21), {}, "linear(20)", {}),
    "another number": ("lr: const  dampening: linear(20, 0.5, 0)", {}, "const", {}),
    "other groups": ('lr["head"]: const  lr: const', {}, "const", {}),
    "another plateau": ("const * plateau(0.5)", {}, "const * plateau(0.1)", {}),
    "a plateau that has reduced": (
        "const * plateau(0.5, patience = 0)", {}, "linear(100) * plateau(0.5, patience = 0)", {},
    ),
}  # fmt: skip


def test_states_of_other_programs() -> None:
    told = []
    for name, (old, old_run, new, new_run) in CHANGED.items():
        first = named("head", "body") if "head" in old else optimizer(0.1)
        saving = lrdsl.compile(old, first, **old_run)
        drive(saving, 12)
        if "plateau" in old:
            saving.observe(1.0)
            saving.observe(1.0)
        loading = lrdsl.compile(new, optimizer(*[0.1] * len(first.param_groups)), **new_run)
        with pytest.raises(ValueError) as caught:
            loading.load_state_dict(saving.state_dict())
        told.append(f"{name}\n{caught.value}\n")
    check_golden(GOLDENS / "changed.txt", "====\n".join(told))
