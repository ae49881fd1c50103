"""transformers: the `Trainer` steps, saves and resumes the scheduler that it is given.

pip install 'transformers[torch]'
python examples/with_transformers.py
"""

from __future__ import annotations

import tempfile

import torch
from transformers import Trainer, TrainingArguments

import lrdsl

SCHEDULE = "warmup(10%) >> cosine"


class Model(torch.nn.Module):
    """A linear model, which returns its loss as the `Trainer` expects it."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(8, 1)

    def forward(self, inputs: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        """Returns the loss of a batch."""
        return {"loss": torch.nn.functional.mse_loss(self.layer(inputs), labels)}


torch.manual_seed(0)
rows = torch.randn(256, 8)
dataset = [{"inputs": row, "labels": row.sum(dim=0, keepdim=True)} for row in rows]
model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)

with tempfile.TemporaryDirectory() as folder:
    arguments = TrainingArguments(
        folder, max_steps=40, use_cpu=True, report_to="none", save_strategy="no", disable_tqdm=True
    )
    scheduler = lrdsl.compile(SCHEDULE, optimizer, total=arguments.max_steps)
    trainer = Trainer(model, arguments, train_dataset=dataset, optimizers=(optimizer, scheduler))
    trainer.train()

(rate,) = scheduler.get_last_lr()
assert scheduler.last_epoch == trainer.state.global_step == 40
assert rate == scheduler.schedule(40, base=0.01) == 0
print(f"transformers: {scheduler.last_epoch} updates, last rate {rate:g}")
