"""Meters: the part of a schedule that a metric drives, kept apart from the curve.

A schedule stays a pure function: of the step and, for every `plateau` in it, of the factor it has
come down to. The factors change when a metric is observed, and only here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lrdsl.check.tree import Meter

Rates = Callable[[tuple[float, ...]], Sequence[float]]


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

    @property
    def factors(self) -> tuple[float, ...]:
        """The factor of every meter, in order."""
        return tuple(
            meter.factor**count for meter, count in zip(self.meters, self._reductions, strict=True)
        )

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
        found: dict[str, float] = {}
        for i, meter in enumerate(self.meters):
            found |= {
                f"{meter.name}.best": self._best[i],
                f"{meter.name}.waited": self._waited[i],
                f"{meter.name}.cooling": self._cooling[i],
                f"{meter.name}.reductions": self._reductions[i],
            }
        return found

    def load(self, state: Mapping[str, Any]) -> None:
        """Takes over what :meth:`state` returned; nothing changes where it does not fit.

        Raises:
            ValueError: something is missing, or is no number of its kind.
        """
        for name, wanted in self.state().items():
            found = state.get(name)
            whole = isinstance(wanted, int)
            if isinstance(found, bool) or not isinstance(found, int if whole else (int, float)):
                raise ValueError(f"the state of a metric is broken: {name} is {found!r}")
            if whole and found < 0:
                raise ValueError(f"the state of a metric is broken: {name} is {found!r}")
        for i, meter in enumerate(self.meters):
            self._best[i] = float(state[f"{meter.name}.best"])
            self._waited[i] = state[f"{meter.name}.waited"]
            self._cooling[i] = state[f"{meter.name}.cooling"]
            self._reductions[i] = state[f"{meter.name}.reductions"]
