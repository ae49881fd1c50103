"""The schedulers of Dive into Deep Learning, chapter 12.11, from the formulas of its text."""

from __future__ import annotations

import math


def square_root(t: int, rate: float) -> float:
    """SquareRootScheduler: the rate goes with (t + 1) to the power of -1/2."""
    return rate * math.pow(t + 1, -0.5)


class Factor:
    """FactorScheduler: each update multiplies the rate, down to a floor.

    Its object starts at the base rate, and call number n, counted from 1, gives the rate after n
    updates.
    """

    def __init__(self, factor: float, floor: float, base: float) -> None:
        self.factor = factor
        self.floor = floor
        self.rate = base

    def __call__(self) -> float:
        """The rate after one more update."""
        self.rate = max(self.floor, self.rate * self.factor)
        return self.rate


def multi_factor(t: int, milestones: tuple[int, ...], factor: float, base: float) -> float:
    """The piecewise constant schedule: each milestone that has come multiplies the rate."""
    rate = base
    for milestone in milestones:
        if t >= milestone:
            rate *= factor
    return rate


class Cosine:
    """CosineScheduler: a linear warm-up, half a cosine up to ``max_update``, then its last value.

    Args:
        max_update: the update at which the final rate is reached.
        base_lr: the rate after the warm-up.
        final_lr: the rate at ``max_update``.
        warmup_steps: how many updates the warm-up takes of ``max_update``.
        warmup_begin_lr: the rate at update 0 of a warm-up.
    """

    def __init__(
        self,
        max_update: int,
        base_lr: float,
        final_lr: float,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0.0,
    ) -> None:
        self.max_update = max_update
        self.base_lr = base_lr
        self.final_lr = final_lr
        self.warmup_steps = warmup_steps
        self.warmup_begin_lr = warmup_begin_lr

    def __call__(self, t: int) -> float:
        """The rate at update t."""
        if t < self.warmup_steps:
            increase = (self.base_lr - self.warmup_begin_lr) * t / self.warmup_steps
            return self.warmup_begin_lr + increase
        done = min(t, self.max_update) - self.warmup_steps
        angle = math.pi * done / (self.max_update - self.warmup_steps)
        return self.final_lr + (self.base_lr - self.final_lr) * (1 + math.cos(angle)) / 2
