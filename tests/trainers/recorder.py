"""What notes the rates of the updates of transformers' Trainer and of its subclasses."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback


class Recorder(TrainerCallback):
    """The rates of every update, of each group, and the last weight decays."""

    def __init__(self) -> None:
        self.used: list[tuple[float, ...]] = []
        self.decays: list[float] = []

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        groups = given["optimizer"].param_groups
        self.used.append(tuple(group["lr"] for group in groups))
        self.decays = [group["weight_decay"] for group in groups]
