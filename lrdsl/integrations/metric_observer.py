"""An observer that a trainer steps with a metric, next to the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.optim.lr_scheduler import LRScheduler

if TYPE_CHECKING:
    from torch import Tensor

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR


class Observer(LRScheduler):
    """Passes metrics on to a scheduler. It is an ``LRScheduler`` because trainers require one.

    Args:
        scheduler: the scheduler that observes the metric, and keeps all state.
    """

    def __init__(self, scheduler: ScheduleLR) -> None:
        # torch's own constructor would take the optimizer's rates for the first ones of a run.
        self.scheduler = scheduler
        self.optimizer = scheduler.optimizer

    def step(self, metrics: float | Tensor) -> None:  # type: ignore[override]  # as ReduceLROnPlateau
        """Observes a metric.

        Args:
            metrics: the metric.
        """
        self.scheduler.observe(metrics)

    def get_last_lr(self) -> list[float | Tensor]:
        """The learning rates last written, by the scheduler."""
        return self.scheduler.get_last_lr()

    def state_dict(self) -> dict[str, Any]:
        """Returns an empty state: the scheduler saves the metrics."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes nothing.

        Args:
            state_dict: the return value of `state_dict`.
        """
