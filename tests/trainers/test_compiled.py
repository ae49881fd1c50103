"""A compiled optimizer step: a rate that is a tensor is no reason to compile it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch._dynamo.testing import CompileCounter
from torch.optim import SGD, AdamW, Optimizer

import lrdsl
from tests.frameworks.torch.driving import Kind, optimizer, rates, weights
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
