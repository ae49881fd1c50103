"""Lightning: `lrdsl.lightning` makes it step after every update instead of once an epoch.

pip install lightning
python examples/with_lightning.py
"""

from __future__ import annotations

import lightning
import torch

import lrdsl

SCHEDULE = "warmup(10%) >> cosine"


class Module(lightning.LightningModule):
    """A linear model and its schedule."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(8, 1)

    def training_step(self, batch: list[torch.Tensor], index: int) -> torch.Tensor:
        """Returns the loss of a batch."""
        inputs, targets = batch
        return torch.nn.functional.mse_loss(self.layer(inputs), targets)

    def configure_optimizers(self) -> object:
        """Returns the optimizer and its schedule, for as many updates as Lightning plans."""
        optimizer = torch.optim.AdamW(self.parameters(), lr=0.01)
        total = self.trainer.estimated_stepping_batches
        return lrdsl.lightning(lrdsl.compile(SCHEDULE, optimizer, total=total))


torch.manual_seed(0)
inputs = torch.randn(256, 8)
dataset = torch.utils.data.TensorDataset(inputs, inputs.sum(dim=1, keepdim=True))
module = Module()
quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
trainer = lightning.Trainer(max_epochs=4, accelerator="cpu", enable_checkpointing=False, **quiet)
trainer.fit(module, torch.utils.data.DataLoader(dataset, batch_size=32))

scheduler = module.lr_schedulers()
(rate,) = scheduler.get_last_lr()
assert scheduler.last_epoch == trainer.global_step == 32
assert rate == scheduler.schedule(32, base=0.01) == 0
print(f"Lightning: {trainer.global_step} updates, last rate {rate:g}")
