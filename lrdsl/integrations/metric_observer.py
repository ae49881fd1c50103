"""An observer that a trainer steps with a metric, next to the scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from torch.optim.lr_scheduler import LRScheduler

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR


class Observer(LRScheduler):
    """Passes metrics on to a scheduler. It is an ``LRScheduler`` because trainers require one.

    Args:
        scheduler: the scheduler that observes the metric, and keeps all state.
        monitor: the name of the metric.

    Attributes:
        scheduler: the first argument.
        monitor: the second argument.
        is_attended: True once something has undertaken to pass the metric.
    """

    def __init__(self, scheduler: ScheduleLR, monitor: str) -> None:
        # torch's own constructor would take the optimizer's rates for the first ones of a run.
        self.scheduler, self.monitor = scheduler, monitor
        self.optimizer = cast("Optimizer", Unlogged(scheduler.optimizer))
        self.is_attended = False

    def step(self, metrics: float | Tensor) -> None:  # type: ignore[override]  # as ReduceLROnPlateau
        """Observes a metric.

        Args:
            metrics: the metric.
        """
        self.scheduler.observe(metrics)

    def require_attention(self) -> None:
        """Refuses to go on if nothing passes the metric.

        Raises:
            RuntimeError: nothing does.
        """
        if not self.is_attended:
            raise RuntimeError(
                f"nothing passes {self.monitor!r} to this schedule, because Lightning passes no"
                " metric under manual optimization: add the callback"
                " `lrdsl.lightning_callback.ScheduleCallback()` to the trainer; or pass"
                " monitor=False to `lrdsl.lightning`, and call `scheduler.observe` in a hook of"
                " the module"
            )

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


class Unlogged:
    """An optimizer as trainers find it in an observer: equal to it, and without groups.

    Trainers refuse a scheduler of another optimizer, and log the groups of that of each scheduler.
    An observer's would be logged a second time.

    Args:
        optimizer: the optimizer.

    Attributes:
        param_groups: no groups.
        defaults: those of the optimizer.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self.param_groups: list[dict[str, Any]] = []
        self.defaults: dict[str, Any] = optimizer.defaults

    def __eq__(self, other: object) -> bool:
        one = other._optimizer if isinstance(other, Unlogged) else other
        return one is self._optimizer

    def __hash__(self) -> int:
        return hash(self._optimizer)
