"""The training loop that short blocks of the docs take for granted."""

from __future__ import annotations

from typing import Any

import torch

import lrdsl

BATCHES = 4
EPOCHS = 90


def loop() -> dict[str, Any]:
    """The names of a script that trains: a model, an optimizer, data, and what an epoch calls.

    ``train_step`` keeps the rate that each update used in ``rates``.
    """
    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    rates: list[float] = []

    def train_step(batch: torch.Tensor) -> float:
        optimizer.zero_grad()
        loss = model(batch).square().mean()
        loss.backward()
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        return float(loss.detach())

    def validate() -> float:
        return 1.0  # a loss that never improves

    schedulers = vars(torch.optim.lr_scheduler)
    return {
        "__name__": "__main__",
        **{name: schedulers[name] for name in torch.optim.lr_scheduler.__all__},
        "epochs": EPOCHS,
        "loader": list(torch.ones(BATCHES, 3, 4)),
        "lrdsl": lrdsl,
        "model": model,
        "optimizer": optimizer,
        "rates": rates,
        "torch": torch,
        "train_step": train_step,
        "validate": validate,
    }


def side(text: str, sign: str) -> str:
    """The lines of a diff that one side has."""
    lines = text.splitlines()
    return "\n".join(line[1:] for line in lines if line[:1] in {" ", sign}) + "\n"
