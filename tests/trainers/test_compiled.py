"""A compiled optimizer step: a rate that is a tensor is no reason to compile it again."""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._dynamo.testing import CompileCounter
from torch.optim import (
    ASGD,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    NAdam,
    Optimizer,
    RAdam,
    RMSprop,
    Rprop,
)

import lrdsl
from tests.frameworks.torch.driving import Kind, optimizer, parameter, rates, weights
from tests.trainers.training import BASES, TEXT, wanted

# torch 2.13 compiles with modules of its own that it has deprecated.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:`torch\.jit\.script_method` is deprecated:DeprecationWarning"
)

KINDS: dict[str, Kind] = {"SGD": SGD, "AdamW": AdamW}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was compiled before must not count."""
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def tensors() -> list[Tensor]:
    return [torch.tensor(base, dtype=torch.float64) for base in BASES]


def train(driven: Optimizer, backend: CompileCounter | None) -> list[int]:
    """How many graphs there were after each of twenty updates."""
    scheduler = lrdsl.compile(TEXT, driven)
    step = torch.compile(driven.step, backend=backend) if backend else driven.step
    graphs = []
    for used in wanted(20):
        assert tuple(rates(driven)) == used
        step()
        scheduler.step()
        graphs.append(backend.frame_count if backend else 0)
    return graphs


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_rate_in_a_tensor_is_compiled_once_and_followed(kind: Kind) -> None:
    eager, compiled = optimizer(*tensors(), kind=kind), optimizer(*tensors(), kind=kind)
    train(eager, None)
    assert train(compiled, CompileCounter()) == [1] * 20
    for found, expected in zip(weights(compiled), weights(eager), strict=True):
        # Compiled, AdamW corrects its bias by a step that it counts in single precision.
        assert found == pytest.approx(expected, rel=1e-4)
    assert weights(compiled) != weights(optimizer(*tensors(), kind=kind))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_rate_in_a_float_is_compiled_again(kind: Kind) -> None:
    """So the counter would notice a tensor that was replaced."""
    assert train(optimizer(*BASES, kind=kind), CompileCounter())[-1] > 1


def test_the_scheduler_can_be_stepped_in_what_is_compiled() -> None:
    """As torch's own recipe for compiled optimizers does it."""
    driven = optimizer(*tensors(), kind=AdamW)
    scheduler = lrdsl.compile(TEXT, driven)
    counter = CompileCounter()

    @torch.compile(backend=counter)
    def update() -> None:
        driven.step()
        scheduler.step()

    graphs = []
    for used in wanted(20):
        assert tuple(rates(driven)) == used
        update()
        graphs.append(counter.frame_count)
    assert len(set(graphs[1:])) == 1


def capturable(*, compiled: bool = True) -> Optimizer:
    """An optimizer whose steps are tensors too; on a CPU, torch has to compile it."""
    return optimizer(*tensors(), kind=partial(AdamW, capturable=compiled))


def resumed(driven: Optimizer, step: Callable[[], object]) -> Iterator[None]:
    """Trains for 20 updates, the last 12 after loading the states of a checkpoint."""
    scheduler = lrdsl.compile(TEXT, driven)
    for used in wanted(8):
        assert tuple(rates(driven)) == used
        step()
        scheduler.step()
        yield
    states = copy.deepcopy((driven.state_dict(), scheduler.state_dict()))
    driven.load_state_dict(states[0])
    scheduler.load_state_dict(states[1])
    for used in wanted(12, first=8):
        assert tuple(rates(driven)) == used
        step()
        scheduler.step()
        yield


