"""A schedule as the factor of a base rate, for schedulers that only multiply."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lrdsl.outside import as_float, as_step, shown
from lrdsl.schedule.bound import checked_curve, refuse
from lrdsl.wording import apart, number

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule

# A state that was written on another machine may differ by roundings.
_CLOSE = 1e-9
_INSTEAD = "use the scheduler that lrdsl.compile returns"
_ANYWAY = 'to load it all the same, set every item of its "lr_lambdas" to None'


class Factor:
    """A function from a step to ``rate / base``, which can be copied and pickled.

    torch's ``LambdaLR`` saves the ``__dict__`` of such an object, and updates it to load a state.
    Here it consists of three numbers, and an update compares them instead of replacing anything.

    Args:
        schedule: the schedule.
        base: the rate that the factor will be multiplied by.
        step: the step that it was called with last.

    Raises:
        ValueError: the schedule needs to know more than the step, or ``base`` is not a rate.
        LrsError: a rate is invalid.
    """

    __slots__ = ("_base", "_curve", "_divisor", "_schedule", "_step")

    def __init__(self, schedule: Schedule, base: float, step: int = 0) -> None:
        self._base = as_float(base, "a base")
        _check(schedule, self._base)
        # A multiple of `base` is the same for every base, and for 0 it cannot be had by division.
        self._divisor = 1.0 if schedule.is_proportional else self._base
        self._curve = checked_curve(schedule, self._divisor)
        self._schedule, self._step = schedule, step

    def __call__(self, step: int) -> float:
        """Returns the factor of a step.

        Args:
            step: the index of the update, from 0 to 2^53.
        """
        self._step = as_step(step)
        return self._curve(self._step) / self._divisor

    @property
    def __dict__(self) -> _State:  # type: ignore[override]
        """The state: the base, the step of the last call, and its factor."""
        factor = self._curve(self._step) / self._divisor
        return _State(self, {"base": self._base, "step": self._step, "factor": factor})

    def compare(self, saved: Mapping[str, Any]) -> None:
        """Compares a saved state with this schedule at the step of the state.

        Args:
            saved: the state.

        Raises:
            ValueError: the two differ there, or it is not such a state.
        """
        try:
            base, was = float(saved["base"]), float(saved["factor"])
            step = as_step(saved["step"])
        except (KeyError, TypeError, ValueError):
            message = f"this is not the state of a factor of lrdsl: {shown(dict(saved))}"
            raise ValueError(f"{message}; {_ANYWAY}") from None
        if base != self._base and not self._schedule.is_proportional:
            then, now = apart(base, self._base)
            message = f"the factor in this state is of the base {then}, and this one of {now}"
            raise ValueError(f"{message}: to go on with the base of the state, use factor({then})")
        now_is = self._curve(step) / self._divisor
        if not math.isclose(was, now_is, rel_tol=_CLOSE, abs_tol=_CLOSE):
            then, now = apart(was, now_is)
            message = (
                "this is the state of another schedule, or of another run of it: its factor at step"
                f" {step:,} is {then}, and that of this schedule is {now}"
            )
            raise ValueError(f"{message}; {_ANYWAY}")

    def __reduce__(self) -> tuple[type[Factor], tuple[Schedule, float, int]]:
        return Factor, (self._schedule, self._base, self._step)

    def __repr__(self) -> str:
        return f"<factor({number(self._base)}) of {self._schedule!r}>"


class _State(dict[str, float]):
    """The ``__dict__`` of a factor.

    Args:
        factor: the factor.
        own: its numbers.
    """

    def __init__(self, factor: Factor, own: dict[str, float]) -> None:
        super().__init__(own)
        self._factor = factor

    def update(self, saved: Mapping[str, Any]) -> None:  # type: ignore[override]
        """Compares a state that is loaded."""
        self._factor.compare(saved)


def _check(schedule: Schedule, base: float) -> None:
    """Refuses what no function of the step alone can be multiplied with a base."""
    refuse(schedule, "a factor")
    if not 0 <= base < math.inf:
        raise ValueError(f"a base is a rate of 0 or more, not {shown(base)}")
    if base == 0 and not schedule.is_proportional:
        raise ValueError(
            f"no factor of a base of 0 is a rate of this schedule: write its rates in terms of"
            f" `base`, pass a base above 0, or {_INSTEAD}"
        )
