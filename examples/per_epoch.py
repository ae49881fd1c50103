"""A training loop that steps the scheduler once per epoch.

`steps_per_epoch=1` makes each step an epoch, so lengths can still be written as `5ep`.

    python examples/per_epoch.py
"""

from __future__ import annotations

import torch

import lrdsl

SCHEDULE = "warmup(2ep, 0.02, 0.1) >> step(4ep, 0.1)"
EPOCHS = 10

torch.manual_seed(0)
inputs = torch.randn(256, 8)
targets = inputs.sum(dim=1, keepdim=True)
dataset = torch.utils.data.TensorDataset(inputs, targets)
loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)

model = torch.nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = lrdsl.compile(SCHEDULE, optimizer, steps_per_epoch=1, total=f"{EPOCHS}ep")

used = []
for _ in range(EPOCHS):
    used.append(scheduler.get_last_lr()[0])
    for batch, wanted in loader:
        loss = torch.nn.functional.mse_loss(model(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()  # once per epoch

schedule = scheduler.schedule
assert used == [schedule(epoch) for epoch in range(EPOCHS)]
print(f"per epoch: {EPOCHS} epochs, loss {loss.item():.1g}, last rate {used[-1]:g}")
