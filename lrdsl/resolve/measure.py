"""Lengths to steps: exact fractions, rounded only where a boundary is placed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.tree import (
    Constant,
    Every,
    Over,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Skip,
    Tree,
    Until,
    UntilEvent,
)
from lrdsl.check.values import Length
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.resolve.run import Run
from lrdsl.resolve.run_arguments import UNITS
from lrdsl.text.numbers import SUFFIXES, divide
from lrdsl.text.source import Span
from lrdsl.wording import closest, count, number, option_of, plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lrdsl.text.numbers import Rational


class Measure:
    """Measures lengths for one run, and collects what is wrong with them.

    Args:
        run: the run, which gives units their size.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._sizes: dict[tuple[Tree | Constant, Rational | None], Rational | None] = {}
        # Trees whose length depends on where they stand: an `until` in them holds a `rest`, which
        # reaches to the end of the enclosing length.
        self.bounded: set[Tree | Constant] = set()
        # Trees in which an event ends something.
        self.eventful: Collection[Tree | Constant] = ()
        self.errors: dict[tuple[str, int, int], Diagnostic] = {}

    def report(
        self,
        slug: Slug,
        span: Span,
        message: str,
        help: str = "",
        needs: str = "",
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Notes an error, once per place; ``needs`` is the option that would fix it.

        What one option would fix is one mistake, in however many lengths it shows.
        """
        key = (message, 0, 0) if needs and not fixes else (slug, span.start, span.end)
        self.errors.setdefault(key, Diagnostic(slug, message, help, span, needs, fixes=fixes))

    def steps(self, length: Length, enclosing: Rational | None) -> Rational:
        """The steps of a length that is not ``rest``.

        Args:
            length: what was written.
            enclosing: the length that percentages refer to; None if it is not known.
        """
        total: Rational = 0
        for unit, amount in length.amounts:
            worth = self.run.units.get(unit)
            if unit == "%" and enclosing is not None:
                total += divide(amount * enclosing, 100)
            elif worth is None and not amount and self.run.ticks is not None:
                continue  # which is nothing on any clock
            elif worth is None:
                self._report_unit(unit, length)
                return 0
            else:
                total += amount * worth
        if total < 0:
            message = f"this length is {self._few(total)}"
            self.report("negative-length", length.span, message, "a length cannot be negative")
        if total > limits.STEPS:
            message = f"this length is {self._few(total)}"
            limit = "the limit is 2^53 steps, about 9e15"
            if self.run.ticks is not None:
                limit = "it is too long beside how short the steps of this run are"
            self.report("too-many-steps", length.span, message, limit)
        return min(max(total, 0), limits.STEPS)

    def _few(self, steps: Rational) -> str:
        """A length in steps, or in the unit of the clock, in a few digits."""
        ticks = self.run.ticks
        return f"{shown(steps)} steps" if ticks is None else ticks.few(steps)

    def told(self, steps: Rational) -> str:
        """A length in steps, or in the unit of the clock.

        Args:
            steps: the length as it is laid out.
        """
        return plural(steps, "step") if self.run.ticks is None else self.run.ticks.few(steps)

    def counted(self, steps: Rational) -> str:
        """A length beside another one that has its unit.

        Args:
            steps: the length as it is laid out.
        """
        return count(steps) if self.run.ticks is None else self.run.ticks.few(steps)

    def _report_unit(self, unit: str, length: Length) -> None:
        if self.run.ticks is not None and unit != "%":
            self._report_off_clock(unit, length, self.run.ticks.unit)
            return
        fixes: tuple[Fix, ...] = ()
        message, needs = f"how many `{unit}` one step takes is not known", f"--per-step {unit}=…"
        argument, stated = f'per_step={{"{unit}": …}}', f"run 1st = …{unit}"
        more = ""
        if unit == "%":
            message, needs = "a percentage needs to know of what", "--total"
            argument, stated = "total=", "run total = …"
            more = ", or put it inside `over(…)`"
        elif unit in UNITS:
            name, words = UNITS[unit]
            message, needs = (
                f"how many steps {words} has is not known",
                option_of(name),
            )
            argument, stated = f"{name}=", f"run 1{unit} = …st"
        elif near := _meant(unit, self.run.units):
            text = length.span.text
            more = f"; or did you mean `{near}`?"
            if text.endswith(unit):  # and is no name, or calculation, that comes to it
                fixes = (fix(length.span, f"{text.removesuffix(unit)}{near}"),)
        help = f"pass `{argument}` (on the command line `{needs}`), or write `{stated}`{more}"
        self.report("unresolved-unit", length.span, message, help, needs, fixes)

    def _report_off_clock(self, unit: str, length: Length, clock: str) -> None:
        """Reports a unit that the clock does not know."""
        message = f"how much `{unit}` is on the clock `{clock}` is not known"
        if unit != "st":
            how = f"`run 1{unit} = …{clock}`"
            help = f"say how the two are related, as in {how}, or give lengths in `{clock}`"
        else:
            help = f"write this length in `{clock}`, or say `run 1st = …{clock}`"
        self.report("unresolved-unit", length.span, message, help)

    def size(self, tree: Tree | Constant, enclosing: Rational | None) -> Rational | None:
        """The exact length of a tree; None if it takes what is left over."""
        key = (tree, enclosing)
        if key not in self._sizes:
            self._sizes[key] = self._size(tree, enclosing)
        return self._sizes[key]

    def _size(self, tree: Tree | Constant, enclosing: Rational | None) -> Rational | None:
        if isinstance(tree, Shape):
            return None if tree.length.is_rest else self.steps(tree.length, enclosing)
        if isinstance(tree, Sequence):
            sizes = [self.size(part, enclosing) for part in tree.parts]
            self._note(tree, tree.parts)
            fixed = [size for size in sizes if size is not None]
            return sum(fixed) if len(fixed) == len(sizes) else None
        if isinstance(tree, Pointwise):
            sides = [
                self.size(side, enclosing) for side in tree.sides if not isinstance(side, Constant)
            ]
            self._note(tree, tree.sides)
            if tree in self.eventful:
                return None
            return max((size for size in sides if size is not None), default=None)
        if isinstance(tree, Over):
            return self.steps(tree.length, enclosing)
        if isinstance(tree, UntilEvent):
            self.size(tree.body, enclosing)
            return None
        if isinstance(tree, Until):
            return self._until(tree, enclosing)
        if isinstance(tree, Skip):
            return self._skip(tree, enclosing)
        if isinstance(tree, Every):
            self.steps(tree.length, enclosing)  # which reports an unknown unit
            inside = self.size(tree.body, enclosing)
            self._note(tree, [tree.body])
            return inside
        assert isinstance(tree, Repeat)
        if tree.cycles is not None:
            return None if tree.cycles.fill else sum(tree.cycles.lengths)
        cycle = self.size(tree.body, enclosing)
        if cycle is None or tree.times is None:
            return None
        return cycle * repeated(tree.stretch, tree.times)

    def _until(self, tree: Until, enclosing: Rational | None) -> Rational:
        cut, inside = self.steps(tree.length, enclosing), self.size(tree.body, enclosing)
        if inside is None:
            self.bounded.add(tree)
            return cut
        self._note(tree, [tree.body])
        return min(cut, inside)

    def _skip(self, tree: Skip, enclosing: Rational | None) -> Rational | None:
        skipped, inside = self.steps(tree.length, enclosing), self.size(tree.body, enclosing)
        self._note(tree, [tree.body])
        return None if inside is None else self.after(tree, skipped, inside)

    def after(self, tree: Skip, skipped: Rational, inside: Rational) -> Rational:
        """The length that is left of a schedule; more than all of it cannot be skipped."""
        if skipped > inside:
            message = (
                f"this skips {self.told(skipped)}, and what is inside lasts {self.counted(inside)}"
            )
            self.report("negative-length", tree.length.span, message, "skip less than all of it")
        return max(inside - skipped, 0)

    def _note(self, tree: Tree, inside: Iterable[Tree | Constant]) -> None:
        """Notes that a tree's length depends on where it stands, if one inside it does."""
        if self.bounded and not self.bounded.isdisjoint(inside):
            self.bounded.add(tree)


def _meant(unit: str, units: Iterable[str]) -> str | None:
    """The unit, or the suffix, that one was probably meant to be."""
    suffixes = (suffix for suffix in SUFFIXES if unit.lower() == suffix.lower())
    return next(suffixes, None) or closest(unit, units)


_EXACT_BITS = 4096


def is_exact(stretch: Rational, times: int) -> bool:
    """True if so many cycles are measured exactly: their powers have few enough digits."""
    bits = stretch.numerator.bit_length() + stretch.denominator.bit_length()
    return times * bits <= _EXACT_BITS


def repeated(stretch: Rational, times: int) -> Rational:
    """The length of a repetition in first cycles, 1 + s + s^2 + …."""
    if stretch == 1:
        return times
    if is_exact(stretch, times):
        return divide(stretch**times - 1, stretch - 1)
    # The exact power has more digits than anybody needs, and gcd takes their square in time: the
    # sum is made of whole multiples of 2^-256 instead.
    unit = 1 << 256
    cycle, total = unit, 0
    for _ in range(times):
        total += cycle
        if total > 2 * limits.STEPS * unit or not cycle:
            break
        cycle = cycle * stretch.numerator // stretch.denominator
    return divide(total, unit)


def shown(amount: Rational) -> str:
    """An exact number in a few digits."""
    try:
        return number(float(amount))
    except OverflowError:
        return f"more than {number(sys.float_info.max)}" if amount > 0 else "less than 0"


def total_updates(run: Run) -> int | None:
    """The updates of a run, where no program says more of it; None if its length is not known.

    Args:
        run: the run.

    Raises:
        ValueError: its length is in a unit whose size is not known.
    """
    if run.total is None:
        return None
    measure = Measure(run)
    steps = measure.steps(run.total, None)
    for error in measure.errors.values():
        raise ValueError(f"in {run.total}, {error.message}: give the length of the run in updates")
    return nearest(steps)


def nearest(amount: Rational) -> int:
    """The nearest whole number, half up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def open_parts(tree: Tree | Constant) -> Iterator[Shape]:
    """The shapes that would last as long as an endless tree.

    Args:
        tree: the tree.
    """
    if isinstance(tree, Shape):
        if tree.length.is_rest:
            yield tree
    elif isinstance(tree, Sequence):
        for part in tree.parts:
            yield from open_parts(part)
    elif isinstance(tree, Pointwise):
        for side in tree.sides:
            yield from open_parts(side)
    elif isinstance(tree, Skip | Every):
        yield from open_parts(tree.body)
