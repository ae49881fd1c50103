"""What has happened to a scheduler, and what its events have seen of the metrics."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from lrdsl.check.tree import Event
from lrdsl.limits import STEPS
from lrdsl.wording import listed, unknown_event


class Events:
    """The events of a program: the steps of those that have happened, and counters.

    Args:
        events: the events.

    Attributes:
        steps: the step of each that has happened, by name.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self._known = {event.key: event for event in events}
        self.steps: dict[str, int] = {}
        self._best: dict[str, float] = {}
        self._waited: dict[str, int] = {}

    def sent(self, name: str, step: int) -> dict[str, int] | None:
        """The steps once a signal was sent; None if it was sent before.

        Args:
            name: the signal.
            step: where the run is.

        Raises:
            ValueError: nothing waits for it.
        """
        event = self._known.get(name)
        if event is None or event.kind != "signal":
            signals = [e.key for e in self._known.values() if e.kind == "signal"]
            raise ValueError(unknown_event(name, signals))
        return None if name in self.steps else {**self.steps, name: step}

    def with_those(self, names: Collection[str], step: int) -> dict[str, int] | None:
        """The steps once others have happened too; None if all of them are known to have.

        Args:
            names: the events; those that no part waits for make no difference.
            step: where the run is.
        """
        new = [name for name in names if name in self._known and name not in self.steps]
        return {**self.steps, **dict.fromkeys(new, step)} if new else None

    def measured(self, metric: float, active: Collection[str], step: int) -> dict[str, int] | None:
        """The steps once a metric was measured; None if it has ended nothing.

        Args:
            metric: the metric.
            active: the names of the events whose parts were running.
            step: where the run is.
        """
        if not self._known:
            return None
        happened = [
            event.key
            for event in self._known.values()
            if event.key in active and event.key not in self.steps and self._ends(event, metric)
        ]
        return {**self.steps, **dict.fromkeys(happened, step)} if happened else None

    def _ends(self, event: Event, metric: float) -> bool:
        if event.rules is None:
            if event.kind == "below":
                return metric < event.limit
            return event.kind == "above" and metric > event.limit
        key, rules = event.key, event.rules
        best = self._best.get(key, -math.inf if rules.maximize else math.inf)
        if rules.better(metric, best):
            self._best[key], self._waited[key] = metric, 0
            return False
        self._waited[key] = self._waited.get(key, 0) + 1
        if self._waited[key] <= rules.patience:
            return False
        self._waited[key] = 0
        return True

    def before(self, step: int) -> tuple[dict[str, int], str]:
        """The steps of those that had happened at a step, and what is forgotten by going there.

        Args:
            step: the step.

        Returns:
            The steps, and a warning; it is empty if nothing is forgotten.
        """
        known = {name: at for name, at in self.steps.items() if at <= step}
        lost = [repr(name) for name in self.steps if name not in known]
        if not lost:
            return known, ""
        return known, f"at step {step:,} {listed(lost)} had not happened yet: forgotten"

    def among(self, events: Iterable[Event]) -> Events:
        """Other events, with what has happened to those that are the same.

        Args:
            events: the events.
        """
        made = Events(events)
        made.load(self.state())
        return made

    def state(self) -> dict[str, dict[str, float]]:
        """What is saved: the steps and the counters."""
        return {"steps": {**self.steps}, "best": {**self._best}, "waited": {**self._waited}}

    def load(self, state: Mapping[str, Any]) -> None:
        """Takes over what was saved, for the events that there are.

        Args:
            state: what `state` returned; nothing for a scheduler without events.

        Raises:
            ValueError: it is something else. Nothing changes.
        """
        tables = [state.get(name, {}) for name in ("steps", "best", "waited")]
        for table, kind in zip(tables, (int, float, int), strict=True):
            if not isinstance(table, dict) or any(type(x) is not kind for x in table.values()):
                raise ValueError(_DAMAGED)
            if kind is int and not all(0 <= x <= STEPS for x in table.values()):
                raise ValueError(_DAMAGED)
        if state and set(state) != {"steps", "best", "waited"}:
            raise ValueError(_DAMAGED)
        steps, best, waited = (
            {name: x for name, x in table.items() if name in self._known} for table in tables
        )
        self.steps, self._best, self._waited = steps, best, waited


_DAMAGED = "`events` of this state is damaged"
