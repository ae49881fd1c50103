"""States and a checkpoint that 0.1.0 wrote: every later version goes on from them.

They are never written again. For a new kind of state, add a case and run
``python -m tests.frameworks.torch.test_stored_states``, which writes only what is missing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import lrdsl

FOLDER = Path(__file__).with_name("states")
CHECKPOINT = FOLDER / "checkpoint.pt"
STEPS, LATER = 30, 40
PLATEAU = "const(100, 0.1) * plateau(0.5, patience = 2)"
SEVERAL = 'lr["d"]: linear(60, 0.2, 0)  lr["g"]: warmup(10, 0, 0.4) >> const'
# The program, and the arguments of its run.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("warmup(5%) >> cosine(rest, base, base / 10)", {"total": 100}),
    "units": ("warmup(2ep) >> cosine", {"total": "9ep", "steps_per_epoch": 10.5}),
    "targets": ("lr: warmup(5) >> cosine(90)  momentum: linear(95, 0.9, 0.8)", {}),
    "params": ("param peak = 0.3  warmup(5, 0, peak) >> const", {"params": {"peak": "0.2"}}),
    "event": ('until(signal("cool"), const) >> linear(20)', {}),
    "plateau": (PLATEAU, {}),
    "clock": ("run clock = tok, total = 800tok, 1st = 10tok  linear", {}),
    "captures": ('lr["layers.{i}.*"]: cosine(80, base * 0.5 ^ i, 0)', {}),
    "stated": ("run total = 9ep, 1ep = 11st  warmup(1ep) >> cosine", {}),
}


def built(name: str) -> tuple[torch.optim.Optimizer, Any]:
    text, run = CASES[name]
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [
        {"params": [parameter], "name": f"layers.{k}.w", "lr": 0.1 / (k + 1)}
        for k, parameter in enumerate(parameters)
    ]
    if name != "captures":
        groups = [{"params": parameters, "lr": 0.1}]
    optimizer = torch.optim.SGD(groups, 0.1, momentum=0.9)
    return optimizer, lrdsl.compile(text, optimizer, **run)


def trained(name: str, optimizer: torch.optim.Optimizer, scheduler: Any, steps: range) -> None:
    for step in steps:
        optimizer.step()
        if name == "event" and step == 12:
            scheduler.signal("cool")
        if name == "plateau":
            scheduler.observe(1.0)
        scheduler.step()


def numbers(optimizer: torch.optim.Optimizer) -> list[list[float]]:
    return [[float(group["lr"]), float(group["momentum"])] for group in optimizer.param_groups]


def store(name: str) -> dict[str, Any]:
    optimizer, scheduler = built(name)
    trained(name, optimizer, scheduler, range(STEPS))
    state, before = scheduler.state_dict(), numbers(optimizer)
    trained(name, optimizer, scheduler, range(STEPS, STEPS + LATER))
    return {"state": state, "numbers": before, "later": numbers(optimizer)}


@pytest.mark.parametrize("name", CASES)
def test_a_stored_state_goes_on_as_the_run_did(name: str) -> None:
    stored = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    optimizer, scheduler = built(name)
    scheduler.load_state_dict(stored["state"])
    assert scheduler.last_epoch == STEPS
    assert numbers(optimizer) == stored["numbers"]
    trained(name, optimizer, scheduler, range(STEPS, STEPS + LATER))
    assert numbers(optimizer) == stored["later"]


@pytest.mark.parametrize("name", CASES)
def test_a_state_of_today_is_the_stored_one(name: str) -> None:
    """What is written changes on purpose only: then with a format of its own."""
    stored = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert json.loads(json.dumps(store(name))) == stored


def several() -> tuple[dict[str, torch.optim.Optimizer], Any]:
    model = torch.nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.fill_(0.5)
    optimizers: dict[str, torch.optim.Optimizer] = {
        "d": torch.optim.AdamW([model.weight], 0.1),
        "g": torch.optim.SGD([model.bias], 0.1),
    }
    return optimizers, lrdsl.compile(SEVERAL, optimizers)


def test_a_stored_checkpoint_of_two_optimizers_is_loaded() -> None:
    stored = torch.load(CHECKPOINT)
    optimizers, scheduler = several()
    for name, optimizer in optimizers.items():
        optimizer.load_state_dict(stored[name])
    scheduler.load_state_dict(stored["scheduler"])
    rates = {name: one.param_groups[0]["lr"] for name, one in optimizers.items()}
    assert rates == pytest.approx({"d": 0.1, "g": 0.4}, rel=1e-15)
    scheduler.step()
    assert optimizers["d"].param_groups[0]["lr"] == pytest.approx(0.2 * 29 / 60, rel=1e-15)


def _checkpoint() -> dict[str, Any]:
    optimizers, scheduler = several()
    for _ in range(STEPS):
        for optimizer in optimizers.values():
            optimizer.step()
        scheduler.step()
    states = {name: optimizer.state_dict() for name, optimizer in optimizers.items()}
    return {**states, "scheduler": scheduler.state_dict()}


if __name__ == "__main__":
    for case in CASES:
        file = FOLDER / f"{case}.json"
        if not file.exists():
            file.write_text(json.dumps(store(case), indent=1) + "\n", "utf-8")
    if not CHECKPOINT.exists():
        torch.save(_checkpoint(), CHECKPOINT)
