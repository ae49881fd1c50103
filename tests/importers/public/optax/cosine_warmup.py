from __future__ import annotations

from typing import Any

import optax


def schedule(hyperparameters: Any) -> Any:
    warmup = optax.linear_schedule(
        init_value=0.0,
        end_value=hyperparameters.learning_rate,
        transition_steps=hyperparameters.warmup_steps,
    )
    steps = hyperparameters.num_steps - hyperparameters.warmup_steps
    cosine = optax.cosine_decay_schedule(
        init_value=hyperparameters.learning_rate, decay_steps=steps
    )
    return optax.join_schedules(
        schedules=[warmup, cosine], boundaries=[hyperparameters.warmup_steps]
    )
