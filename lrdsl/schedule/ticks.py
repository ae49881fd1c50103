"""Ticks of a clock, and blocks that are laid out in them and read at the tick of each update."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.limits import STEPS
from lrdsl.outside import as_number, shown
from lrdsl.record import entity, record
from lrdsl.schedule.block import TABLE_OF, Block, Env, ReadBlock, held_vector
from lrdsl.schedule.sequence import SequenceBlock
from lrdsl.text.numbers import divide
from lrdsl.wording import rounded_count

if TYPE_CHECKING:
    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.text.numbers import Rational


@record
class Grid:
    """The ticks before each update, in whole numbers.

    Attributes:
        starts: the first update of each size; the first of them is 0.
        sizes: the ticks of one update, from there on.
        before: the ticks before each of these updates.
    """

    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    before: tuple[int, ...]

    def tick(self, t: int) -> int:
        """The ticks before an update."""
        i = bisect_right(self.starts, t) - 1
        return self.before[i] + (t - self.starts[i]) * self.sizes[i]

    def update(self, tick: float) -> float:
        """The first update with at least so many ticks before it."""
        if tick == math.inf:
            return tick
        i = max(0, bisect_right(self.before, tick) - 1)
        return self.starts[i] - (self.before[i] - int(tick)) // self.sizes[i]


@record
class Ticks:
    """How the unit of a clock is divided.

    Attributes:
        unit: the unit, such as ``tok``.
        one: the ticks in one of it.
        grid: the ticks before each update; None if only ``step(at=…)`` says so.
    """

    unit: str
    one: Rational
    grid: Grid | None

    def of(self, at: object) -> int:
        """The tick of a position.

        Args:
            at: a number of 0 or more, in the unit of the clock.

        Raises:
            ValueError: it is not a position.
        """
        try:
            place = as_number(at)
        except ValueError:
            raise ValueError(f"a position is a number of `{self.unit}`, not {shown(at)}") from None
        if not 0 <= place < math.inf:
            raise ValueError(f"a position is 0{self.unit} or more, not {shown(at)}")
        return self.nearest(place)

    def nearest(self, at: Rational | float) -> int:
        """The tick nearest to a position, half up.

        Args:
            at: a number of 0 or more, in the unit of the clock.
        """
        over, under = at.as_integer_ratio()
        over, under = over * self.one.numerator, under * self.one.denominator
        return (2 * over + under) // (2 * under)

    def earlier(self, at: Rational | float) -> Rational:
        """The position a tick before another one, or 0."""
        return divide(max(self.nearest(at) - 1, 0), self.one)

    def at(self, tick: int) -> int | float:
        """The position of a tick, which `of` takes back to it."""
        over, under = tick * self.one.denominator, self.one.numerator
        return over // under if over % under == 0 else over / under

    def few(self, ticks: Rational) -> str:
        """An amount of ticks, in the unit and a few digits."""
        return f"{rounded_count(float(ticks / self.one))}{self.unit}"

    def name(self, tick: int) -> str:
        """A tick, as messages call it."""
        return f"{rounded_count(self.at(tick))}{self.unit}"

    def tick(self, t: int) -> int:
        """The ticks before an update.

        Raises:
            ValueError: nobody knows.
        """
        if self.grid is None:
            raise ValueError(self.unplaced)
        return self.grid.tick(t)

    @property
    def unplaced(self) -> str:
        """Says that updates have no place on the clock, and what to do."""
        return (
            f"where an update is on the clock `{self.unit}` is not known: say where the run is, by"
            f" `schedule(at=…)` or `scheduler.step(at=…)`, or how much one step takes: `run 1st ="
            f" …{self.unit}` (on the command line `--per-step {self.unit}=…`)"
        )


@entity
class ClockBlock(ReadBlock):
    """A block in ticks, read at the tick of each update.

    Attributes:
        first: the update at which it starts.
        start: the tick at which it starts.
        grid: the ticks before each update.
    """

    first: int
    start: int
    grid: Grid

    def inner(self, t: int) -> int:
        """The tick of the block at an update."""
        tick = self.grid.tick(self.first + t) - self.start
        return int(min(max(tick, 0), self.block.length))

    def vector(self, env: Env, xp: ArrayModule, first: int, last: int) -> Vector:
        if xp.largest < min(self.inner(last), STEPS):
            raise NotImplementedError(
                "positions on a clock need whole numbers of 64 bits, and these arrays have"
                f" {xp.largest.bit_length() + 1}: jax has 64 with `jax_enable_x64`, or {TABLE_OF}"
            )
        curve = held_vector(self.block, env, xp, (self.inner(first), self.inner(last)))
        grid = self.grid
        begin, end = (bisect_right(grid.starts, self.first + t) - 1 for t in (first, last))
        # Each stretch of one size by itself, from where it starts or the block does.
        origins = [max(start, self.first) for start in grid.starts[begin : end + 1]]
        sizes = [float(size) for size in grid.sizes[begin : end + 1]]
        before = [float(grid.tick(origin) - self.start) for origin in origins]
        locals_ = [float(origin - self.first) for origin in origins]

        def placed(t: Array) -> Array:
            local = xp.real(t)
            if len(sizes) == 1:
                return (local - locals_[0]) * sizes[0] + before[0]
            row = xp.passed(locals_[1:], local)
            from_row = local - xp.take(locals_, row)
            return from_row * xp.take(sizes, row) + xp.take(before, row)

        return lambda t: curve(placed(t))


def parts_inside(
    block: ClockBlock, inside: Iterable[tuple[int, Block]]
) -> Iterator[tuple[int, Block]]:
    """The parts of a block on a clock that own an update, and where in it they start.

    Args:
        block: the block.
        inside: the parts of what it reads, and where in that they start.
    """
    for start, part in inside:
        made = _on_updates(part, block.start + start, block.grid)
        if made is not None and made[0] < block.first + block.length:
            yield made[0] - block.first, made[1]


def _on_updates(block: Block, start: int, grid: Grid) -> tuple[int, ClockBlock] | None:
    """A block as updates read it, and its first update; None if it owns none."""
    first, stop = int(grid.update(start)), grid.update(start + block.length)
    if first >= stop:
        return None
    own = (block.span, block.name, stop - first, block.written, block.through)
    return first, ClockBlock(*own, block, first, start, grid)


def on_updates(chain: SequenceBlock, grid: Grid) -> SequenceBlock:
    """A schedule in ticks, as updates read it.

    Args:
        chain: the schedule.
        grid: the ticks before each update.
    """
    found = [
        made
        for start, block in zip(chain.starts, chain.blocks, strict=True)
        if (made := _on_updates(block, start, grid)) is not None
    ]
    # What the last part ends at is held, also if no update lies in it.
    start, last_block = chain.starts[-1], chain.blocks[-1]
    if not found or found[-1][1].block is not last_block:
        first = int(grid.update(start + last_block.length))
        own = (last_block.span, last_block.name, 0, last_block.written, last_block.through)
        found.append((first, ClockBlock(*own, last_block, first, start, grid)))
    starts, blocks = zip(*found, strict=True)
    last = starts[-1] + blocks[-1].length
    return SequenceBlock(chain.span, chain.name, last, chain.written, chain.through, starts, blocks)
