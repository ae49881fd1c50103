"""A scheduler that LightningCLI makes before it knows the run, until a callback says it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch.compiling import kind_for
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.running import CALLBACK, LIGHTNING, is_called_by
from lrdsl.record import replace
from lrdsl.resolve.run_arguments import RunArguments

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.utils.hooks import RemovableHandle

    from lrdsl.frameworks.torch.compiling import Order
    from lrdsl.resolve.resolved import Resolved

# What is found in a text whose run is not known.
_UNKNOWN = {"unresolved-unit", "missing-length"}
# Stand for the run while it is asked which arguments would do. A total may be known in epochs.
_STAND_INS: tuple[RunArguments, ...] = (
    {"steps_per_epoch": 1_000},
    {"total": 1_000_000},
    {"total": 1_000_000, "steps_per_epoch": 1_000},
)


def waits(scheduler: ScheduleLR, order: Order, optimizer: Optimizer, error: LrsError) -> bool:
    """Makes a scheduler wait for the run, if Lightning made it and can say what is missing.

    LightningCLI makes a scheduler before the trainer, and a module may take one from its config.

    Args:
        scheduler: the scheduler, in its constructor.
        order: what is to be compiled.
        optimizer: its optimizer.
        error: what was raised.

    Returns:
        False if it has nothing to wait for.
    """
    if type(scheduler) is not ScheduleLR or not hasattr(optimizer, "register_step_pre_hook"):
        return False
    is_injected = is_called_by(("jsonargparse",)) and any(map(sys.modules.get, LIGHTNING))
    if not (is_injected or is_called_by(LIGHTNING)) or not _is_unknown(error):
        return False
    needs = next((run for run in _STAND_INS if _would_do(order, run)), None)
    if needs is None:
        return False
    scheduler.__class__ = WaitingLR
    assert isinstance(scheduler, WaitingLR)
    scheduler.wait(order, optimizer, error, needs)
    return True


def _is_unknown(error: LrsError) -> bool:
    return all(found.slug in _UNKNOWN for found in error.diagnostics)


def _would_do(order: Order, run: RunArguments) -> bool:
    """True if a text has all that it needs with these arguments of the run."""
    try:
        order.laid_out(run)
    except LrsError as error:
        return not any(found.slug in _UNKNOWN for found in error.diagnostics)
    return True


class WaitingLR(ScheduleLR):
    """A scheduler that has no schedule yet: any use of it, and any update, is an error."""

    _order: Order
    _error: LrsError
    _needs: RunArguments
    _guard: RemovableHandle

    def wait(
        self, order: Order, optimizer: Optimizer, error: LrsError, needs: RunArguments
    ) -> None:
        """Waits.

        Args:
            order: what is to be compiled.
            optimizer: its optimizer.
            error: what is missing.
            needs: the arguments that are, with values to try the text by.
        """
        self.optimizer, self._order, self._error, self._needs = optimizer, order, error, needs
        self._guard = optimizer.register_step_pre_hook(lambda *_: self._refuse(CALLBACK))

    def begin(self, total: int | None, steps_per_epoch: int | None, epochs: int | None) -> None:
        """Lays the program out, and becomes the scheduler that it needs.

        Args:
            total: the number of updates of the run; None if the trainer does not know it.
            steps_per_epoch: the number of updates in one epoch, likewise.
            epochs: the number of epochs, which is the total of a schedule that counts epochs.

        Raises:
            LrsError: the program has errors, or what is missing is not known.
        """
        if "total" in self._needs and self._counts_epochs():
            total = epochs
        known: RunArguments = {"total": total, "steps_per_epoch": steps_per_epoch}
        if any(known.get(name) is None for name in self._needs):
            self._refuse("Lightning does not know it here: set `--trainer.max_steps`")
        order, optimizer = self._order, self.optimizer
        order.know({name: known.get(name) for name in self._needs})

        def made(schedules: Resolved, options: dict[str, Any]) -> ScheduleLR:
            self._guard.remove()
            for name in ("_order", "_error", "_needs", "_guard"):
                delattr(self, name)
            self.__class__ = ScheduleLR  # type: ignore[assignment]  # it was one, and is again
            self._become(kind_for(schedules, options))
            self._bind(schedules, optimizer, **options)
            return self

        order.fill_one(optimizer, made)

    def _counts_epochs(self) -> bool:
        return self._order.laid_out(self._needs).run.units.get("ep") == 1

    def _refuse(self, way: str) -> NoReturn:
        """Raises what was found in the text, with two ways out."""
        names = " and ".join(f"`--lr_scheduler.{name}`" for name in self._needs)
        help = f"{way}; or pass {names}, or write a `run` in the text"
        found = [replace(one, help=help, fixes=()) for one in self._error.diagnostics]
        raise LrsError(found)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse(CALLBACK)

    def __repr__(self) -> str:
        return "<ScheduleLR that waits for the length of its run>"
