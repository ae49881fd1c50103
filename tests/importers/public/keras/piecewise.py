from __future__ import annotations

import keras

boundaries = [100000, 110000]
values = [1.0, 0.5, 0.1]
rate = keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)
