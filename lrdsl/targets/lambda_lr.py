"""The default target: one ``LambdaLR`` that evaluates the schedule once per distinct base rate."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from lrdsl.targets.groups import base_of, check_bases

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lrdsl.schedule.schedule import Schedule

# The version of what state_dict returns.
STATE_FORMAT = 1


class ScheduleLR(LambdaLR):
    """A schedule driving the rates of an optimizer.

    It is a ``LambdaLR``, but writes the schedule's values themselves instead of multiplying factors
    into the groups' own rates, so 0.3 is 0.3 in every group.

    Args:
        schedule: the schedule.
        optimizer: the optimizer whose ``lr`` it drives.

    Raises:
        LrsError: the schedule is no rate for one of the groups.
    """

    def __init__(self, schedule: Schedule, optimizer: Optimizer) -> None:
        self.schedule = schedule
        self._bases: list[float] = []
        self._curves: list[Callable[[int], float]] = []
        self._curve_of: list[int] = []
        self._values: list[float] = []
        self._groups: list[dict[str, Any]] = []
        bases = check_bases(schedule, optimizer)
        super().__init__(optimizer, [factor(schedule, base) for base in bases])

    def _see_groups(self) -> None:
        """Finds the curve of each group; called again when groups were added."""
        for group in self.optimizer.param_groups:
            rate = group["lr"]
            group.setdefault("initial_lr", rate.clone() if isinstance(rate, Tensor) else rate)
        self.base_lrs = [group["initial_lr"] for group in self.optimizer.param_groups]
        bases = [base_of(group) for group in self.optimizer.param_groups]
        self._bases = list(dict.fromkeys(bases))
        self._curves = [self.schedule.at_base(base) for base in self._bases]
        self._curve_of = [self._bases.index(base) for base in bases]
        self._groups = self.optimizer.param_groups
        self.lr_lambdas = [factor(self.schedule, base) for base in bases]

    def step(self, epoch: int | None = None) -> None:
        """Moves on to the next update and writes its rates; called after ``optimizer.step()``.

        Args:
            epoch: go to this step instead of the next one, however far it is.
        """
        self._step_count += 1
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._write()

    def _write(self) -> None:
        """Writes the values of the current step: one evaluation a base rate, one store a group."""
        groups = self.optimizer.param_groups
        # A group was added, or the optimizer's state was loaded, and with it other base rates.
        if len(groups) != len(self._curve_of) or groups is not self._groups:
            self._see_groups()
        step = self.last_epoch
        values = self._values = [curve(step) for curve in self._curves]
        for value, base in zip(values, self._bases, strict=True):
            if not 0.0 <= value < math.inf:
                self.schedule(step, base)  # raises, and says why
        if len(values) == 1:
            (value,) = values
            for group in groups:
                if type(group["lr"]) is float:
                    group["lr"] = value
                else:
                    _store(group, value)
            return
        for group, i in zip(groups, self._curve_of, strict=True):
            _store(group, values[i])

    def get_lr(self) -> list[float | Tensor]:
        """The rates of the current step, one a group."""
        if len(self.optimizer.param_groups) != len(self._curve_of):
            self._see_groups()
        values = [curve(self.last_epoch) for curve in self._curves]
        return [values[i] for i in self._curve_of]

    def get_last_lr(self) -> list[float | Tensor]:
        """The rates last written, one a group; tensors are copies."""
        found: list[float | Tensor] = []
        for group, i in zip(self.optimizer.param_groups, self._curve_of, strict=False):
            rate = group["lr"]
            found.append(
                rate.new_full((), self._values[i]) if isinstance(rate, Tensor) else self._values[i]
            )
        return found

    def state_dict(self) -> dict[str, Any]:
        """The step and what identifies the schedule, as plain ints and strings."""
        return {
            "format": STATE_FORMAT,
            "step": self.last_epoch,
            "source": str(self.schedule.program),
            "fingerprint": fingerprint(self.schedule),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes to the step of a saved state and writes its rates.

        Args:
            state_dict: what :meth:`state_dict` returned.

        Raises:
            ValueError: it is no such state, or that of another schedule.
        """
        if state_dict.get("format") != STATE_FORMAT or not isinstance(state_dict.get("step"), int):
            raise ValueError("this is not the state of an lrdsl scheduler, or of a later version's")
        if state_dict.get("fingerprint") != fingerprint(self.schedule):
            raise ValueError(
                "this is the state of another schedule, or of another run of it:\n"
                f"  saved: {state_dict.get('source')}\n  now:   {self.schedule.program}"
            )
        self.last_epoch = state_dict["step"]
        self._step_count = self.last_epoch + 1
        self._write()


def _store(group: dict[str, Any], value: float) -> None:
    """Writes a rate: into the tensor where it is one, so that compiled steps go on seeing it."""
    if isinstance(group["lr"], Tensor):
        group["lr"].fill_(value)
    else:
        group["lr"] = value


def factor(schedule: Schedule, base: float) -> Callable[[int], float]:
    """The schedule as the factor that torch's ``LambdaLR`` would multiply a base rate with."""
    curve = schedule.at_base(base)
    if base == 0:  # no factor makes a rate of 0 anything else
        return lambda t: 1.0 if curve(t) == 0 else math.nan
    return lambda t: curve(t) / base


def fingerprint(schedule: Schedule) -> str:
    """A digest of the program and the run it was resolved for."""
    text = f"{schedule.program}\n{sorted(schedule.context.items())!r}"
    return hashlib.sha256(text.encode()).hexdigest()


def build(schedule: Schedule, optimizer: Optimizer) -> ScheduleLR:
    """The scheduler for ``target="lambda"``."""
    return ScheduleLR(schedule, optimizer)
