"""A plain training loop that steps the scheduler after every update.

The schedule is written in epochs and fills the run; `steps_per_epoch` and `total` say how long
those are.

    python examples/plain_loop.py
"""

from __future__ import annotations

import torch

import lrdsl

SCHEDULE = "warmup(1ep) >> cosine(end = base / 100)"
EPOCHS = 5

torch.manual_seed(0)
inputs = torch.randn(256, 8)
targets = inputs.sum(dim=1, keepdim=True)
dataset = torch.utils.data.TensorDataset(inputs, targets)
loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)

model = torch.nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = lrdsl.compile(SCHEDULE, optimizer, steps_per_epoch=len(loader), total=f"{EPOCHS}ep")

for _ in range(EPOCHS):
    for batch, wanted in loader:
        loss = torch.nn.functional.mse_loss(model(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()  # after every update

(rate,) = scheduler.get_last_lr()
assert rate == scheduler.schedule(EPOCHS * len(loader), base=0.1) == 0.001
print(f"plain loop: {scheduler.last_epoch} updates, loss {loss.item():.1g}, last rate {rate:g}")
