"""Views of a schedule for those who look at its values, and at the errors in them, themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrdsl.formula.formula import substitute
from lrdsl.schedule.endpoints import BASE
from lrdsl.schedule.schedule import Schedule

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.formula.formula import Degrees, Formula
    from lrdsl.schedule.block import Block, Env, Scalar
    from lrdsl.schedule.reading import Factors
    from lrdsl.schedule.sequence import SequenceBlock


def blocks_of(
    schedule: Schedule, base: float, factors: Factors = None
) -> Iterator[tuple[int, Block, Env]]:
    """The first step and the block of every part, and the values of its words.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        factors: the current factor of each ``plateau``; None before any reduction.

    Raises:
        LrsError: a guard of a shape does not hold for this rate.
    """
    env = schedule._checked(base, factors)
    for first, block in zip(schedule._chain.starts, schedule._chain.blocks, strict=True):
        yield first, block, env


def chain_of(schedule: Schedule) -> SequenceBlock:
    """The blocks of a schedule as they were laid out: on a clock, in ticks.

    Args:
        schedule: the schedule.
    """
    return schedule._laid_out_chain


def in_base(schedule: Schedule, formula: Formula) -> Formula:
    """A formula of one of a schedule's blocks in terms of ``base``, of factors and of ``own``.

    Args:
        schedule: the schedule.
        formula: the formula.
    """
    words = schedule._words
    driven = {name: BASE for name, value in words.owns.items() if value is None}
    return substitute(words.in_base(formula), driven)


def degrees_of(schedule: Schedule, block: Block) -> Degrees:
    """The powers of ``base`` in the values of one of a schedule's blocks.

    Args:
        schedule: the schedule.
        block: one of its blocks.
    """
    return block.degrees(schedule._words.degrees_of)


def owning(schedule: Schedule, numbers: Sequence[float]) -> Schedule:
    """The schedule for a parameter group, which has other numbers too.

    Args:
        schedule: the schedule, for the events that have happened; the one returned waits for none.
        numbers: those that ``schedule.owns`` names, in its order.
    """
    words = schedule._words.owning(numbers)
    if schedule.events:
        return Schedule(schedule._chain, words, None, schedule.lowest)
    made, (chain, _, *more) = schedule.__reduce__()
    return made(chain, words, *more)  # type: ignore[arg-type]


def curve_of(schedule: Schedule, base: float, factors: Factors = None) -> Scalar:
    """The curve for one base rate with its values unchecked, for callers that check them.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        factors: the current factor of each ``plateau``; None before any reduction.
    """
    return schedule._curve(base, factors)


def values_of(schedule: Schedule, n: int, base: float, first: int = 0) -> NDArray[float64]:
    """The values of ``n`` updates as an array, unchecked too.

    Args:
        schedule: the schedule.
        n: the number of updates.
        base: the optimizer's own rate.
        first: the index of the first update.
    """
    return schedule._values(n, base, first)


def faults_of(
    schedule: Schedule,
    base: float = 1.0,
    *,
    noun: str = "value",
    limit: float = math.inf,
    factors: Factors = None,
) -> list[Diagnostic]:
    """The errors of a curve: steps at which it is out of bounds, infinite or undefined.

    Args:
        schedule: the schedule.
        base: the optimizer's own rate.
        noun: the word for a value in messages.
        limit: an upper bound that the values must stay below.
        factors: the current factor of each ``plateau``; None before any reduction.
    """
    return schedule._faults(base, factors, noun=noun, limit=limit)


def fault_of(
    schedule: Schedule,
    step: int,
    base: float,
    factors: Factors = None,
    *,
    noun: str = "value",
    limit: float = math.inf,
) -> Diagnostic | None:
    """The error of the value at one step; None if the value is valid.

    Args:
        schedule: the schedule.
        step: the step.
        base: the optimizer's own rate.
        factors: the current factor of each ``plateau``; None before any reduction.
        noun: the word for a value in messages.
        limit: an upper bound that the value must stay below.
    """
    return schedule._fault(step, base, factors, noun, limit)
