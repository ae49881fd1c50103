"""Data about an optimizer, kept in it for as long as it exists."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hooks import hooked

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.buffers import Buffers
    from lrdsl.frameworks.torch.hyperparameters import Group
    from lrdsl.frameworks.torch.plan import Plan


_NAME = "_lrdsl_attached"
# What `base` means before any scheduler is there; nobody writes to it.
_NO_BASES = Bases([], [], [])


class Joining(Protocol):
    """An object that is notified of new groups."""

    def join(self) -> None:
        """Takes in the groups that were added."""


class Listening(Joining, Protocol):
    """A scheduler, as far as it has to know what happens to its optimizer."""

    def follow(self) -> None:
        """Follows an optimizer whose state was loaded."""


class Watching(Protocol):
    """What watches the optimizer for one scheduler, which it does not keep alive."""

    @property
    def scheduler(self) -> Callable[[], Listening | None]:
        """Gives the scheduler, for as long as it is there."""

    def leave(self) -> None:
        """Removes all hooks: the scheduler is gone."""


class Attached:
    """The data that the schedulers of one optimizer share.

    Attributes:
        bases: the values of `base` in the latest of them.
        guard: the object to notify of new groups if the latest of them is one of torch's own.
        buffers: where the numbers that tensors hold are; None if none was driven yet.
    """

    bases = _NO_BASES
    _plan: Plan | None = None
    _torchs: weakref.ref[LRScheduler] | None = None
    guard: Joining | None = None
    buffers: Buffers | None = None
    _is_listening = False

    def __init__(self) -> None:
        self._watches: list[Watching] = []

    @staticmethod
    def to(optimizer: Optimizer) -> Attached:
        """The data attached to an optimizer.

        Args:
            optimizer: the optimizer.
        """
        # In the optimizer itself, whose copies and pickles leave it out, as they do `step`: a table
        # of optimizers would keep those alive whose parameters have hooks that refer to them.
        found: Attached | None = optimizer.__dict__.get(_NAME)
        if found is None:
            found = optimizer.__dict__[_NAME] = Attached()
        return found

    def listen(self, optimizer: Optimizer, watch: Watching) -> None:
        """Lets a scheduler know of groups that are added, and of a state that is loaded.

        The hooks of deleted schedulers are removed here, not when those are deleted: torch may be
        walking through the hooks then.

        Args:
            optimizer: the optimizer.
            watch: what watches it for the scheduler.
        """
        if self._watches:
            gone = [one for one in self._watches if one.scheduler() is None]
            for one in gone:
                one.leave()
                self._watches.remove(one)
        self._watches.append(watch)
        self.watch(optimizer)

    def watch(self, optimizer: Optimizer) -> None:
        """Notices groups that are added, and a state that is loaded.

        Args:
            optimizer: the optimizer.
        """
        if not self._is_listening:
            self._is_listening = True
            if (calling := hooked(optimizer)) is not None:
                calling.register_load_state_dict_post_hook(self._loaded)
            if hasattr(optimizer, "add_param_group"):
                _watch(optimizer, self)

    def _listening(self) -> list[Listening]:
        """The schedulers that are still there."""
        return [scheduler for one in self._watches if (scheduler := one.scheduler()) is not None]

    def join(self) -> None:
        """Lets the schedulers take in the groups that were added."""
        if self.guard is not None:
            self.guard.join()
        for scheduler in self._listening():
            scheduler.join()

    def _loaded(self, _: Optimizer) -> None:
        for scheduler in self._listening():
            scheduler.follow()

    def note(
        self,
        bases: Bases,
        plan: Plan | None,
        torchs: LRScheduler | None = None,
        guard: Joining | None = None,
    ) -> None:
        """Notes which scheduler is the latest.

        Args:
            bases: the values of `base` in it.
            plan: its plan, if it is one of lrdsl's.
            torchs: one of torch's own.
            guard: the object to notify of new groups.
        """
        self.guard = guard
        self.bases, self._plan = bases, plan
        self._torchs = None if torchs is None else weakref.ref(torchs)

    def written(self) -> dict[tuple[int, str], float]:
        """The values written last, by the id of the group and the name of the number."""
        found: dict[tuple[int, str], float] = {}
        if self._plan is not None and self._plan.values:
            for job, value in zip(self._plan.jobs, self._plan.values, strict=True):
                found |= {(id(group), job.slot.name): value for group in job.groups}
        torchs = None if self._torchs is None else self._torchs()
        if torchs is not None:
            groups = torchs.optimizer.param_groups
            for group, rate in zip(groups, torchs.get_last_lr(), strict=False):
                found[id(group), RATE] = float(rate)
        return found


def _watch(optimizer: Optimizer, attached: Attached) -> None:
    """Lets groups join as soon as they are added; torch has no hook for that."""
    inner = optimizer.add_param_group
    # The optimizer must not hold itself, or only the garbage collector could free it.
    function = getattr(inner, "__func__", None)
    me = weakref.ref(optimizer)

    def add_param_group(param_group: Group) -> None:
        optimizer = me()
        if optimizer is None:
            return
        groups = optimizer.param_groups
        before = len(groups)
        if function is None:
            inner(param_group)
        else:
            function(optimizer, param_group)
        try:
            attached.join()
        except LrsError:
            del groups[before:]  # it has not joined, and can be added again
            raise

    add_param_group.__doc__ = inner.__doc__
    if function is not None:
        del inner
    optimizer.add_param_group = add_param_group  # type: ignore[method-assign]
