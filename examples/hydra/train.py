"""Hydra: the schedule is part of the config, and a sweep can change its text or its parameters.

pip install hydra-core
python examples/hydra/train.py
python examples/hydra/train.py scheduler.source="linear(end = 0.01)"
lrdsl check examples/hydra
"""

from __future__ import annotations

import hydra
import torch
from omegaconf import DictConfig


@hydra.main(version_base=None, config_path=".", config_name="config")
def main(config: DictConfig) -> None:
    """Trains a linear model as the config says."""
    torch.manual_seed(0)
    inputs = torch.randn(256, 8)
    dataset = torch.utils.data.TensorDataset(inputs, inputs.sum(dim=1, keepdim=True))
    loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)

    model = torch.nn.Linear(8, 1)
    optimizer = hydra.utils.instantiate(config.optimizer, model.parameters())
    scheduler = hydra.utils.instantiate(
        config.scheduler, optimizer=optimizer, steps_per_epoch=len(loader)
    )
    for _ in range(config.epochs):
        for batch, wanted in loader:
            loss = torch.nn.functional.mse_loss(model(batch), wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()

    (rate,) = scheduler.get_last_lr()
    assert rate == scheduler.schedule(scheduler.last_epoch, base=config.optimizer.lr)
    print(f"Hydra: {scheduler.last_epoch} updates, last rate {rate:g}")


if __name__ == "__main__":
    main()
