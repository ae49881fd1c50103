"""A script with a scheduler of transformers. `lrdsl import` reads it, and does not run it."""

from __future__ import annotations

from typing import Any

import torch
from transformers import get_linear_schedule_with_warmup


def train(model: torch.nn.Module, loader: torch.utils.data.DataLoader[Any]) -> None:
    """Fine-tune a model with a warm-up of a thousand updates."""
    epochs = 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
    scheduler = get_linear_schedule_with_warmup(
        optimizer, num_warmup_steps=1_000, num_training_steps=epochs * len(loader)
    )
    for _ in range(epochs):
        for batch in loader:
            model(batch).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
            scheduler.step()
