"""What is exported: a schedule as formulas, and how these are put together.

The same few forms serve every format. Each is a curve of ``t``, a whole number of 0 or more. No
words of the language are left in it, no units, and no names but ``t``, ``base`` and ``length``.
"""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.formula.formula import Formula
from lrdsl.record import record, replace


@record
class Leaf:
    """A formula in ``t``, and in ``base`` where that is kept.

    Attributes:
        formula: the formula.
        is_cut: True if only a stretch of a part is seen, whose values may be small beside the
            part's: its operations keep their order, so that none of their digits is lost.
    """

    formula: Formula
    is_cut: bool = False


@record
class Link:
    """A stretch of a chain.

    Attributes:
        name: the shape, or how shapes are combined.
        written: its length as written, if that was not in steps.
        first: its first step.
        offset: what is subtracted from a step to get the ``t`` of its curve.
        curve: its values.
    """

    name: str
    written: str | None
    first: int
    offset: int
    curve: Curve

    def moved(self, by: int) -> Link:
        """The same stretch at later steps."""
        return replace(self, first=self.first + by, offset=self.offset + by)


@record
class Chain:
    """Stretches one after another; the last one has no end."""

    links: tuple[Link, ...]


@record
class Grid:
    """Cycles of one exact length: cycle k starts at step ``(start + k * cycle) // unit``."""

    start: int
    cycle: int
    unit: int

    @property
    def is_whole(self) -> bool:
        """True if every cycle has the same whole number of steps."""
        return (self.start, self.unit) == (0, 1)


@record
class Cycles:
    """A curve again and again.

    Attributes:
        bounds: where cycles start: a grid, or all starts and the end of the last cycle.
        curve: one cycle, in its own ``t``; a leaf may depend on ``length``, the cycle's.
        decay: the values of cycle k are multiplied by ``decay ^ (count * k)``.
        count: see ``decay``.
    """

    bounds: Grid | tuple[int, ...]
    curve: Curve
    decay: float = 1.0
    count: int = 1


@record
class Every:
    """A curve that is read at the start of each stretch, and held through it."""

    bounds: Grid
    curve: Curve


@record
class Combined:
    """Curves combined step by step, from the left, by an operation of formulas."""

    op: str
    curves: tuple[Curve, ...]


Curve = Leaf | Chain | Cycles | Every | Combined


def inside(curve: Curve) -> tuple[Curve, ...]:
    """The curves that a curve is made of."""
    match curve:
        case Leaf():
            return ()
        case Chain():
            return tuple([link.curve for link in curve.links])
        case Combined():
            return curve.curves
        case _:
            return (curve.curve,)


def leaves(curve: Curve) -> Iterator[Leaf]:
    """The formulas in a curve."""
    if isinstance(curve, Leaf):
        yield curve
    for inner in inside(curve):
        yield from leaves(inner)


def mentions(curve: Curve, name: str) -> bool:
    """True if a formula in a curve has a variable."""
    return any(name in leaf.formula.names for leaf in leaves(curve))
