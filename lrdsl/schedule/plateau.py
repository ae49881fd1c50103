"""Meters: the part of a schedule that a metric drives, kept apart from the curve.

A schedule stays a pure function: of the step and, for every `plateau` or `adaptive` in it, of the
factor it has come to. The factors change when a metric is observed, and only here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl.check.tree import Adaptive, Meter, Plateau
from lrdsl.limits import STEPS

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule

# The factor of every meter, by name.
NamedFactors = Mapping[str, float]
Rates = Callable[[NamedFactors], Sequence[float]]
# A count, a number, or the latest measurements.
_Value = int | float | list[float]


class Meters:
    """The meters of a schedule and what they have seen.

    Args:
        meters: the meters.
    """

    def __init__(self, meters: Iterable[Meter]) -> None:
        self._seen = [_watched(meter) for meter in meters]

    def __bool__(self) -> bool:
        """True if there are meters."""
        return bool(self._seen)

    @property
    def factors(self) -> NamedFactors:
        """The factor of every meter, by name."""
        return {seen.meter.name: seen.factor() for seen in self._seen}

    def observe(self, metric: float, active: Iterable[str], rates: Rates) -> bool:
        """Takes a measurement.

        Args:
            metric: the metric.
            active: names of the meters whose parts were running.
            rates: the rates of that time under given factors; a change that changes none of them
                by more than ``eps`` is not made.

        Returns:
            True if a factor has changed.
        """
        running = set(active)
        has_changed = False
        for seen in self._seen:
            name = seen.meter.name
            if name in running and (move := seen.count(metric)):
                old, new = self.factors, {**self.factors, name: seen.factor(move)}
                pairs = zip(rates(old), rates(new), strict=True)
                is_made = any(abs(a - b) > seen.meter.eps for a, b in pairs)
                seen.moved(move, is_made=is_made)
                has_changed = has_changed or seen.factor() != old[name]
        return has_changed

    def state(self) -> dict[str, _Value]:
        """The state of the meters, as plain numbers and lists."""
        return {
            f"{seen.meter.name}.{field}": getattr(seen, field)
            for seen in self._seen
            for field in seen.fields
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
            (seen, field, _read(state, f"{seen.meter.name}.{field}", kind, seen.meter))
            for seen in self._seen
            if taken is None or seen.meter in taken
            for field, kind in seen.fields.items()
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


# What is remembered of a meter, and of which kind it is. A plateau that only falls keeps what it
# always kept, so that its states are those of every version.
_TORCHS: dict[str, type] = {"best": float, "waited": int, "cooling": int, "reductions": int}
_MORE: dict[str, type] = {"scale": float, "improved": int, "stuck": int, "recent": list}
_FALL, _RISE = -1, 1


class _Seen:
    """The state of one ``plateau``.

    If it only falls, its rules are those of torch's ``ReduceLROnPlateau``, and otherwise those of
    transformers' ``GreedyLR``. The two differ in one thing: during a cooldown torch notes a new
    best value, and GreedyLR does not look at the metric.
    """

    def __init__(self, meter: Plateau) -> None:
        self.meter = meter
        self.reductions = 0
        self.fields = _TORCHS if meter.is_torchs else {**_TORCHS, **_MORE}
        self._start()

    def _start(self) -> None:
        self.best = -math.inf if self.meter.maximize else math.inf
        self.waited = self.improved = self.cooling = self.stuck = 0
        self.scale = 1.0
        self.recent: list[float] = []

    def factor(self, move: int = 0) -> float:
        """Its factor, or what a move would make of it."""
        meter = self.meter
        if meter.is_torchs:
            return meter.factor ** (self.reductions - move)
        step = meter.rise if move == _RISE else meter.factor if move == _FALL else 1.0
        return min(max(self.scale * step, meter.min), meter.max)

    def count(self, metric: float) -> int:
        """Counts a measurement, and returns the move that it calls for, if any."""
        meter = self.meter
        if meter.window > 1:
            self.recent = [*self.recent, metric][-int(meter.window) :]
            metric = sum(self.recent) / len(self.recent)
        if self.cooling > 0 and meter.rise > 1:
            self.cooling -= 1
            self.waited = self.improved = 0
            return 0
        if meter.better(metric, self.best):
            self.best = metric
            self.waited = 0
            self.improved += meter.rise > 1
        else:
            self.waited += 1
            self.improved = 0
        if self.cooling > 0:
            self.cooling -= 1
            self.waited = 0
        if self.improved > meter.patience:
            return _RISE
        return _FALL if self.waited > meter.patience else 0

    def moved(self, move: int, *, is_made: bool) -> None:
        """Makes a move, unless it is too small, and starts counting anew."""
        meter = self.meter
        if is_made and meter.is_torchs:
            self.reductions -= move
        elif is_made:
            self.scale = self.factor(move)
        self.waited = self.improved = 0
        self.stuck = self.stuck + 1 if move == _FALL and self.scale <= meter.min else 0
        if 0 < meter.reset <= self.stuck:
            self._start()
        self.cooling = int(meter.rise_cooldown if move == _RISE else meter.cooldown)


class _Held:
    """The state of one ``adaptive``."""

    fields: Mapping[str, type] = {"scale": float}

    def __init__(self, meter: Adaptive) -> None:
        self.meter = meter
        self.scale = 1.0

    def factor(self, move: int = 0) -> float:
        """Its factor, or what a move would make of it."""
        meter = self.meter
        moved = self.scale / meter.factor if move == _FALL else self.scale
        moved = self.scale * meter.factor if move == _RISE else moved
        return min(max(moved, meter.min), meter.max)

    def count(self, metric: float) -> int:
        """Returns the move that a measurement calls for, if any; NaN calls for none."""
        if metric > self.meter.high:
            return _FALL
        return _RISE if metric < self.meter.low else 0

    def moved(self, move: int, *, is_made: bool) -> None:
        """Makes a move."""
        if is_made:
            self.scale = self.factor(move)


def _watched(meter: Meter) -> _Seen | _Held:
    if isinstance(meter, Plateau):
        return _Seen(meter)
    assert isinstance(meter, Adaptive)
    return _Held(meter)


def _read(state: Mapping[str, object], name: str, kind: type, meter: Meter) -> _Value:
    if name not in state:
        raise ValueError(f"this state of an lrdsl scheduler lacks its `{name}`")
    value = state[name]
    if type(value) is kind:
        if isinstance(value, list) and isinstance(meter, Plateau):
            if len(value) <= meter.window and all(type(one) is float for one in value):
                return list(value)
        elif isinstance(value, int) and 0 <= value <= STEPS:
            return int(value)
        elif isinstance(value, float) and (
            not name.endswith(".scale") or meter.min <= value <= meter.max
        ):
            return float(value)
    expected = {int: "count", float: "number", list: "list of numbers"}[kind]
    raise ValueError(f"`{name}` of this state is no {expected}")


def for_schedule(schedule: Schedule, factors: NamedFactors) -> tuple[float, ...] | None:
    """The factors of one schedule, in the order in which it takes them; None if it takes none.

    Args:
        schedule: the schedule.
        factors: those of all meters.
    """
    if not schedule.meters:
        return None
    return tuple([factors[meter.name] for meter in schedule.meters])
