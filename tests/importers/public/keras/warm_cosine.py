from __future__ import annotations

import keras

decay_steps = 1000
initial_learning_rate = 0.0
warmup_steps = 1000
target_learning_rate = 0.1
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate,
    decay_steps,
    warmup_target=target_learning_rate,
    warmup_steps=warmup_steps,
)
optimizer = keras.optimizers.SGD(learning_rate=schedule)
