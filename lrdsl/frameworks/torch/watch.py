"""The watch of a scheduler on its optimizer's updates, and how long it lasts.

A hook counts the updates until their rhythm is judged, after two steps of an ordinary run. Then it
is removed, and steps cost nothing more. At the run's total, another hook waits for an update that
is one too many. Hooks of a scheduler that is gone are removed when the next one is made.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.frameworks.torch import running
from lrdsl.frameworks.torch.hooks import hooked
from lrdsl.frameworks.torch.rhythm import Rhythm
from lrdsl.frameworks.torch.step_order import has_infinite_gradients, warn_of_order

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer
    from torch.utils.hooks import RemovableHandle

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.resolve.resolved import Resolved

# A step that is never reached; an int, since a step is compared with it every time.
NEVER = limits.STEPS + 1
# So many tensors may be kept of updates that were perhaps left out.
_MANY = 1000


class Watch:
    """Watches the updates for one scheduler, which it does not keep alive.

    Args:
        scheduler: the scheduler.
        updates_per_step: the number of updates for each step.
        is_fresh: True if the scheduler's next step is the first of its run.

    Attributes:
        scheduler: returns the scheduler, or None once it is gone.
        attend: the step from which on the scheduler has to call `stepped`.
    """

    attend = NEVER
    _steps = 0  # before the first update; more than two are not counted
    _order: RemovableHandle | None = None
    _past: RemovableHandle | None = None
    _is_told_of_numbers = _is_told_of_total = False
    _schedules: Resolved | None = None
    _total = NEVER
    _count: Count | None = None
    _rhythm: Rhythm | None = None

    def __init__(self, scheduler: ScheduleLR, updates_per_step: int, *, is_fresh: bool) -> None:
        self.scheduler = weakref.ref(scheduler)
        self._kept: list[RemovableHandle] = []
        self._is_fresh = is_fresh
        self._updates_per_step = updates_per_step
        calling = hooked(scheduler.optimizer)
        if calling is None:
            return
        self._count = Count(calling)
        self.attend = 0
        if scheduler.last_epoch:  # a run may be over where it starts; at step 0 it is not
            self._look(scheduler, scheduler.last_epoch)

    def stepped(self, scheduler: ScheduleLR, step: int) -> None:
        """Takes notice that the scheduler is about to go to a step.

        Args:
            scheduler: the scheduler.
            step: where it goes.
        """
        if self._count is not None:
            if self._count.is_used:
                self._judge(scheduler, self._count, step - scheduler.last_epoch)
            elif self._steps < 2 and scheduler.last_epoch >= 0:  # torch's SequentialLR starts at -1
                self._count_early(scheduler.optimizer)
        self._look(scheduler, step)

    def sent(self, scheduler: ScheduleLR) -> None:
        """Takes notice that the scheduler was sent to a step, or loaded a state.

        Args:
            scheduler: the scheduler.
        """
        self._is_fresh = False
        self._remove_order()
        if self._count is not None:
            self._count.take(scheduler.optimizer)
        self._look(scheduler, scheduler.last_epoch)

    def leave(self) -> None:
        """Removes all hooks: the scheduler is gone."""
        self._remove_order()
        for handle in self._kept:
            handle.remove()
        if self._past is not None:
            self._past.remove()
        if self._count is not None:
            self._count.stop()

    def keep(self, handle: RemovableHandle) -> None:
        """Keeps a hook of the scheduler's for as long as the scheduler is there.

        Args:
            handle: the hook.
        """
        self._kept.append(handle)

    def numbered(self, scheduler: ScheduleLR, step: int) -> None:
        """Takes notice that the scheduler is about to go to a step by its bare number.

        Args:
            scheduler: the scheduler.
            step: where it goes.
        """
        if not self._is_told_of_numbers and not 0 <= step - scheduler.last_epoch <= 1:
            self._is_told_of_numbers = True
            running.numbered_step(scheduler, step)

    def _count_early(self, optimizer: Optimizer) -> None:
        """Counts a step before the first update: one is a mistake, and more go fast forward."""
        self._steps += 1
        if self._steps == 2:
            self._remove_order()
        elif self._is_fresh and not has_infinite_gradients(optimizer):
            calling = hooked(optimizer)
            assert calling is not None  # it is what counts
            self._order = calling.register_step_post_hook(self._updated_after_a_step)

    def _updated_after_a_step(self, *_: object) -> None:
        # A hook must not remove itself: torch is walking through the hooks.
        scheduler = self.scheduler()
        if self._is_fresh and scheduler is not None:
            self._is_fresh = False
            warn_of_order(scheduler.owner)

    def _remove_order(self) -> None:
        if self._order is not None:
            self._order.remove()
            self._order = None

    def _judge(self, scheduler: ScheduleLR, count: Count, moved: int) -> None:
        self._remove_order()
        if self._rhythm is None:
            self._rhythm = Rhythm(self._updates_per_step)
        made = count.take(scheduler.optimizer)
        if made > self._updates_per_step * max(moved, 1):
            running.refuse_epochs(scheduler, made)
        updates = self._rhythm.judged(made, moved)
        if updates is None:
            return
        count.stop()
        self._count = None
        if updates and running.counts_updates(scheduler):
            running.too_few_steps(scheduler, updates)

    def _look(self, scheduler: ScheduleLR, step: int) -> None:
        """Finds what has to be looked at next, for a scheduler that goes to a step."""
        if self._schedules is not scheduler.schedules:
            self._schedules = scheduler.schedules
            total = running.total_of(scheduler.schedules)
            self._total = NEVER if total is None else total
        if step >= self._total and not self._is_told_of_total:
            if self._past is None and (calling := hooked(scheduler.optimizer)) is not None:
                self._past = calling.register_step_post_hook(self._updated)
        elif self._past is not None:
            self._past.remove()
            self._past = None
        is_over = self._is_told_of_total and self._past is None
        self.attend = 0 if self._count is not None else NEVER if is_over else self._total

    def _updated(self, *_: object) -> None:
        """Takes notice of an update that may be one too many."""
        scheduler = self.scheduler()
        if scheduler is None or self._is_told_of_total or scheduler.last_epoch < self._total:
            return
        self._is_told_of_total = True
        running.past_total(scheduler, self._total)


class Count:
    """Counts the updates of an optimizer, without those that a ``GradScaler`` left out.

    Args:
        optimizer: the optimizer.

    Attributes:
        is_used: True if an update was ever counted, or left out.
    """

    _depth = _made = _groups = 0
    _is_used = False

    def __init__(self, optimizer: Optimizer) -> None:
        self._skips: list[Tensor] = []
        self._handles = [
            optimizer.register_step_post_hook(self._after),
            optimizer.register_step_pre_hook(self._before),
        ]

    # A `step` that calls the `step` of the class it is derived from calls the hooks twice. Both are
    # traced in compiled steps, and so take no decision that would be another one the next time.

    def _before(self, *_: object) -> None:
        self._depth += 1

    def _after(self, optimizer: Optimizer, *_: object) -> None:
        self._depth -= 1
        if self._depth <= 0:
            self._made += 1
            self._groups += len(optimizer.param_groups)
            # Fused optimizers are called for updates too that are left out, and told of it so.
            skip = getattr(optimizer, "found_inf", None)
            if skip is not None:
                self._skips.append(skip)
                if len(self._skips) == _MANY:
                    self._settle()

    def _settle(self) -> None:
        """Counts what was left out by now: the scheduler may never ask."""
        self._is_used = True
        self._made -= sum(bool(skip) for skip in self._skips)
        self._skips = []

    @property
    def is_used(self) -> bool:
        """True if an update was ever made, or left out by a ``GradScaler``."""
        return self._is_used or self._made > 0

    def take(self, optimizer: Optimizer) -> int:
        """The number of updates since the last call.

        Args:
            optimizer: the optimizer, with its groups as they are between updates.
        """
        made, skips, groups = self._made, self._skips, self._groups
        self._is_used = self.is_used
        self._depth = self._made = self._groups = 0
        self._skips = []
        if made <= 1:
            return made
        # Asking a GPU takes time, and one update is one at most.
        return min(made - sum(bool(skip) for skip in skips), _whole(optimizer, groups))

    def stop(self) -> None:
        """Counts no more."""
        for handle in self._handles:
            handle.remove()


def _whole(optimizer: Optimizer, stepped: int) -> int:
    """The number of updates of all groups; ZeRO of DeepSpeed makes one in several calls.

    Args:
        optimizer: the optimizer. At stage 3 its groups are empty between updates, and each call is
            for any part of the parameters.
        stepped: the sum of the groups that each call had: one at stages 1 and 2.
    """
    groups = optimizer.param_groups
    if not any(group["params"] for group in groups):
        return 1
    return max(stepped // len(groups), 1)
