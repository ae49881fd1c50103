"""Judges the rates of a log: each beside its schedule, under the offset that fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lrdsl.auditing import answer, bases, notes
from lrdsl.auditing.answer import Verdict
from lrdsl.auditing.explaining import explained
from lrdsl.auditing.matching import matches
from lrdsl.auditing.offsets import Search
from lrdsl.auditing.readings import readings_of
from lrdsl.auditing.replay import listens
from lrdsl.auditing.subject import Subject
from lrdsl.auditing.tally import Tally
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import Program
from lrdsl.record import entity, record, replace

if TYPE_CHECKING:
    from lrdsl.auditing.case import Explanation
    from lrdsl.auditing.offsets import Fit
    from lrdsl.auditing.readings import Readings
    from lrdsl.auditing.sources import Laid, Opened
    from lrdsl.logs.log import Log, Run, Series


# An offset that fits so many readings more than another, from the first on, is the offset.
_DECIDED = 8
# A log that is so many updates ahead, with as many readings, may lack a part of its schedule.
_AHEAD = 3


@record
class Asked:
    """What is known besides the log and the schedule.

    Attributes:
        bases: the optimizer's own rate: one, or one for each rate of a run; empty to fit it.
        metric: the column with the metric; None if none was named.
        earlier: earlier revisions of the program, by name.
        offset: the rate at step s is known to be that of update s + ``offset``; None to find it.
    """

    bases: tuple[float, ...] = ()
    metric: str | None = None
    earlier: Mapping[str, Program] = {}
    offset: int | None = None


@entity
class Judgment:
    """A verdict, and what it is about.

    Attributes:
        verdict: the verdict.
        fit: the schedule beside the readings that are kept; None if it is not auditable.
        readings: these readings; None likewise.
    """

    verdict: Verdict
    fit: Fit | None = None
    readings: Readings | None = None


def judged(opened: Opened, laid: Laid, asked: Asked) -> tuple[Judgment, ...]:
    """A judgment of every rate of a log.

    Args:
        opened: the log.
        laid: the schedule.
        asked: what else is known.

    Raises:
        LrsError: the schedule has no rate for the base of a group.
        ValueError: something has no effect, or does not fit the log.
    """
    log = opened.log
    schedules = [laid.alone] if laid.alone is not None else [*(laid.resolved or {}).values()]
    if asked.metric is not None and not any(listens(one) for one in schedules if one):
        raise ValueError("a metric has no effect: no part of the schedule listens to one")
    if asked.bases and all(one.is_absolute for one in schedules if one):
        raise ValueError("a base rate has no effect: no part of the schedule depends on `base`")
    found = [one for run in log.runs for one in _Judge(opened, laid, asked, run).judgments()]
    if found and log.beside:
        first = found[0]
        told = replace(first.verdict, notes=(*first.verdict.notes, notes.beside(log)))
        found[0] = replace(first, verdict=told)
    return tuple(found)


@entity
class _Candidate:
    """A schedule that a rate may have followed."""

    subject: Subject
    search: Search


class _Judge:
    """The rates of one run beside the schedules of a program."""

    def __init__(self, opened: Opened, laid: Laid, asked: Asked, run: Run) -> None:
        self.opened, self.laid, self.asked, self.run = opened, laid, asked, run
        self.log: Log = opened.log
        if len(asked.bases) > 1 and len(asked.bases) != len(run.rates):
            raise ValueError(
                f"{len(asked.bases)} bases are given for {len(run.rates)} logged rates"
            )

    def judgments(self) -> Iterator[Judgment]:
        """A judgment of each rate."""
        every = self._subjects()
        found: list[tuple[Subject, ...]] = [tuple(every.values())] * len(self.run.rates)
        if self.laid.resolved is not None:
            chosen = matches(self.laid.resolved, self.run.rates)
            found = [tuple(every[one.target.label] for one in m.targets) for m in chosen]
        for place, (series, subjects) in enumerate(zip(self.run.rates, found, strict=True)):
            yield self._judgment(place, series, subjects, every)

    def _subjects(self) -> dict[str, Subject]:
        """Every schedule of a rate, by what it drives."""
        if self.laid.alone is not None:
            # It has no program, and no mistake is looked for that would take one.
            program = Program("const")
            return {"lr": Subject(program, {}, "lr", self.laid.alone)}
        assert self.laid.resolved is not None
        resolved, run = self.laid.resolved, self.laid.run
        made = {
            one.target.label: Subject(resolved.program, run, one.target.label, one.schedule)
            for one in resolved.driven
            if one.target.key == "lr" and not one.target.is_scalar
        }
        if not made:
            raise ValueError(f"{self.laid.name} drives no learning rate: there is nothing to audit")
        return made

    def _judgment(
        self, place: int, series: Series, subjects: Sequence[Subject], every: Mapping[str, Subject]
    ) -> Judgment:
        blank = Verdict(self.run.name, series.name, answer.NOT_AUDITABLE, axis=series.axis)
        blank = replace(blank, precision=str(series.precision), readings=series.read)
        if not subjects:
            why = f"no statement of {self.laid.name} drives it"
            return Judgment(replace(blank, why=why))
        readings = readings_of(series)
        candidates = []
        for subject in subjects:
            candidate = self._candidate(place, subject, series, readings)
            if isinstance(candidate, str):
                return Judgment(replace(blank, target=subject.label, why=candidate))
            candidates.append(candidate)
        best, fits = _fitting(candidates, readings)
        others = [one for label, one in every.items() if label != best.subject.label]
        told = [notes.chosen(best.subject.label)] if len(subjects) > 1 else []
        return self._judged(blank, best, fits, series, readings, others, told)

    def _candidate(
        self, place: int, subject: Subject, series: Series, readings: Readings
    ) -> _Candidate | str:
        """A schedule ready to be compared, or why it cannot be."""
        schedule = subject.schedule
        if schedule.ticks is not None and schedule.ticks.grid is None:
            return schedule.ticks.unplaced
        if schedule.owns:
            return "it depends on other numbers of its group, which the log does not hold"
        metric: tuple[tuple[int, float], ...] = ()
        if listens(schedule):
            if self.asked.metric is None:
                return "a metric decides its rates: name the column that holds it (--metric)"
            if self.run.metric is None:
                return f"a metric decides its rates, and the log has no `{self.asked.metric}`"
            metric = _measured(self.run.metric)
        given = self.asked.bases
        base = given[place if len(given) > 1 else 0] if given else subject.base
        subject = replace(subject, base=base)
        is_free = not given and not schedule.is_absolute
        stride = 1.0
        if series.axis == "epoch" and self.laid.resolved is not None:
            stride = float(self.laid.resolved.run.units.get("ep", 1))
        known = tuple(offset.updates for offset in self.log.offsets)
        if self.asked.offset is not None:
            known = (self.asked.offset,)
        search = Search(known, stride, is_free, metric)
        if is_free and not bases.is_line(
            search.told(subject, 0), search.updates(readings.steps, search.usual[0]).clip(0)
        ):
            return "it depends on `base` in a way that cannot be fitted: give it (--base)"
        return _Candidate(subject, search)

    def _judged(
        self,
        blank: Verdict,
        best: _Candidate,
        fits: Sequence[Fit],
        series: Series,
        readings: Readings,
        others: Sequence[Subject],
        told: list[str],
    ) -> Judgment:
        """The verdict on a rate, by the fits of its schedule."""
        search = best.search
        whole = fits[0].is_whole
        fit = fits[0]
        explanations: list[Explanation] = []
        if not whole:
            fit, explanations = self._explained(fits, readings, others)
        tally = self._tally(series, fit, search, readings)
        # An offset that is no surprise in a log of unknown origin is no shift either.
        shift = min((fit.offset - one for one in search.usual), key=abs)
        shift = fit.offset if shift and not search.known else shift
        is_fitted = search.is_free
        if tally.first is not None:
            status = answer.LEAVES
        elif shift:
            status = answer.SHIFTED
            explanations = self._left_out(fit, shift, search, readings, others)
        else:
            status = answer.SAME_FORM if is_fitted else answer.FOLLOWS
        verdict = replace(
            blank,
            status=status,
            target=fit.subject.label,
            offset=fit.offset,
            offsets=tuple(sorted(one.offset for one in fits)) if whole and len(fits) > 1 else (),
            shift=shift if status == answer.SHIFTED else 0,
            base=None if fit.subject.schedule.is_absolute else fit.subject.base,
            base_is_fitted=is_fitted,
            readings=tally.readings,
            agreeing=tally.agreeing,
            steps=tally.steps,
            first=tally.first,
            worst=tally.worst,
            ranges=tuple(tally.ranges),
            peak=readings.peak,
            explanations=tuple(explanations),
        )
        more = notes.notes(verdict, fit, search, tally, self.log, self.laid)
        return Judgment(replace(verdict, notes=(*told, *more)), fit, readings)

    def _left_out(
        self,
        fit: Fit,
        shift: int,
        search: Search,
        readings: Readings,
        others: Sequence[Subject],
    ) -> list[Explanation]:
        """The mistakes by which a log may be several updates ahead, as without a warm-up."""
        if shift < _AHEAD or len(readings) < _AHEAD:
            return []
        usual = replace(search, is_free=False).fit(fit.subject, readings, fit.offset - shift)
        return self._explained([usual], readings, others)[1]

    def _explained(
        self, fits: Sequence[Fit], readings: Readings, others: Sequence[Subject]
    ) -> tuple[Fit, list[Explanation]]:
        """The first fit under which a known mistake explains the readings, and the mistakes."""
        if self.laid.alone is not None:
            return fits[0], []
        decided = fits[0].leading > max((one.leading for one in fits[1:]), default=0) + _DECIDED
        for fit in fits[:1] if decided else fits:
            earlier = {}
            for name, program in self.asked.earlier.items():
                if (changed := fit.subject.changed(program)) is not None:
                    earlier[name] = changed
            own = [replace(one, base=fit.subject.base) for one in others]
            try:
                if found := explained(fit, readings, own, earlier):
                    return fit, found
            except LrsError:  # a changed program has no rate somewhere
                continue
        return fits[0], []

    def _tally(self, series: Series, fit: Fit, search: Search, readings: Readings) -> Tally:
        """All readings beside the schedule; those that are not kept are read again."""
        tally = Tally(fit.subject, search, fit.offset, series.precision, readings.peak)
        if series.every == 1 or self.opened.blocks is None:
            for leg in readings.legs:
                tally.add(readings.steps[leg], readings.rates[leg])
            return tally
        import numpy as np

        for block in self.opened.blocks():
            if (block.run, block.name, block.role) == (self.run.name, series.name, "rate"):
                tally.add(np.asarray(block.steps, np.int64), block.held)
        return tally


def _fitting(
    candidates: Sequence[_Candidate], readings: Readings
) -> tuple[_Candidate, Sequence[Fit]]:
    """The schedule that fits the readings best, and its fits, the likeliest first."""
    for candidate in candidates:
        for search in _with_lags(candidate.search):
            if fits := search.whole(candidate.subject, readings):
                return _Candidate(candidate.subject, search), fits
    partial_fits = [
        (candidate, candidate.search.partial(candidate.subject, readings))
        for candidate in candidates
    ]
    return min(partial_fits, key=lambda one: (-one[1][0].leading, -int(one[1][0].agrees.sum())))


def _with_lags(search: Search) -> Iterator[Search]:
    """The search, also where a metric is logged after the update that it changes."""
    yield search
    if search.metric:
        yield replace(search, lag=0)


def _measured(metric: Series) -> tuple[tuple[int, float], ...]:
    """What the metric was: of a resumed run, what its last leg knows of the earlier ones."""
    kept: list[tuple[int, float]] = []
    for leg in metric.legs:
        start = leg.steps[0] if len(leg) else math.inf
        kept = [one for one in kept if one[0] < start]
        kept += [one for one in zip(leg.steps, leg.values, strict=True) if math.isfinite(one[1])]
    return tuple(kept)