def test_loading_compiles_once_more_as_without_a_schedule() -> None:
    counter, driven = CompileCounter(), capturable()
    before = [group["lr"] for group in driven.param_groups]
    step = torch.compile(driven.step, backend=counter)
    assert [counter.frame_count for _ in resumed(driven, step)] == [1] * 8 + [2] * 12
    assert all(g["lr"] is rate for g, rate in zip(driven.param_groups, before, strict=True))

    eager = capturable(compiled=False)
    assert len([*resumed(eager, eager.step)]) == 20
    for found, expected in zip(weights(driven), weights(eager), strict=True):
        assert found == pytest.approx(expected, rel=1e-4)

    counter, alone = CompileCounter(), capturable()
    step = torch.compile(alone.step, backend=counter)
    step()
    alone.load_state_dict(copy.deepcopy(alone.state_dict()))
    step()
    assert counter.frame_count == 2


# What torch can compile with numbers in tensors, and where it cannot: it asks in Python whether the
# number is 0 (docs/how-to/compiled-steps.md has the lines).
RATES = (SGD, Adagrad, Adadelta, RMSprop, Rprop, ASGD)
BETAS = (Adam, AdamW, NAdam, RAdam, Adamax)
DECAYS = (Adam, AdamW, NAdam, Adamax, Adagrad)
NOT_COMPILED = {
    (SGD, "weight_decay"): (346, "if weight_decay != 0:"),
    (SGD, "momentum"): (357, "if momentum != 0:"),
    (RMSprop, "weight_decay"): (307, "if weight_decay != 0:"),
    (RMSprop, "momentum"): (332, "if momentum > 0:"),
    (Adadelta, "weight_decay"): (284, "if weight_decay != 0:"),
}
FALLING = "lr: linear(40, 0.1, 0.01)  {}: linear(40, 0.5, 0.1)"


def frames(driven: Optimizer, text: str) -> list[int]:
    """How many graphs there were after each of thirty updates."""
    counter = CompileCounter()
    scheduler = lrdsl.compile(text, driven)
    step = torch.compile(driven.step, backend=counter)
    graphs = []
    for _ in range(30):
        step()
        scheduler.step()
        graphs.append(counter.frame_count)
    return graphs


def three(kind: Any, **options: Any) -> Optimizer:
    """An optimizer with three groups; numbers that are given are in tensors."""
    driven: Optimizer = kind(
        [{"params": [parameter()], "lr": torch.tensor(0.1)} for _ in range(3)], **options
    )
    return driven


@pytest.mark.parametrize("kind", RATES, ids=lambda kind: kind.__name__)
def test_rates_are_compiled_once(kind: Any) -> None:
    driven = three(kind)
    assert frames(driven, TEXT) == [1] * 30


@pytest.mark.parametrize("kind", BETAS, ids=lambda kind: kind.__name__)
def test_rates_and_betas_are_compiled_once(kind: Any) -> None:
    driven = three(kind, betas=(torch.tensor(0.9), torch.tensor(0.999)))
    assert frames(driven, FALLING.format("momentum")) == [1] * 30
    betas = {float(group["betas"][0]) for group in driven.param_groups}
    assert betas == {torch.tensor(0.2).item()}


@pytest.mark.parametrize("kind", DECAYS, ids=lambda kind: kind.__name__)
def test_weight_decay_is_not_compiled_again(kind: Any) -> None:
    found = frames(three(kind, weight_decay=torch.tensor(0.1)), FALLING.format("weight_decay"))
    assert found[0] > 0
    assert set(found) == {found[0]}


@pytest.mark.parametrize(
    ("kind", "name"), NOT_COMPILED, ids=lambda one: one if isinstance(one, str) else one.__name__
)
def test_what_torch_does_not_compile(kind: Any, name: str) -> None:
    """It runs the step as it is, with the right numbers."""
    driven = three(kind, **{name: torch.tensor(0.1)})
    assert frames(driven, FALLING.format(name)) == [0] * 30
    found = {float(group[name]) for group in driven.param_groups}
    assert found == {torch.tensor(0.2).item()}
    lines = inspect.getsource(sys.modules[kind.__module__]).splitlines()
    number, line = NOT_COMPILED[kind, name]
    assert lines[number - 1].strip() == line
