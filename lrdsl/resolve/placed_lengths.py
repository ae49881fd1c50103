"""Lengths in a unit whose steps change in size, measured from where they start or end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record
from lrdsl.resolve.stated import mixed
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.resolve.measure import Measure
    from lrdsl.resolve.run import Ramp, Run
    from lrdsl.text.numbers import Rational
    from lrdsl.text.source import Span

# What measuring a length costs, in cycles found.
_A_LENGTH = 5


@record
class Whole:
    """The length that percentages refer to.

    Attributes:
        steps: its steps; None if it is not known.
        amount: its amount in the unit of the table; None if it is given in other units.
        end: where it ends, which is as far as a `rest` in an `until` reaches; None if it is not
            known, and in a cycle, unless cycles share a length.
    """

    steps: Rational | None
    amount: Rational | None
    end: Rational | None


class Lengths:
    """Lengths at their places, which are exact and count from the start of the run.

    Args:
        run: the run.
        ramp: the units whose steps change in size.
        measure: collects what is wrong.
    """

    def __init__(self, run: Run, ramp: Ramp, measure: Measure) -> None:
        self.run, self.ramp, self.measure = run, ramp, measure
        self._work = 0

    def placed(
        self, length: Length, place: Rational, whole: Whole, *, backwards: bool = False
    ) -> Length:
        """A length that starts, or ends, somewhere, in steps if it depends on that.

        Args:
            length: the length.
            place: where it starts.
            whole: the length that percentages refer to.
            backwards: True if it ends there.
        """
        if self.amount(length, whole) is None:
            return length
        steps = self.steps(length, place, whole, backwards=backwards)
        return Length(((self.run.tick, steps),), length.span, str(length))

    def steps(
        self, length: Length, place: Rational, whole: Whole, *, backwards: bool = False
    ) -> Rational:
        """The exact steps of a length that starts, or ends, somewhere.

        Args:
            length: the length.
            place: where it starts.
            whole: the length that percentages refer to.
            backwards: True if it ends there.
        """
        self._spend(length.span)
        amount = self.amount(length, whole)
        if amount is None:
            known = all(unit in self.run.units or unit == "%" for unit, _ in length.amounts)
            is_sized = whole.steps is not None or all(u != "%" for u, _ in length.amounts)
            # Units that are not known are reported when the tree is measured.
            return self.measure.steps(length, whole.steps) if known and is_sized else 0
        table = self.ramp.table
        if backwards:
            return place - table.reached(table.taken(place) - amount)
        return table.reached(table.taken(place) + amount) - place

    def amount(self, length: Length, whole: Whole) -> Rational | None:
        """A length in the unit of the table; None if it does not depend on its place.

        Args:
            length: the length.
            whole: the length that percentages refer to.
        """
        sizes = {**self.ramp.units}
        if whole.amount is not None:
            sizes["%"] = divide(whole.amount, 100)
        counted = [one for one in length.amounts if one[1] or self.run.ticks is None]
        inside = [amount * sizes[unit] for unit, amount in counted if unit in sizes]
        if inside and len(inside) < len(length.amounts):
            found = mixed(length.span)
            self.refuse(length.span, found.message, found.help)
            return None
        return sum(inside) if inside else None

    def _spend(self, span: Span) -> None:
        """Counts lengths that are measured: cycles in cycles are measured again and again.

        Raises:
            LrsError: it is too much.
        """
        self._work += _A_LENGTH
        if self._work > limits.WORK:
            message = f"laying this out takes more than {limits.WORK:,} steps of work"
            help = "use fewer cycles whose lengths depend on their place in the run"
            raise LrsError([Diagnostic("too-many-parts", message, help, span)])

    def refuse(self, span: Span, message: str, help: str) -> None:
        """Reports a length that cannot depend on its place.

        Args:
            span: the length.
            message: what is wrong.
            help: the way out.
        """
        self.measure.report("unresolved-unit", span, message, help)
