"""What the trainers train here: a small model, and an optimizer that remembers its rates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import SGD
from torch.utils.data import Dataset

import lrdsl

# Two groups, so that a trainer that treats the first one only is noticed.
BASES = (0.08, 0.02)
TEXT = "warmup(3) >> cosine(10, base, base / 10)"
Rates = list[tuple[float, ...]]


class Remembering(SGD):
    """SGD that notes the rates of its groups at every update."""

    def __init__(self, parameters: Iterable[Any], **options: Any) -> None:
        self.used: Rates = []
        super().__init__(parameters, **options)

    def step(self, closure: Any = None) -> Any:
        self.used.append(tuple(float(group["lr"]) for group in self.param_groups))
        return super().step(closure)


def model() -> nn.Sequential:
    """The same small network every time."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 1))


class WithLoss(nn.Module):
    """The small model, as the Trainer of transformers calls it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = model()

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"loss": (self.layers(inputs) - labels).square().mean()}


def optimizer(layers: nn.Sequential) -> Remembering:
    """One group for each of its layers."""
    groups = [
        {"params": layers[i].parameters(), "lr": base}
        for i, base in zip((0, 2), BASES, strict=True)
    ]
    return Remembering(groups, momentum=0.9)


def batches(count: int, size: int = 2) -> torch.Tensor:
    """Inputs that are the same every time, one row of examples for each batch."""
    return torch.randn(count, size, 4, generator=torch.Generator().manual_seed(0))


def wanted(updates: int, first: int = 0, text: str = TEXT) -> Rates:
    """The rates of some updates, by the schedule itself."""
    schedule = lrdsl.parse(text).resolve()
    return [tuple(schedule(t, base=base) for base in BASES) for t in range(first, first + updates)]


class Rows(Dataset[torch.Tensor]):
    """The rows of a tensor, one an example."""

    def __init__(self, rows: torch.Tensor) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.rows[index]
