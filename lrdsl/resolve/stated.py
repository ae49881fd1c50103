"""The run as a text states it and the arguments of a call correct it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.run_statement import Ratio, Stated, path
from lrdsl.check.table import Table
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record, replace
from lrdsl.resolve.run import RUN, Clock, Ramp, Run
from lrdsl.text.numbers import divide
from lrdsl.text.source import Said, Span

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational


@record
class _Units:
    """The units that are known.

    Attributes:
        steps: the steps in one of each unit.
        sizes: where the size of a step changes, one of each other unit in that of the table.
    """

    steps: Mapping[str, Rational]
    sizes: Mapping[str, Rational]


def completed(run: Run, stated: Stated) -> Run:
    """A run with what the text states and no argument says otherwise.

    Args:
        run: the run as the arguments describe it.
        stated: what the text states.

    Raises:
        LrsError: its length adds up units of both kinds.
    """
    notes: list[Diagnostic] = []
    ratios = list(stated.ratios)
    before = _known(ratios, {"st": 1})
    own: dict[str, Rational] = {"st": 1}
    for unit, steps in run.units.items():
        # What led from here to steps is replaced; the units beyond it move along.
        way = path(ratios, unit, own) if unit != "st" else []
        if way:
            ratios.remove(way[0])
        if unit in before.sizes or _differ(before.steps.get(unit, steps), steps):
            notes.append(_note(path(stated.ratios, unit, {"st"})[0].span, _told(unit, steps)))
        own[unit] = steps
    known = _known(ratios, own)
    has_table = stated.table is not None and any(ratio.ratio is None for ratio in ratios)
    ramp = Ramp(stated.table, known.sizes) if stated.table is not None and has_table else None
    total = run.total or stated.total
    found = replace(run, units=known.steps, ramp=ramp, total=total)
    if run.total is not None and stated.total is not None and stated.item is not None:
        given, said = _steps(found, run.total), _steps(found, stated.total)
        unlike = run.total.amounts != stated.total.amounts
        if unlike if given is None or said is None else _differ(given, said):
            notes.append(_note(stated.item, f"total = {run.total}"))
    clock = _clock(found, stated.clock, ratios) if stated.clock not in {None, "st"} else None
    return replace(_in_steps(found), overridden=tuple(notes), clock=clock)


def _clock(run: Run, unit: str | None, ratios: Iterable[Ratio]) -> Clock:
    """What curves follow: a unit, what other units are in it, and what each step takes of it."""
    assert unit is not None
    if unit in run.units:
        one = run.units[unit]
        sizes = {name: divide(steps, one) for name, steps in run.units.items()}
        return Clock(unit, sizes, Table(unit, (0,), (sizes["st"],), (0,)), run.total)
    if run.ramp is not None and unit in run.ramp.units:
        table, one = run.ramp.table, run.ramp.units[unit]
        sizes = {name: divide(size, one) for name, size in run.ramp.units.items()}
        own, before = ([divide(x, one) for x in row] for row in (table.sizes, table.before))
        return Clock(unit, sizes, Table(unit, table.starts, tuple(own), tuple(before)), run.total)
    return Clock(unit, _known(ratios, {unit: 1}).steps, None, run.total)


def _known(ratios: Iterable[Ratio], own: Mapping[str, Rational]) -> _Units:
    """The units that follow from some items.

    Args:
        ratios: the items.
        own: the units whose steps are known without them.
    """
    beside: dict[str, list[tuple[str, Rational | None, Span]]] = {}
    for ratio in ratios:
        back = None if ratio.ratio is None else divide(1, ratio.ratio)
        beside.setdefault(ratio.unit, []).append((ratio.other, ratio.ratio, ratio.span))
        beside.setdefault(ratio.other, []).append((ratio.unit, back, ratio.span))
    steps = dict(own)
    sizes: dict[str, Rational] = {}
    pending = list(own)
    while pending:
        unit = pending.pop()
        known = steps if unit in steps else sizes
        for other, amount, span in beside.get(unit, ()):
            if other in steps or other in sizes:
                continue
            if amount is None:
                sizes[other] = 1
            else:
                found = known[other] = divide(known[unit], amount)
                if max(found.numerator, found.denominator) > _EXACT:
                    raise LrsError([_too_exact(other, span)])
            pending.append(other)
    return _Units(steps, sizes)


_EXACT = 10**limits.EXACT_DIGITS


def _too_exact(unit: str, span: Span) -> Diagnostic:
    digits = f"{limits.EXACT_DIGITS:,} digits"
    message = f"the length of `{unit}` has more than {digits} when it is exact"
    return Diagnostic("bad-number", message, "use fewer units in terms of others", span)


def _differ(a: Rational, b: Rational) -> bool:
    """True if two amounts above 0 are not the same to 15 digits: a float is one it was near."""
    return (a - b if a > b else b - a) * 10**15 > a


def _note(item: Span, said: str) -> Diagnostic:
    message = f"`{' '.join(item.text.split())}` is overridden: this run has {said}"
    help = "change the `run` statement if the run has changed for good"
    return Diagnostic("overridden-run", message, help, item, severity="warning")


def _told(unit: str, steps: Rational) -> str:
    """How long a unit is, as a `run` would say it."""
    nowhere = Span(Said(RUN, ""), 0, 0)
    if steps < 1:
        return f"1st = {Length(((unit, divide(1, steps)),), nowhere)}"
    return f"1{unit} = {Length((('st', steps),), nowhere)}"


def _steps(run: Run, length: Length) -> Rational | None:
    """The steps of the length of a run; None if a unit is not known."""
    found = [run.steps(amount, unit) for unit, amount in length.amounts]
    steps = [step for step in found if step is not None]
    return sum(steps) if len(steps) == len(found) else None


def _in_steps(run: Run) -> Run:
    """A run whose length is no longer in units whose steps change."""
    if run.total is None or run.ramp is None:
        return run
    sizes = run.ramp.units
    inside = [amount * sizes[unit] for unit, amount in run.total.amounts if unit in sizes]
    if not inside:
        return run
    span = run.total.span
    if len(inside) < len(run.total.amounts):
        raise LrsError([mixed(span)])
    total = sum(inside)
    length = Length((("st", run.ramp.table.reached(total)),), span)
    return replace(run, total=length, ramp=replace(run.ramp, total=total))


def mixed(span: Span) -> Diagnostic:
    """The diagnostic for a length that adds up units of both kinds."""
    message = f"`{' '.join(span.text.split())}` adds up lengths of which one depends on its place"
    help = "the steps of the run change in size: write the length in one unit"
    return Diagnostic("unresolved-unit", message, help, span)
