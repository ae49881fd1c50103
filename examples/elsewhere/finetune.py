"""A script with a scheduler of transformers. `lrdsl import` reads it, and does not run it."""

from __future__ import annotations

import torch
from transformers import AutoModel, get_linear_schedule_with_warmup

epochs = 4
model = AutoModel.from_pretrained("bert-base-uncased")
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)
loader = torch.utils.data.DataLoader(range(100_000), batch_size=32)
scheduler = get_linear_schedule_with_warmup(
    optimizer, num_warmup_steps=1_000, num_training_steps=epochs * len(loader)
)
