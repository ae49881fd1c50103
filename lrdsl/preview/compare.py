"""Two programs compared, target by target, in words and as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.curve import Curve
from lrdsl.preview.trace import chosen_steps
from lrdsl.record import record
from lrdsl.record import replace as replaced
from lrdsl.resolve.events import samples, told
from lrdsl.schedule.difference import (
    CLOSE,
    EVERY,
    first_difference,
    first_in_past,
    is_sampled,
)
from lrdsl.schedule.faults import FAR
from lrdsl.schedule.views import blocks_of
from lrdsl.wording import apart, number, plural

if TYPE_CHECKING:
    from lrdsl.check.tree import Meter
    from lrdsl.schedule.schedule import Schedule

# The share of a base rate at which curves are compared once more: what is the same at two rates,
# of which neither is a round number of the other's, does not depend on the rate by chance.
_OTHER = 0.37
# At so many places a curve is looked at for its peak.
_PLACES = 500


@record
class Change:
    """Why the updates before a step are not those of the old schedule, or may not be.

    Attributes:
        first: the first update that used another value; None if a metric decides that.
        events: the events after which it did, by name; none where it did in any case.
    """

    first: int | None
    events: Mapping[str, int]

    def sentence(self) -> str:
        """Says it."""
        if self.first is None:
            return "a metric that was measured changes it by other rules"
        used = f"updates from step {self.first:,} on used other values"
        return f"{used} after {told(self.events)}" if self.events else used


@dataclass(frozen=True)
class Verdict:
    """The difference in one target.

    Attributes:
        label: the target.
        old: its curve before; None if it was left alone.
        new: its curve now; None if it is left alone.
        base: the optimizer's own value for which they are compared.
        surely: True if that is one of many, so that what is the same by chance is not the same.
        tolerance: the largest difference that counts as none, as a share of the peak.
        at: the step at which the new one takes over; None if it does not.
    """

    label: str
    old: Curve | None
    new: Curve | None
    base: float
    surely: bool = False
    tolerance: float = CLOSE
    at: int | None = None

    @property
    def curves(self) -> list[Curve]:
        """Those that there are."""
        return [curve for curve in (self.old, self.new) if curve is not None]

    @cached_property
    def first(self) -> int | None:
        """The first step that differs."""
        return first_difference(*self._schedules, self.base, self._far, self._gap)

    @property
    def _far(self) -> int:
        """A step after the last part of both, and far into one that has no end."""
        parts = [curve.parts[-1] for curve in self.curves]
        ends = [part.start_step + (part.length if part.length < math.inf else 0) for part in parts]
        return int(max(ends)) + FAR

    def _first_before(self, at: int) -> int | None:
        return first_in_past(*self._schedules, self.base, at, self._gap)

    @cached_property
    def _gap(self) -> float:
        """The largest difference that counts as none."""
        steps = range(self._far + 1)
        heights = [abs(self.base)] if len(self.curves) == 1 else []
        for curve in self.curves:
            places = chosen_steps(curve, steps, _PLACES)
            heights += [abs(curve.schedule(step, base=self.base)) for step in places]
        return self.tolerance * max(heights)

    @property
    def is_absolute(self) -> bool:
        """True if the base plays no part."""
        return len(self.curves) == 2 and all(c.schedule.is_absolute for c in self.curves)

    def for_another_base(self) -> Verdict | None:
        """The verdict for a second base; None if there need not be one."""
        if self.is_absolute or not self.surely:
            return None
        base = self.base * _OTHER
        old, new = (curve and replace(curve, base=base) for curve in (self.old, self.new))
        try:
            for curve in filter(None, (old, new)):
                curve.schedule.parts_at(base)
        except LrsError:  # a schedule that has no values for this base
            return None
        return Verdict(self.label, old, new, base, tolerance=self.tolerance, at=self.at)

    @property
    def _schedules(self) -> tuple[Schedule | None, Schedule | None]:
        old, new = (curve.schedule if curve else None for curve in (self.old, self.new))
        return old, new

    @property
    def differs(self) -> bool:
        """True if they are two, as curves or in what a metric changes."""
        if self._is_lone_scalar or self.first is not None or not self._same_rules:
            return True
        return self._later is not None

    @property
    def _is_lone_scalar(self) -> bool:
        """True for a scalar of one of the two: there is no value that it has in the other."""
        (one, *others) = self.curves
        return not others and one.target is not None and one.target.is_scalar

    @cached_property
    def _later(self) -> tuple[dict[str, int], int] | None:
        """Events after which they differ, and from where on; None if there are none."""
        old, new = self._schedules
        if old is None or new is None or not (old.events or new.events):
            return None
        events = {event.key: event for event in (*old.events, *new.events)}
        far = self._far
        for happened in samples(tuple(events.values()), far - FAR or None):
            was, now = _after(old, happened), _after(new, happened)
            first = first_difference(was, now, self.base, far, self._gap)
            if first is not None:
                return happened, first
        return None

    @cached_property
    def change(self) -> Change | None:
        """Why the updates before ``at`` are not proved to be the same; None if they are."""
        if not (at := self.at):
            return None
        if self._is_lone_scalar:
            return Change(0, {})
        first = self._first_of_any_base(at)
        if first is not None:
            return Change(first, {})
        old, new = self._schedules
        if _rules(old, self.base, at) != _rules(new, self.base, at):
            return Change(None, {})
        events = {event.key: event for one in (old, new) if one for event in one.events}
        for happened in samples(tuple(events.values()), at):
            was, now = (one and _after(one, happened) for one in (old, new))
            first = first_in_past(was, now, self.base, at, self._gap)
            if first is not None:
                return Change(first, happened)
            if _rules(was, self.base, at) != _rules(now, self.base, at):
                return Change(None, happened)
        return None

    @property
    def _same_meters(self) -> bool:
        before, now = (
            [replaced(meter, name="") for meter in schedule.every_meter] if schedule else []
            for schedule in self._schedules
        )
        return before == now

    @property
    def _same_events(self) -> bool:
        before, now = (
            [(e.kind, e.limit, e.rules) for e in schedule.events if e.kind != "signal"]
            if schedule
            else []
            for schedule in self._schedules
        )
        return before == now

    @property
    def _same_rules(self) -> bool:
        return self._same_meters and self._same_events

    def lines(self) -> Iterator[str]:
        """Says it."""
        if self._is_lone_scalar:
            yield f"{self.label}: {'a new scalar' if self.old is None else 'no scalar any more'}"
            if self.at:
                had = "had no such" if self.old is None else "had this"
                yield f"  the past has changed: updates before step {self.at:,} {had} scalar"
            return
        yield f"{self.label}: {self._where()}{self._for_base()}"
        for curve, other in ((self.old, self.new), (self.new, self.old)):
            if curve is None and other is not None:
                verb, when = ("was", "before") if curve is self.old else ("is", "now")
                yield f"  it {verb} left alone {when}"
        lengths = [_length(curve) for curve in self.curves]
        if len(set(lengths)) > 1:
            yield f"  it lasted {lengths[0]}, and lasts {lengths[1]} now"
        if self.first is None and self._later is not None:
            events, first = self._later
            yield f"  they differ after {told(events)}: {self._apart(events, first)}"
        if not self._same_meters:
            yield "  a metric changes it by other rules: a `plateau` is not the same in both"
        if not self._same_events:
            yield "  a metric ends its parts by other rules: an event is not the same in both"
        if self.at is not None:
            yield from self._resumed(self.at)
        if self._is_sampled:
            yield (
                f"  stretches that are written differently and longer than {EVERY:,} steps were"
                " compared in some places only"
            )

    @property
    def _is_sampled(self) -> bool:
        """True if some steps were compared only, of those before the first that differs."""
        last = self._far if self.first is None else self.first
        return is_sampled(*self._schedules, self.base, last, self._gap)

    def to_json(self) -> dict[str, object]:
        """The verdict as plain data, under the fields of ``docs/reference/diff.schema.json``."""
        found: dict[str, object] = {
            "target": self.label,
            "base": None if self.is_absolute else self.base,
            "only_in": "new" if self.old is None else "old" if self.new is None else None,
            "same": not self.differs,
            "old_length": _steps(self.old),
            "new_length": _steps(self.new),
            "first": None,
            "after_events": None,
            "same_metric_rules": self._same_rules,
            "sampled": False,
        }
        if not self._is_lone_scalar:
            found["sampled"] = self._is_sampled
            if self.first is not None:
                found["first"] = self._both(self.first)
            elif self._later is not None:
                events, first = self._later
                found["after_events"] = {"events": {**events}, "first": first}
        if self.at is not None:
            change = self.change
            found["past"] = {
                "unchanged": change is None,
                "first": None if change is None else change.first,
                "after_events": None if change is None else {**change.events} or None,
            }
            found["takeover"] = None if self._is_lone_scalar else self._both(self.at)
        return found

    def _both(self, step: int) -> dict[str, object]:
        """Both values at a step."""
        old, new = self._value(self.old, step), self._value(self.new, step)
        return {"step": step, "old": old, "new": new}

    def _apart(self, events: Mapping[str, int], first: int) -> str:
        """Where they differ after events, and by how much."""
        old, new = (_after(one, events) if one else None for one in self._schedules)
        was, now = apart(*(one(first, base=self.base) if one else self.base for one in (old, new)))
        return f"from step {first:,} on, where {was} becomes {now}"

    def _where(self) -> str:
        if self.first is None:
            later = self._later is not None
            return "the same until something happens" if later else "the same at every step"
        was, now = apart(self._value(self.old, self.first), self._value(self.new, self.first))
        if self.first == 0:
            return f"not the same from the first update on, where {was} becomes {now}"
        return f"the same before step {self.first:,}, where {was} becomes {now}"

    def _for_base(self) -> str:
        return "" if self.is_absolute else f", for a base of {number(self.base)}"

    def _resumed(self, at: int) -> Iterator[str]:
        """The past, and the jump where a run goes on."""
        if change := self.change:
            is_sure = change.first is not None and not change.events
            yield f"  the past {'has' if is_sure else 'may have'} changed: {change.sentence()}"
        else:
            yield f"  the past is unchanged: every update before step {at:,} used the same value"
        old, new = self._value(self.old, at), self._value(self.new, at)
        if abs(old - new) <= self._gap:
            yield f"  at step {at:,} nothing jumps: it is {number(new)} in both"
        else:
            was, now = apart(old, new)
            factor = number(new / old) if old and new else "1"
            ratio = f", by a factor of {factor}" if factor != "1" else ""
            yield f"  at step {at:,} it jumps from {was} to {now}{ratio}"

    def _first_of_any_base(self, at: int) -> int | None:
        first, other = self._first_before(at), self.for_another_base()
        return other._first_before(at) if first is None and other else first

    def _value(self, curve: Curve | None, step: int) -> float:
        return self.base if curve is None else curve.schedule(step, base=self.base)


def _rules(schedule: Schedule | None, base: float, at: int) -> list[Meter]:
    """What a metric changes in the parts that begin before a step, and by which rules."""
    if schedule is None:
        return []
    blocks = [block for first, block, _ in blocks_of(schedule, base) if first < at]
    return [replaced(meter, name="") for block in blocks for meter in block.meters()]


def _after(schedule: Schedule, happened: Mapping[str, int]) -> Schedule:
    """A schedule once what it waits for has happened."""
    keys = {event.key for event in schedule.events}
    return schedule.after({name: step for name, step in happened.items() if name in keys})


def verdicts(
    old: Mapping[str, Curve],
    new: Mapping[str, Curve],
    *,
    surely: bool,
    tolerance: float = CLOSE,
    at: int | None = None,
) -> list[Verdict]:
    """Compares every target of two programs.

    Args:
        old: the curves of the one, by label.
        new: those of the other.
        surely: True if the base is one of many, so that they have to agree for another one too.
        tolerance: the largest difference that counts as none, as a share of the peak.
        at: the step at which the new one takes over; None if it does not.
    """
    reached = []
    for label in {**old, **new}:
        pair = old.get(label), new.get(label)
        base = next(curve.base for curve in pair if curve is not None)
        verdict = Verdict(label, *pair, base, surely, tolerance, at)
        other = None if verdict.differs else verdict.for_another_base()
        reached.append(other if other and other.differs else verdict)
    return reached


def _length(curve: Curve) -> str:
    steps = _steps(curve)
    return "forever" if steps is None else plural(steps, "step")


def _steps(curve: Curve | None) -> int | None:
    """The length of a curve; None for one without an end, and for a target that is left alone."""
    length = math.inf if curve is None else curve.schedule.length
    return int(length) if length < math.inf else None
