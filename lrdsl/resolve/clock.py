"""Runs on a clock: laid out in ticks of it, so small that nothing is lost by counting them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.table import Table
from lrdsl.check.tree import (
    Constant,
    Over,
    Pointwise,
    Repeat,
    Sequence,
    Shape,
    Timed,
    Tree,
    UntilEvent,
)
from lrdsl.check.values import Length
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.dimension import MixedTimeError, power
from lrdsl.record import record, replace
from lrdsl.resolve.measure import repeated
from lrdsl.resolve.run import Clock, Ramp, Run
from lrdsl.resolve.stated import mixed
from lrdsl.schedule.clock import ClockSchedule
from lrdsl.schedule.ticks import Grid, Ticks, on_updates
from lrdsl.text.numbers import divide

if TYPE_CHECKING:
    from lrdsl.check.targets import Drive
    from lrdsl.schedule.block import Block
    from lrdsl.schedule.endpoints import Endpoints
    from lrdsl.schedule.sequence import SequenceBlock
    from lrdsl.text.numbers import Rational

# All lengths of a program together have about 2^_BITS ticks. A position is then a whole number that
# floats have exactly, and a boundary is off by 2^-51 of the run at most.
_BITS = 50
# The name of a tick among the units of a run, which no unit of a program can have.
TICK = ""


@record
class _Scaled:
    """A table between ticks and another amount, read like a `Table`.

    Attributes:
        table: what was taken of a unit before each update.
        step: the ticks in an update where they do not change; None if the unit is the clock's.
        one: the ticks in one of the unit.
    """

    table: Table
    step: Rational | None
    one: Rational

    def taken(self, tick: Rational) -> Rational:
        """The amount before a tick."""
        if self.step is not None:
            return self.table.taken(divide(tick, self.step))
        return self.table.reached(divide(tick, self.one))

    def reached(self, amount: Rational) -> Rational:
        """The tick at which so much was taken: the inverse."""
        if self.step is not None:
            return self.table.reached(amount) * self.step
        return self.table.taken(amount) * self.one


def in_ticks(run: Run, drives: Iterable[Drive]) -> Run:
    """The run that a run on a clock is laid out in: one whose steps are ticks.

    Args:
        run: a run on a clock.
        drives: what a program drives.

    Raises:
        LrsError: the program cannot follow the clock.
    """
    clock = run.clock
    assert clock is not None
    drives = tuple(drives)
    errors = [error for drive in drives for error in _refusals(drive, clock)]
    if errors:
        raise LrsError(errors)
    total = _total(run, clock)
    finest: Rational = 1
    if clock.table is not None:
        finest = reduce(_common, clock.table.sizes, clock.table.sizes[0])
    extent = max([total or 0, *(_extent(drive.tree, clock, total) for drive in drives)])
    ratio = divide(extent, finest)
    bits = _BITS - (ratio.numerator.bit_length() - ratio.denominator.bit_length() + 1)
    if clock.table is not None:
        bits = min(bits, _BITS)  # a step is no more ticks than that
    one = divide(2 ** max(bits, 0), finest)
    units: dict[str, Rational] = {unit: size * one for unit, size in clock.sizes.items()}
    units[TICK] = 1
    grid = None if clock.table is None else _grid(clock.table, one)
    length = None
    if total is not None and run.total is not None:
        length = Length(((TICK, total * one),), run.total.span, str(run.total))
    elif run.total is not None:
        length = run.total  # in units that are not known, which is reported
    ticks = Ticks(clock.unit, one, grid)
    own = {"total": length, "units": units, "ramp": _ramp(run, clock, one), "clock": None}
    return replace(run, **own, tick=TICK, ticks=ticks)


def _ramp(run: Run, clock: Clock, one: Rational) -> Ramp | None:
    """The units whose ticks change during the run."""
    if clock.table is not None and "st" not in clock.sizes:
        sizes = {name: size for name, size in run.units.items() if name not in clock.sizes}
        return Ramp(_Scaled(clock.table, None, one), sizes)  # type: ignore[arg-type]
    if run.ramp is not None and "st" in clock.sizes:
        table = _Scaled(run.ramp.table, clock.sizes["st"] * one, one)
        return Ramp(table, run.ramp.units)  # type: ignore[arg-type]
    return None


def _total(run: Run, clock: Clock) -> Rational | None:
    """The length of the run in the unit of the clock; None if that is not known."""
    if clock.total is None:
        return None
    sizes = clock.sizes
    inside = [amount * sizes[unit] for unit, amount in clock.total.amounts if unit in sizes]
    if len(inside) == len(clock.total.amounts):
        return sum(inside)
    if clock.table is None:
        return None
    found = [run.steps(amount, unit) for unit, amount in clock.total.amounts]
    steps = [each for each in found if each is not None]
    if len(steps) < len(found):
        return None
    if inside:
        raise LrsError([mixed(clock.total.span)])
    return clock.table.taken(sum(steps))


def _common(a: Rational, b: Rational) -> Rational:
    """The largest amount of which both are whole multiples."""
    under = a.denominator * b.denominator
    over = math.gcd(a.numerator * b.denominator, b.numerator * a.denominator)
    return divide(over, under)


def _grid(table: Table, one: Rational) -> Grid:
    rows = [[int(amount * one) for amount in row] for row in (table.sizes, table.before)]
    return Grid(table.starts, tuple(rows[0]), tuple(rows[1]))


def _extent(tree: Tree | Constant, clock: Clock, total: Rational | None) -> Rational:
    """An amount of the clock that is as long as all lengths in a tree, roughly."""
    largest = max(clock.table.sizes) if clock.table is not None else 1
    found: Rational = 0
    for length, times in _lengths(tree, 1):
        for unit, amount in length.amounts:
            if unit == "%":
                found += divide((total or 0) * amount, 100) * times
            elif unit != "rest":
                found += clock.sizes.get(unit, largest) * amount * times
    return min(found, limits.STEPS * largest)


def _lengths(tree: Tree | Constant, times: Rational) -> Iterator[tuple[Length, Rational]]:
    """The lengths in a tree, each with how often it is there."""
    if isinstance(tree, Shape):
        yield tree.length, times
        for _, given in tree.steps:
            for length in given if isinstance(given, tuple) else (given,):
                yield length, times
    elif isinstance(tree, Sequence | Pointwise):
        for part in tree.parts if isinstance(tree, Sequence) else tree.sides:
            yield from _lengths(part, times)
    elif isinstance(tree, Repeat):
        count = 1 if tree.times is None else repeated(tree.stretch, tree.times)
        yield from _lengths(tree.body, times * min(count, limits.STEPS))
    elif isinstance(tree, Over | Timed):
        yield tree.length, times
        yield from _lengths(tree.body, times)
    elif isinstance(tree, UntilEvent):
        yield from _lengths(tree.body, times)


def _refusals(drive: Drive, clock: Clock) -> Iterator[Diagnostic]:
    """What cannot follow a clock."""
    if drive.events:
        event = drive.events[0]
        message = f"`{event.key}` is an event, and this run follows the clock `{clock.unit}`"
        help = "events end parts on steps only: leave `clock` out of the `run`, or the event"
        yield Diagnostic("bad-run", message, help, drive.target.span)
    for shape in _shapes(drive.tree):
        lengths = [name for name, _ in shape.steps]
        yield from _inconstant(shape, clock)
        try:
            if power(shape.kernel.formula, lengths):
                raise MixedTimeError
            for guard in shape.guards:
                power(guard.condition, lengths)
        except MixedTimeError:
            message = f"`{shape.name}` counts steps, and this run follows the clock `{clock.unit}`"
            help = (
                "its formula adds plain numbers to `t` or `length`, or compares them: write it with"
                " lengths, or with `u` and `v`, or leave `clock` out of the `run`"
            )
            yield Diagnostic("bad-run", message, help, shape.span)


def _inconstant(shape: Shape, clock: Clock) -> Iterator[Diagnostic]:
    """The arguments of a shape that are in units which no constant relates to the clock's."""
    for name, given in shape.steps:
        if isinstance(given, tuple) or all(
            unit == "%" or unit in clock.sizes or not amount for unit, amount in given.amounts
        ):
            continue
        changes = "changes during the run" if clock.table is not None else "is not known"
        message = (
            f"`{name}` of `{shape.name}` is `{given}`, and how much that is on the clock"
            f" `{clock.unit}` {changes}"
        )
        span = given.span if given.span.source is shape.span.source else shape.span
        million = "M" if clock.table is not None and max(clock.table.sizes) >= 1000 else ""
        help = f"give it in `{clock.unit}`, as in `{name} = 1{million}{clock.unit}`"
        yield Diagnostic("unresolved-unit", message, help, span)


def _shapes(tree: Tree | Constant) -> Iterator[Shape]:
    if isinstance(tree, Shape):
        yield tree
    elif isinstance(tree, Sequence | Pointwise):
        for part in tree.parts if isinstance(tree, Sequence) else tree.sides:
            yield from _shapes(part)
    elif isinstance(tree, Repeat | Over | Timed | UntilEvent):
        yield from _shapes(tree.body)


def schedule_of(
    chain: SequenceBlock, words: Endpoints, blocks: Iterable[Block], lowest: float, ticks: Ticks
) -> ClockSchedule:
    """The schedule of a program that was laid out in ticks.

    Args:
        chain: its blocks.
        words: the values of its words.
        blocks: every block in it.
        lowest: its lowest valid value.
        ticks: how the unit of the clock is divided.
    """
    outer = chain if ticks.grid is None else on_updates(chain, ticks.grid)
    return ClockSchedule(outer, words, blocks, lowest, chain, ticks)
