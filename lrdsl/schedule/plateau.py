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
        meters: the meters.
    """

    def __init__(self, meters: Iterable[Meter]) -> None:
        self._seen = [_Seen(meter) for meter in meters]

    def __bool__(self) -> bool:
        """True if there are meters."""
        return bool(self._seen)

    @property
    def factors(self) -> NamedFactors:
        """The factor of every meter, by name."""
        return {seen.meter.name: seen.meter.factor**seen.reductions for seen in self._seen}

    def observe(self, metric: float, active: Iterable[str], rates: Rates) -> bool:
        """Takes a measurement.

        Args:
            metric: the metric.
            active: names of the meters whose parts were running.
            rates: the rates of that time under given factors; a reduction that changes none of
                them by more than ``eps`` is not made.

        Returns:
            True if a factor has changed.
        """
        running = set(active)
        before = self.factors
        for seen in self._seen:
            if seen.meter.name in running:
                seen.count(metric)
                if seen.waited > seen.meter.patience:
                    self._reduce(seen, rates)
        return self.factors != before

    def _reduce(self, seen: _Seen, rates: Rates) -> None:
        seen.waited, seen.cooling = 0, int(seen.meter.cooldown)
        old = rates(self.factors)
        seen.reductions += 1
        new = rates(self.factors)
        if not any(a - b > seen.meter.eps for a, b in zip(old, new, strict=True)):
            seen.reductions -= 1

    def state(self) -> dict[str, float]:
        """The state of the meters, as plain numbers."""
        return {
            f"{seen.meter.name}.{field}": getattr(seen, field)
            for seen in self._seen
            for field in _FIELDS
        }

    def load(self, state: Mapping[str, object], only: Iterable[Meter] | None = None) -> None:
        """Restores the return value of `state`; if it does not fit, nothing changes.

        Args:
            state: what was returned, perhaps with more in it.
            only: the meters to take it over for; None for all of them.

        Raises:
            ValueError: something is missing, or is no number of its kind.
        """
        taken = None if only is None else set(only)
        readings = [
            (seen, field, _read(state, f"{seen.meter.name}.{field}", kind))
            for seen in self._seen
            if taken is None or seen.meter in taken
            for field, kind in _FIELDS.items()
        ]
        for seen, field, value in readings:
            setattr(seen, field, value)

    def among(self, meters: Iterable[Meter]) -> Meters:
        """Other meters, with what was seen by those that are the same.

        Args:
            meters: the meters.
        """
        made = Meters(meters)
        known = {seen.meter: seen for seen in self._seen}
        made._seen = [known.get(seen.meter, seen) for seen in made._seen]
        return made


# What is remembered of a meter, and of which kind it is.
_FIELDS: dict[str, type[float]] = {"best": float, "waited": int, "cooling": int, "reductions": int}


class _Seen:
    """The state of one meter."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.best = -math.inf if meter.maximize else math.inf
        self.waited = self.cooling = self.reductions = 0

    def count(self, metric: float) -> None:
        if self.meter.better(metric, self.best):
            self.best = metric
            self.waited = 0
        else:
            self.waited += 1
        if self.cooling > 0:
            self.cooling -= 1
            self.waited = 0


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
    """The factors of one schedule, in the order in which it takes them; None if it takes none.

    Args:
        schedule: the schedule.
        factors: those of all meters.
    """
    if not schedule.meters:
        return None
    return tuple([factors[meter.name] for meter in schedule.meters])
