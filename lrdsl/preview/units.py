"""The unit that a schedule speaks: epochs, tokens, or steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrdsl.text import numbers
from lrdsl.text.nodes import Definition, Name, Number, Target, walk
from lrdsl.wording import SUFFIXES, number, short_count

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.text.numbers import Quantity, Rational


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
    said = Counter(q.unit for program in programs for q in written(program))
    said.update(quantity.unit for quantity in told(run))
    known = [program.run_of(run).units for program in programs]
    for name, _ in said.most_common():
        sizes = {units[name] for units in known if name in units}
        if len(sizes) == 1 and name != "st":
            return Unit(name, sizes.pop())
    return None


def written(program: Program) -> Iterator[Quantity]:
    """The numbers of a program's statements, and of the length that it states of its run.

    Args:
        program: The program.
    """
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


def told(run: RunArguments) -> Iterator[Quantity]:
    """The numbers that a run says as texts.

    Args:
        run: The arguments of the run.
    """
    for word in (run.get("total"), *(run.get("params") or {}).values()):
        if isinstance(word, str):
            yield numbers.read(word)
