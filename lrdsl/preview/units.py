"""The unit that a schedule speaks: epochs, tokens, or steps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import run_for
from lrdsl.text import numbers
from lrdsl.text.nodes import Definition, Number, Target, walk
from lrdsl.wording import SUFFIXES, number, short_count

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.text.numbers import Rational

# Steps of an epoch that is only drawn: it has many divisors, so parts of it come out even.
_ASSUMED = 1000
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


def spoken(programs: Iterable[Program], run: RunArguments) -> Unit | None:
    """Finds the unit that programs and their run speak.

    Args:
        programs: What is drawn together.
        run: The run they are laid out for.

    Returns:
        The unit that is written most often; None if lengths are in steps, or in shares of them.
    """
    said = Counter(unit for program in programs for unit in _units(program))
    words = [run.get("total"), *(run.get("params") or {}).values()]
    said.update(numbers.read(word).unit for word in words if isinstance(word, str))
    known = run_for(run).units
    for name, _ in said.most_common():
        if name in known and name != "st":
            return Unit(name, known[name])
    return None


def _units(program: Program) -> Iterator[str]:
    for statement in program.module.statements:
        body = statement.body if isinstance(statement, Definition | Target) else statement
        for node in walk(body) if body else ():
            if isinstance(node, Number):
                yield numbers.read(node.spelling).unit


def in_epochs(program: Program, run: RunArguments) -> RunArguments | None:
    """Assumes how long an epoch is, where that changes nothing but the numbers of the steps.

    Args:
        program: The program.
        run: Its run, which does not say it.

    Returns:
        The run with an epoch of some length; None if the program is another curve in epochs of
        another length, as it speaks of steps too.
    """
    if run.get("steps_per_epoch") is not None:
        return None
    once: RunArguments = {**run, "steps_per_epoch": _ASSUMED}
    twice: RunArguments = {**run, "steps_per_epoch": 2 * _ASSUMED}
    try:
        return once if _scales(program, once, twice) else None
    except LrsError:
        return None


def _scales(program: Program, once: RunArguments, twice: RunArguments) -> bool:
    """True if every curve of a program takes twice the steps and is the same otherwise."""
    resolved = program.resolve_all(**once), program.resolve_all(**twice)
    for short, long in zip(resolved[0].values(), resolved[1].values(), strict=True):
        starts = [part.start_step for part in short.parts]
        if [part.start_step for part in long.parts] != [2 * step for step in starts]:
            return False
        if long.length != 2 * short.length:
            return False
        last = starts[-1] + _ASSUMED if short.length == math.inf else int(short.length)
        if short.meters:
            continue  # what a metric does is drawn for a metric of its own
        evenly = (k * last // _PROBES for k in range(_PROBES + 1))
        # Between half of a step that was written as such and that step the curves differ.
        doubling = (2**k for k in range(last.bit_length()))
        for step in (*evenly, *doubling):
            if not math.isclose(short(step), long(2 * step), rel_tol=1e-9, abs_tol=1e-12):
                return False
    return True
