"""The unit that a schedule speaks: epochs, tokens, or steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.resolve.run_arguments import UNITS
from lrdsl.text import numbers
from lrdsl.text.nodes import Definition, Name, Number, Target, walk
from lrdsl.wording import SUFFIXES, number, short_count

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.text.numbers import Quantity, Rational

# Steps of an epoch that is only drawn: it has many divisors, so parts of it come out even.
_EPOCH = 1000
# Steps of the largest amount of another unit that all lengths are multiples of: 2B tokens, say.
_GRAIN = 10_000
# Steps at which curves of two assumed lengths are compared.
_PROBES = 64


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that lengths are given in.

    Attributes:
        name: As written against a number, such as `ep`.
        steps: How many steps one unit is.
        is_assumed: True if nobody said so, and only the unit means anything.
    """

    name: str
    steps: Rational | float
    is_assumed: bool = False

    def label(self, step: int) -> str:
        """Writes a step in this unit, with as few digits as tell it from its neighbors.

        >>> Unit("ep", 1251).label(6255), Unit("tok", 1 / 4_194_304).label(477)
        ('5ep', '2Btok')
        """
        if not step:
            return "0"
        amount = float(step / self.steps)
        # Halves too: 375M is as round as 370M.
        near = (float(f"{k * amount:.{digits}e}") / k for digits in range(6) for k in (1, 2))
        amount = next((x for x in near if abs(x - amount) * self.steps < 0.6), amount)
        if amount.is_integer() and len(short_count(int(amount))) < 8:
            return f"{short_count(int(amount))}{self.name}"
        size, letter = next((s for s in SUFFIXES if amount >= 10 * s[0]), (1, ""))
        return f"{number(amount / size, 4)}{letter}{self.name}"


def spoken(programs: Sequence[Program], run: RunArguments) -> Unit | None:
    """Finds the unit that programs and their run speak.

    Args:
        programs: What is drawn together.
        run: The run they are laid out for.

    Returns:
        The unit that is written most often; None if lengths are in steps, or in shares of them.
    """
    said = Counter(q.unit for program in programs for q in _written(program))
    said.update(quantity.unit for quantity in _told(run))
    known = [program.run_of(run).units for program in programs]
    for name, _ in said.most_common():
        sizes = {units[name] for units in known if name in units}
        if len(sizes) == 1 and name != "st":
            return Unit(name, sizes.pop())
    return None


def _written(program: Program) -> Iterator[Quantity]:
    """The numbers of a program."""
    for statement in program.module.statements:
        body = statement.body if isinstance(statement, Definition | Target) else statement
        for node in walk(body) if body else ():
            if isinstance(node, Number):
                yield numbers.read(node.spelling)
    for run in program.module.runs:
        totals = [item.value for item in run.items if isinstance(item.key, Name)]
        for node in (node for total in totals for node in walk(total)):
            if isinstance(node, Number):
                yield numbers.read(node.spelling)


def _told(run: RunArguments) -> Iterator[Quantity]:
    """The numbers that a run says as texts."""
    for word in (run.get("total"), *(run.get("params") or {}).values()):
        if isinstance(word, str):
            yield numbers.read(word)


def assumed_size(found: Iterable[tuple[Program, RunArguments]], name: str) -> Rational:
    """Chooses how many steps one of a unit has, where only the unit will be shown.

    Args:
        found: The programs to draw together, each with its run.
        name: The unit, such as `tok`.

    Returns:
        The steps: so many that every length in the unit is a whole number of them.
    """
    if name in UNITS:
        return _EPOCH
    grain = Fraction(0)
    for program, run in found:
        for quantity in (*_written(program), *_told(run)):
            if quantity.unit == name:
                grain = _common(grain, Fraction(quantity.exact))
    return _GRAIN / grain if grain else _GRAIN


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The largest amount that both are multiples of."""
    divisor = math.gcd(a.numerator * b.denominator, b.numerator * a.denominator)
    return Fraction(divisor, a.denominator * b.denominator)


def in_unit(program: Program, run: RunArguments, name: str, size: Rational) -> RunArguments | None:
    """Assumes how many steps one of a unit has, if that changes only the numbers of the steps.

    Args:
        program: The program.
        run: Its run, which does not say it.
        name: The unit, such as `ep` or `tok`.
        size: The steps.

    Returns:
        The run, in which the unit has that size; None if the program is another curve for another
        size, because it speaks of steps too, or of measurements at unknown distances.
    """
    given = run.get(UNITS[name][0]) if name in UNITS else (run.get("per_step") or {}).get(name)
    if given is not None:
        return None
    try:
        once, twice = _with(run, name, size), _with(run, name, 2 * size)
        return once if _scales(program, once, twice, measured=name in UNITS) else None
    except (LrsError, OverflowError):
        return None


def _with(run: RunArguments, name: str, size: Rational) -> RunArguments:
    if name in UNITS:
        return cast("RunArguments", {**run, UNITS[name][0]: float(size)})
    return {**run, "per_step": {**(run.get("per_step") or {}), name: float(1 / Fraction(size))}}


def _scales(program: Program, once: RunArguments, twice: RunArguments, *, measured: bool) -> bool:
    """True if every curve of a program takes twice the steps and is the same otherwise.

    Args:
        program: The program.
        once: Its run.
        twice: Its run with a unit of twice the steps.
        measured: True if a metric is measured once in the unit.
    """
    resolved = program.resolve_all(**once), program.resolve_all(**twice)
    for short, long in zip(resolved[0].values(), resolved[1].values(), strict=True):
        starts = [part.start_step for part in short.parts]
        if [part.start_step for part in long.parts] != [2 * step for step in starts]:
            return False
        if long.length != 2 * short.length:
            return False
        last = starts[-1] + _EPOCH if short.length == math.inf else int(short.length)
        if short.meters:
            if not measured:
                return False
            continue  # what a metric does is drawn for a metric of its own
        evenly = (k * last // _PROBES for k in range(_PROBES + 1))
        # Between half of a step that was written as such and that step the curves differ.
        doubling = (2**k for k in range(last.bit_length()))
        for step in (*evenly, *doubling):
            if not math.isclose(short(step), long(2 * step), rel_tol=1e-9, abs_tol=1e-12):
                return False
    return True
