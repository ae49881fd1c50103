"""The size of a step where it changes: so many tokens each from one update on, then more."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.record import record
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrdsl.text.numbers import Rational


_EXACT = 10**limits.EXACT_DIGITS


@record
class Table:
    """How much of a unit each update takes, as stairs.

    Attributes:
        unit: the unit, such as ``tok``.
        starts: the first update of each size; the first of them is 0.
        sizes: what one update takes, from there on.
        before: what was taken before each of these updates.
    """

    unit: str
    starts: tuple[int, ...]
    sizes: tuple[Rational, ...]
    before: tuple[Rational, ...]

    def taken(self, step: Rational) -> Rational:
        """What was taken before an update; between two of them, the share of the first."""
        i = max(0, bisect_right(self.starts, step) - 1)
        return self.before[i] + (step - self.starts[i]) * self.sizes[i]

    def reached(self, amount: Rational) -> Rational:
        """The exact number of updates that take an amount: the inverse of `taken`."""
        i = max(0, bisect_right(self.before, amount) - 1)
        return self.starts[i] + divide(amount - self.before[i], self.sizes[i])


def stairs(
    unit: str, sizes: Iterable[Rational], milestones: Iterable[tuple[Rational, bool]]
) -> Table:
    """A table of sizes and of the places where they change.

    Args:
        unit: the unit of the sizes.
        sizes: one more than there are milestones.
        milestones: each an update, or an amount, which stands for the first update with at least
            so much before it; True for an amount.

    Raises:
        ValueError: the milestones do not rise; its only argument is which of them does not.
        OverflowError: what was taken has more digits than are worked out exactly.
    """
    first, *others = sizes
    starts: list[int] = [0]
    own: list[Rational] = [first]
    before: list[Rational] = [0]
    for number, (size, (place, is_amount)) in enumerate(zip(others, milestones, strict=True)):
        exact = starts[-1] + divide(place - before[-1], own[-1]) if is_amount else place
        start = -(-exact.numerator // exact.denominator)
        if start < starts[-1] or (start == starts[-1] and not is_amount):
            raise ValueError(number)
        taken = before[-1] + (start - starts[-1]) * own[-1]
        if max(taken.numerator, taken.denominator) > _EXACT:  # which would cost ever more
            raise OverflowError
        if start == starts[-1]:  # a step of the stairs that no update is on
            own[-1] = size
            continue
        starts.append(start)
        own.append(size)
        before.append(taken)
    return Table(unit, tuple(starts), tuple(own), tuple(before))
