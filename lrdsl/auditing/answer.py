"""The answer of an audit: a verdict on each rate of a log, in fields and in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrdsl.auditing.case import Explanation
from lrdsl.auditing.tally import Departure
from lrdsl.logs.log import updates_of
from lrdsl.record import entity, record
from lrdsl.wording import apart, count, listed, number, plural

# What can become of a rate.
FOLLOWS, SAME_FORM = "follows", "same form"
SHIFTED, LEAVES, NOT_AUDITABLE = "shifted", "leaves", "not auditable"
STATUSES = (FOLLOWS, SAME_FORM, SHIFTED, LEAVES, NOT_AUDITABLE)
# Ranges that are named in a sentence.
_NAMED = 4


class DepartureError(AssertionError):
    """A log does not follow its schedule."""


@record
class Verdict:
    """How one rate of a log compares with the schedule of its group.

    Attributes:
        run: the run, as the log calls it; empty in a log of one run.
        rate: the rate, as the log calls it.
        status: one of ``follows``, ``same form``, ``shifted``, ``leaves``, ``not auditable``.
        target: what the schedule drives: ``lr``, ``lr["head"]``; empty if no schedule is for it.
        why: why it is not auditable; empty if it is.
        offset: the rate at step s is that of update s + ``offset``; None if that is not known.
        offsets: the offsets that fit the readings, if several do.
        shift: how many updates the log is shifted from an offset that its system has, or from 0 if
            no system is known.
        axis: what the steps of the log count.
        base: the value of ``base``; None if no rate depends on it.
        base_is_fitted: True if it was found in the log.
        precision: how exactly the log holds the rates.
        readings: how many logged steps there are.
        agreeing: how many of them agree.
        steps: the lowest and the highest logged step; None if there are none.
        first: the first reading that leaves the schedule; None if none does.
        worst: the one that is farthest from it.
        ranges: the first and the last step of readings in a row that agree.
        peak: the largest logged rate.
        explanations: the mistakes that explain the readings, likeliest first.
        notes: what else there is to know, in sentences.
    """

    run: str
    rate: str
    status: str
    target: str = ""
    why: str = ""
    offset: int | None = None
    offsets: tuple[int, ...] = ()
    shift: int = 0
    axis: str = "step"
    base: float | None = None
    base_is_fitted: bool = False
    precision: str = "float64"
    readings: int = 0
    agreeing: int = 0
    steps: tuple[int, int] | None = None
    first: Departure | None = None
    worst: Departure | None = None
    ranges: tuple[tuple[int, int], ...] = ()
    peak: float = 0.0
    explanations: tuple[Explanation, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.status in (FOLLOWS, SAME_FORM)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    @property
    def share(self) -> float:
        """The share of the logged steps that agree, from 0 to 1."""
        return self.agreeing / self.readings if self.readings else 0.0

    @property
    def name(self) -> str:
        """The rate, with its run if the log has several."""
        return f"{self.run}: {self.rate}" if self.run else self.rate

    @property
    def sentence(self) -> str:
        """The verdict in a sentence."""
        if self.status == NOT_AUDITABLE:
            return f"{self.name} is not auditable: {self.why}"
        if self.status == LEAVES:
            return self._leaves()
        steps = plural(self.readings, f"logged {self.axis}")
        where = f"all {steps}" if self.readings > 1 else f"its one logged {self.axis}"
        if self.status == SHIFTED:
            ahead = "ahead of" if self.shift > 0 else "behind"
            by = plural(abs(self.shift), "update")
            shifted = f"is shifted by {by} {ahead} the schedule"
            return f"{self.name} {shifted} at {where} ({self._of()})"
        what = (
            "has the form of the schedule" if self.status == SAME_FORM else "follows the schedule"
        )
        return f"{self.name} {what} at {where} ({self._of()})"

    def _leaves(self) -> str:
        first = self.first
        assert first is not None
        logged, expected = apart(first.logged, first.expected)
        return (
            f"{self.name} leaves the schedule at {self.axis} {count(first.step)}:"
            f" {logged} is logged and {expected} expected ({self._of()})"
        )

    def _of(self) -> str:
        """Which updates the rates are of, and how exactly they are known."""
        within = f"within {self.precision}"
        base = f", base = {number(self.base)} fitted" if self.base_is_fitted and self.base else ""
        return f"rates of {updates_of(self.offset or 0, self.axis)}, {within}{base}"

    def lines(self) -> Iterator[str]:
        """The verdict, and what explains it."""
        yield self.sentence
        if self.status == LEAVES:
            yield f"  agrees at {count(self.agreeing)} of {self._readings()}{self._ranges()}"
            yield f"  {self._worst()}"
        for note in self.notes:
            yield f"  note: {note}"
        if self.status == LEAVES and not self.explanations:
            yield "  no known mistake explains every reading"
        for k, one in enumerate(self.explanations):
            yield f"  {'or' if k else 'likely'}: {one.sentence}"
            yield f"    to decide: {one.decide}"

    def _readings(self) -> str:
        return plural(self.readings, f"logged {self.axis}")

    def _ranges(self) -> str:
        if not self.ranges:
            return ""
        shown = [count(a) if a == b else f"{count(a)} to {count(b)}" for a, b in self.ranges]
        more = len(shown) - _NAMED
        named = [*shown[:_NAMED], f"{count(more)} more ranges"] if more > 0 else shown
        return f": {listed(named)}"

    def _worst(self) -> str:
        worst = self.worst
        assert worst is not None
        logged, expected = apart(worst.logged, worst.expected)
        part = 100 * worst.gap / self.peak if self.peak else math.inf
        digits = 2 if part < 99.5 else 3
        share = f", {number(part, digits)} % of the peak" if math.isfinite(part) else ""
        return (
            f"farthest at {self.axis} {count(worst.step)}: {logged} is logged and"
            f" {expected} expected{share}"
        )

    def to_json(self) -> dict[str, object]:
        """The fields as plain data, under the names of ``docs/reference/audit.schema.json``."""
        return {
            "run": self.run,
            "rate": self.rate,
            "status": self.status,
            "target": self.target or None,
            "why": self.why or None,
            "offset": self.offset,
            "offsets": [*self.offsets],
            "shift": self.shift,
            "axis": self.axis,
            "base": self.base,
            "base_is_fitted": self.base_is_fitted,
            "precision": self.precision,
            "readings": self.readings,
            "agreeing": self.agreeing,
            "steps": None if self.steps is None else [*self.steps],
            "first": _plain(self.first),
            "worst": _plain(self.worst),
            "ranges": [[*pair] for pair in self.ranges],
            "reasons": [
                {"reason": one.reason, "sentence": one.sentence, "decide": one.decide}
                for one in self.explanations
            ],
            "notes": [*self.notes],
        }


def _plain(departure: Departure | None) -> dict[str, object] | None:
    """A reading as plain data; what is no finite number is null."""
    if departure is None:
        return None
    values = {"logged": departure.logged, "expected": departure.expected}
    finite = {name: x if math.isfinite(x) else None for name, x in values.items()}
    return {"step": departure.step, **finite}


@entity
class Audit:
    """A log beside the schedule that its run should have followed; true if every rate follows it.

    ``lrdsl.audit`` returns one. Its text is the verdict on each rate, and what explains it.

    Attributes:
        log: the log that was read.
        system: what wrote it.
        schedule: the schedule, as messages call it.
        verdicts: a verdict on each rate, in the order of the log.
    """

    log: str
    system: str
    schedule: str
    verdicts: tuple[Verdict, ...]

    def __bool__(self) -> bool:
        return all(self.verdicts)

    @property
    def share(self) -> float:
        """The share of all logged steps that agree, from 0 to 1."""
        readings = sum(verdict.readings for verdict in self.verdicts)
        agreeing = sum(verdict.agreeing for verdict in self.verdicts)
        return agreeing / readings if readings else 0.0

    def raise_for_departure(self) -> None:
        """Raises an error if a rate does not follow its schedule: an assertion for tests.

        Raises:
            AssertionError: one does not. Its text is that of the audit.
        """
        if not self:
            raise DepartureError(str(self))

    def to_json(self) -> dict[str, object]:
        """The audit as plain data, under the names of ``docs/reference/audit.schema.json``."""
        return {
            "log": self.log,
            "system": self.system,
            "schedule": self.schedule,
            "follows": bool(self),
            "share": self.share,
            "rates": [verdict.to_json() for verdict in self.verdicts],
        }

    def __str__(self) -> str:
        head = f"{self.log} ({self.system}) beside {self.schedule}:"
        return "\n".join([head, *(line for one in self.verdicts for line in one.lines())])
