"""A scheduler for trainers that call ``scheduler.step()`` several times for each update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.lambda_lr import OPTIONS as LAMBDA_OPTIONS
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.options import Options

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.calls import Number
    from lrdsl.resolve.resolved import Resolved

# The options of such a scheduler.
OPTIONS = (*LAMBDA_OPTIONS, "calls_per_update")


class CountedLR(ScheduleLR):
    """A ``ScheduleLR`` that moves on with the last of the calls that belong to one update.

    Everything else counts in updates: ``last_epoch``, ``set_step`` and the state, so that a state
    can be loaded where there are more or fewer calls to an update.

    Attributes:
        calls_per_update: the number of calls of `step` for each update.
    """

    calls_per_update: int

    def _bind(
        self,
        schedules: Resolved,
        optimizer: Optimizer,
        *,
        calls_per_update: int = 1,
        **options: Unpack[Options],
    ) -> None:
        self.calls_per_update = calls_per_update
        # Binding calls `step` once, which goes to step 0.
        self._calls = calls_per_update - 1
        super()._bind(schedules, optimizer, **options)

    def step(  # type: ignore[override]  # as ScheduleLR.step
        self,
        metrics: Number | Tensor | None = None,
        epoch: Number | None = None,
        increment: Number | None = None,
        at: Number | None = None,
    ) -> None:
        """Counts the call; the last one of an update moves on as ``ScheduleLR.step`` does.

        Args:
            metrics: as for ``ScheduleLR.step``.
            epoch: as for ``ScheduleLR.step``.
            increment: as for ``ScheduleLR.step``.
            at: as for ``ScheduleLR.step``.
        """
        self._calls += 1
        if self._calls == self.calls_per_update:
            self._calls = 0
            super().step(metrics, epoch, increment, at)

    def set_step(self, step: int | None = None, *, at: Number | None = None) -> None:
        """Goes to a step, where the calls of the next update are yet to come.

        Args:
            step: the number of updates made so far, which is the index of the next one.
            at: as for ``ScheduleLR.set_step``.
        """
        super().set_step(step, at=at)
        self._calls = 0


KIND = CountedLR
