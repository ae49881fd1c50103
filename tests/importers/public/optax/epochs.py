from __future__ import annotations

from typing import Any

import optax

EPOCHS = 50


def optimizer(train_loader: Any) -> Any:
    rate = optax.warmup_cosine_decay_schedule(
        init_value=0.0,
        peak_value=1e-3,
        warmup_steps=len(train_loader),
        decay_steps=EPOCHS * len(train_loader),
    )
    return optax.adamw(rate)
