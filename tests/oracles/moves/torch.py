"""torch: calls of its schedulers in Python files, which are run as they stand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from tests.oracles.moves.move import Move, Moves
from tests.oracles.peers.case import Draw

_HEAD = """\
import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler, ConstantLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, CyclicLR,
    ExponentialLR, LinearLR, MultiStepLR, OneCycleLR, PolynomialLR, SequentialLR, StepLR,
)
from torch.optim.swa_utils import SWALR

model = torch.nn.Linear(1, 1)
optimizer = torch.optim.{optimizer}(model.parameters(), lr={lr})
"""
# A call without its optimizer, and the updates to compare.
_Calls = Iterator[tuple[str, int]]


def _rates(source: str) -> Callable[[int], list[float]]:
    """Runs the file, and steps its scheduler after each update."""

    def rates(updates: int) -> list[float]:
        names: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(source, names)
            optimizer, scheduler = names["optimizer"], names["scheduler"]
            found = []
            for _ in range(updates):
                found.append(float(optimizer.param_groups[0]["lr"]))
                optimizer.step()
                if len(found) < updates:
                    scheduler.step()
        return found

    return rates


def _drawn(draw: Draw) -> Iterator[Move]:
    for make in (_stairs, _lines, _cosines, _cycles, _one_cycles, _swa):
        for call, updates in make(draw):
            name, _, rest = call.partition("(")
            yield _move(draw, f"scheduler = {name}(optimizer, {rest}", updates)
    for lines, updates in (*_sequences(draw), *_chains(draw)):
        yield _move(draw, lines, updates)
    for growing in ("ExponentialLR(optimizer, 1.02)", "StepLR(optimizer, 20, gamma=1.1)"):
        call = f"scheduler = {growing}"
        yield _move(draw, call, 200, given={"total": 200})
    for steps, low in ((1, 0.0), (7, 0.001), (40, 0.0)):
        call = f"scheduler = CosineAnnealingLR(optimizer, {steps}, {low})"
        yield _move(draw, call, 100, given={"total": 100})
    for lines in _lambdas():
        yield _move(draw, lines, 100)


def _move(draw: Draw, lines: str, updates: int, given: dict[str, int] | None = None) -> Move:
    lr = draw.rate()
    optimizer = draw.choice(("SGD", "Adam", "AdamW"))
    source = f"{_HEAD.format(optimizer=optimizer, lr=lr)}{lines}\n"
    return Move({"train.py": source}, _rates(source), updates, given or {}, base=lr)


def _lambdas() -> Iterator[str]:
    """Functions of the step, which a script can write as arithmetic only."""
    calls = {
        "LambdaLR": ("lambda _: 0.5", "lr_lambda=lambda epoch: 0.25 * 0.95 ** epoch"),
        "MultiplicativeLR": ("lambda _: 1", "lr_lambda=lambda epoch: 0.95"),
    }
    for name, functions in calls.items():
        for function in functions:
            imports = f"from torch.optim.lr_scheduler import {name}"
            yield f"{imports}\nscheduler = {name}(optimizer, {function})"


def _stairs(draw: Draw) -> _Calls:
    yield "StepLR(30)", 200
    yield f"StepLR(step_size=1, gamma={draw.factor()})", 30
    yield f"StepLR({draw.randint(2, 40)}, {draw.factor()})", 200
    yield "MultiStepLR([30, 80])", 200
    yield f"MultiStepLR(milestones=[9, 3, 3], gamma={draw.factor()})", 40
    yield f"MultiStepLR([0, 5], {draw.factor()})", 40
    yield "MultiStepLR([], 0.5)", 40
    yield "MultiStepLR([4, 9], gamma=1.5)", 40
    yield f"MultiStepLR({draw.ascending(6, 200)}, {draw.factor()})", 220


def _lines(draw: Draw) -> _Calls:
    yield "ConstantLR()", 20
    yield f"ConstantLR({draw.factor()}, {draw.randint(1, 50)})", 80
    yield f"ConstantLR(factor={draw.factor()}, total_iters=0)", 20
    yield "ConstantLR(1.0, 7)", 20
    yield "LinearLR()", 20
    yield f"LinearLR({draw.factor()}, total_iters={draw.randint(2, 60)})", 80
    yield f"LinearLR(start_factor=1.0, end_factor={draw.factor()}, total_iters=30)", 60
    yield f"LinearLR({draw.factor()}, {draw.factor()}, 1)", 20
    yield f"LinearLR({draw.factor()}, 1.0, 0)", 20
    yield "LinearLR(1.0, 0.0, 12)", 20
    yield "LinearLR(1.0, 1.0, 12)", 20
    yield "LinearLR(0.5, 0.5, 12)", 20
    yield "PolynomialLR()", 12
    yield f"PolynomialLR(total_iters={draw.randint(2, 90)}, power=2)", 100
    yield f"PolynomialLR({draw.randint(2, 90)}, {draw.factor(0.3, 3)})", 100
    yield "PolynomialLR(0)", 12
    yield "PolynomialLR(1, 0.5)", 12
    yield f"ExponentialLR({draw.factor(0.8, 0.99)})", 150
    yield "ExponentialLR(1.0)", 30
    yield f"ExponentialLR(gamma={draw.factor()})", 30


def _cosines(draw: Draw) -> _Calls:
    yield "CosineAnnealingLR(50)", 50
    yield f"CosineAnnealingLR(T_max={draw.randint(20, 300)}, eta_min=1e-5)", 20
    yield "CosineAnnealingLR(T_max=1, eta_min=0.01)", 1
    yield f"CosineAnnealingLR(30, {draw.rate(0.1, 1)})", 30
    yield "CosineAnnealingWarmRestarts(10)", 64
    yield f"CosineAnnealingWarmRestarts({draw.randint(2, 9)}, T_mult=2, eta_min=1e-4)", 200
    yield "CosineAnnealingWarmRestarts(1, 3)", 90
    yield f"CosineAnnealingWarmRestarts(T_0=7, eta_min={draw.rate()})", 60


def _cycles(draw: Draw) -> _Calls:
    yield "CyclicLR(0.001, 0.1)", 900
    yield f"CyclicLR({draw.rate(1e-4, 1e-2)}, 0.1, {draw.randint(1, 30)})", 200
    yield f"CyclicLR(0.001, max_lr=0.1, step_size_up={draw.randint(2, 9)}, step_size_down=13)", 200
    yield "CyclicLR(0.001, 0.1, 5, mode='triangular2', cycle_momentum=False)", 100
    yield "CyclicLR(0.001, 0.1, 5, 9, 'triangular2')", 100
    yield f"CyclicLR(0.001, 0.1, 4, mode='exp_range', gamma={draw.factor(0.9, 0.99)})", 100
    yield "CyclicLR(0.001, 0.1, 4, 3, 'exp_range', 0.95, base_momentum=0.7, max_momentum=0.8)", 100
    yield "CyclicLR(0.001, 0.1, 4, 3, 'exp_range')", 100


def _one_cycles(draw: Draw) -> _Calls:
    yield "OneCycleLR(0.1, 100)", 100
    yield f"OneCycleLR(max_lr={draw.rate()}, epochs=7, steps_per_epoch=11)", 77
    yield f"OneCycleLR(0.1, total_steps=60, pct_start={draw.factor()})", 60
    yield "OneCycleLR(0.1, 60, pct_start=0.0)", 60
    yield "OneCycleLR(0.1, 60, pct_start=1.0)", 60
    yield "OneCycleLR(0.1, 60, pct_start=0.5, three_phase=True)", 60
    yield f"OneCycleLR(0.1, 90, pct_start={draw.factor(0.1, 0.45)}, three_phase=True)", 90
    yield "OneCycleLR(0.1, 60, anneal_strategy='linear', cycle_momentum=False)", 60
    yield "OneCycleLR(0.1, 60, div_factor=10, final_div_factor=1e2)", 60
    yield (
        "OneCycleLR(0.1, 70, None, None, 0.2, 'linear', True, 0.8, 0.9, 5.0, 50.0, True)", 70
    )  # fmt: skip
    yield "OneCycleLR(0.1, 2)", 2


def _swa(draw: Draw) -> _Calls:
    yield "SWALR(0.05)", 30
    yield f"SWALR(swa_lr={draw.rate()}, anneal_epochs={draw.randint(1, 30)})", 50
    yield "SWALR(0.05, anneal_epochs=0)", 10
    yield "SWALR(0.0, 12, 'linear')", 20


def _sequences(draw: Draw) -> _Calls:
    up = draw.randint(2, 20)
    yield (
        f"warm = LinearLR(optimizer, start_factor=0.1, total_iters={up})\n"
        f"main = CosineAnnealingLR(optimizer, T_max={100 - up}, eta_min=1e-5)\n"
        f"scheduler = SequentialLR(optimizer, schedulers=[warm, main], milestones=[{up}])",
        100,
    )
    for inner, milestones, updates in (
        ("ConstantLR(*, 0.1, 5), ExponentialLR(*, 0.9)", [10], 60),
        ("ConstantLR(*, 0.1, 20), StepLR(*, 4)", [10], 60),
        ("LinearLR(*, 0.1, 1.0, 10), StepLR(*, 4, 0.5)", [6], 60),
        ("LinearLR(*, 0.1, 1.0, 10), MultiStepLR(*, [0, 5], 0.5)", [10], 60),
        ("LinearLR(*, 0.1, 0.8, 10), ConstantLR(*, 0.5, 0), PolynomialLR(*, 9)", [12, 20], 40),
        ("StepLR(*, 5), LinearLR(*, 1.0, 0.1, 10)", [12], 40),
        ("StepLR(*, 5), ConstantLR(*, 0.5, 3), ExponentialLR(*, 0.9)", [0, 7], 40),
        ("StepLR(*, 5), CosineAnnealingLR(*, 6, 0.001), StepLR(*, 3)", [4, 20], 40),
        ("CosineAnnealingLR(*, 20), CosineAnnealingWarmRestarts(*, 3, 2)", [15], 60),
        ("LinearLR(*, 0.5, 1, 4), CyclicLR(*, 0.1, 0.3, 4)", [4], 40),
        ("CyclicLR(*, 0.1, 0.3, 4, cycle_momentum=False), LinearLR(*, 0.5, 1, 4)", [9], 40),
        ("LinearLR(*, 0.5, 1, 4), OneCycleLR(*, 0.3, 20)", [4], 24),
        ("SequentialLR(*, [LinearLR(*, 0.1, 1.0, 4), ConstantLR(*, 0.5, 6)], [5]), StepLR(*, 3)",
         [20], 40),
        ("ChainedScheduler([LinearLR(*, 0.1, 1.0, 4), ExponentialLR(*, 0.9)]), StepLR(*, 3)",
         [20], 40),
        ("LinearLR(*, 0.1), StepLR(*, 3), StepLR(*, 5)", [6, 6], 40),
    ):  # fmt: skip
        yield f"scheduler = {_nest('SequentialLR', inner, milestones)}", updates


def _chains(draw: Draw) -> _Calls:
    for inner, updates in (
        ("LinearLR(*, 0.1, 1.0, 10), ExponentialLR(*, 0.95)", 60),
        ("ConstantLR(*, 0.1, 5), ExponentialLR(*, 0.9)", 60),
        ("ConstantLR(*, 0.1, 0), StepLR(*, 9)", 60),
        ("CosineAnnealingLR(*, 40), ExponentialLR(*, 0.95)", 40),
        ("ExponentialLR(*, 0.95), CosineAnnealingLR(*, 40), LinearLR(*, 0.25, 1, 6)", 40),
        ("PolynomialLR(*, 30, 2), MultiStepLR(*, [5, 5, 9], 0.5)", 30),
        ("StepLR(*, 7, 1.1), LinearLR(*, 1.0, 0.0, 20)", 30),
        (f"CosineAnnealingWarmRestarts(*, {draw.randint(2, 9)})", 60),
        ("OneCycleLR(*, 0.1, 50)", 50),
    ):
        yield f"scheduler = ChainedScheduler([{inner}])".replace("*", "optimizer"), updates


def _nest(kind: str, inner: str, milestones: list[int]) -> str:
    return f"{kind}(optimizer, [{inner}], {milestones})".replace("*", "optimizer")


MOVES = Moves("torch", _drawn)
