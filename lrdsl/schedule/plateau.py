"""Meters: the part of a schedule that a metric drives, kept apart from the curve.

A schedule stays a pure function: of the step and, for every `plateau` in it, of the factor it has
come down to. The factors change when a metric is observed, and only here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl.check.tree import Meter
from lrdsl.limits import STEPS

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule

# The factor of every meter, by name.
NamedFactors = Mapping[str, float]
Rates = Callable[[NamedFactors], Sequence[float]]


class Meters:
    """The meters of a schedule and what they have seen: best value, waiting, reductions.

    The rules are those of torch's ``ReduceLROnPlateau``.

    Args:
        meters: what they were given.
    """

    def __init__(self, meters: Iterable[Meter]) -> None:
        self.meters = tuple(meters)
        self._best = [-math.inf if m.maximise else math.inf for m in self.meters]
        self._waited = [0] * len(self.meters)
        self._cooling = [0] * len(self.meters)
        self._reductions = [0] * len(self.meters)

    @staticmethod
    def of(schedules: Iterable[Schedule]) -> Meters:
        """The meters of some schedules, before anything was measured."""
        return Meters(dict.fromkeys([meter for s in schedules for meter in s.meters]))

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.meters)

    @property
    def factors(self) -> NamedFactors:
        """The factor of every meter, by name."""
        return {
            meter.name: meter.factor**count
            for meter, count in zip(self.meters, self._reductions, strict=True)
        }

    def observe(self, metric: float, active: Iterable[str], rates: Rates) -> bool:
        """Takes a measurement.

        Args:
            metric: what was measured.
            active: names of the meters whose parts were running.
            rates: the rates of that time under given factors; a reduction that changes none of
                them by more than ``eps`` is not made.

        Returns:
            Whether a factor has changed.
        """
        running = set(active)
        before = list(self._reductions)
        for i, meter in enumerate(self.meters):
            if meter.name in running:
                self._count(i, meter, metric)
                if self._waited[i] > meter.patience:
                    self._reduce(i, meter, rates)
        return self._reductions != before

    def _count(self, i: int, meter: Meter, metric: float) -> None:
        if meter.better(metric, self._best[i]):
            self._best[i] = metric
            self._waited[i] = 0
        else:
            self._waited[i] += 1
        if self._cooling[i] > 0:
            self._cooling[i] -= 1
            self._waited[i] = 0

    def _reduce(self, i: int, meter: Meter, rates: Rates) -> None:
        self._waited[i], self._cooling[i] = 0, int(meter.cooldown)
        old = rates(self.factors)
        self._reductions[i] += 1
        new = rates(self.factors)
        if not any(a - b > meter.eps for a, b in zip(old, new, strict=True)):
            self._reductions[i] -= 1

    def state(self) -> dict[str, float]:
        """What the meters have seen, as plain numbers."""
        state: dict[str, float] = {}
        for i, meter in enumerate(self.meters):
            state |= {
                f"{meter.name}.best": self._best[i],
                f"{meter.name}.waited": self._waited[i],
                f"{meter.name}.cooling": self._cooling[i],
                f"{meter.name}.reductions": self._reductions[i],
            }
        return state

    def load(self, state: Mapping[str, object], only: Iterable[Meter] | None = None) -> None:
        """Takes over what :meth:`state` returned; nothing changes where it does not fit.

        Args:
            state: what was returned, perhaps with more in it.
            only: the meters to take it over for; None for all of them.

        Raises:
            ValueError: something is missing, or is no number of its kind.
        """
        taken = self.meters if only is None else set(only)
        readings = [
            (i, {field: _read(state, f"{meter.name}.{field}", kind) for field, kind in _KINDS})
            for i, meter in enumerate(self.meters)
            if meter in taken
        ]
        for i, values in readings:
            self._best[i] = float(values["best"])
            self._waited[i] = int(values["waited"])
            self._cooling[i] = int(values["cooling"])
            self._reductions[i] = int(values["reductions"])


# What is remembered of a meter, and whether it is a count.
_KINDS = (("best", float), ("waited", int), ("cooling", int), ("reductions", int))


def _read(state: Mapping[str, object], name: str, kind: type[float]) -> float:
    if name not in state:
        raise ValueError(f"this state of an lrdsl scheduler lacks its `{name}`")
    value = state[name]
    is_count = kind is int
    if (
        not isinstance(value, int | float)
        or type(value) is not kind
        or (is_count and not 0 <= value <= STEPS)
    ):
        raise ValueError(f"`{name}` of this state is no {'count' if is_count else 'number'}")
    return int(value) if is_count else float(value)


def for_schedule(schedule: Schedule, factors: NamedFactors) -> tuple[float, ...] | None:
    """The factors of one schedule, in the order in which it takes them; None where it takes none.

    Args:
        schedule: the schedule.
        factors: those of all meters.
    """
    if not schedule.meters:
        return None
    return tuple([factors[meter.name] for meter in schedule.meters])
