"""The input of lints, and how they report."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from lrdsl.check.targets import RATE
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix
from lrdsl.lints.thresholds import NEAR
from lrdsl.record import entity
from lrdsl.wording import number, plural

if TYPE_CHECKING:
    from lrdsl.check.targets import Drive
    from lrdsl.lints.blocks import Leaf
    from lrdsl.program import Program
    from lrdsl.resolve.resolved import Driven, Resolved
    from lrdsl.resolve.run import Run
    from lrdsl.schedule.block import Block, Env
    from lrdsl.schedule.schedule import Schedule
    from lrdsl.text.source import Span


@entity
class ProgramContext:
    """A program as its text has it.

    Attributes:
        program: the program.
        drives: its checked statements, under the values of its ``param`` statements.
        run: the run, as far as it is known.
        resolved: the program as it was laid out; None if it could not be laid out.
    """

    program: Program
    drives: tuple[Drive, ...]
    run: Run
    resolved: Resolved | None


@entity
class ScheduleContext:
    """One schedule of a program, at a base rate that stands for all where that can be.

    Attributes:
        driven: the schedule, and what it drives.
        blocks: its parts: first step, block, and the curve of that block on its own clock. Those of
            a sequence that is scaled or limited by a number are parts too.
        leaves: every shape in them.
        heights: its values at some steps of each part.
        curve: its curve.
        env: the values of ``base`` and of the words.
        total: the steps of the run; ``math.inf`` where they are not known.
        epoch: the steps of an epoch if the run is given in epochs; otherwise None.
        base: the rate that the optimizer was built with; None if there is no optimizer.
    """

    driven: Driven
    blocks: tuple[tuple[int, Block, Callable[[int], float]], ...]
    leaves: tuple[Leaf, ...]
    heights: tuple[tuple[int, float], ...]
    curve: Callable[[int], float]
    env: Env
    total: float
    epoch: float | None
    base: float | None

    @property
    def schedule(self) -> Schedule:
        """The schedule."""
        return self.driven.schedule

    @property
    def length(self) -> float:
        """The steps that the schedule lasts, ``math.inf`` without an end."""
        return self.schedule.length

    @property
    def end(self) -> float:
        """The step with which training ends, as far as is known: the run's end, or its own."""
        return self.total if self.total < math.inf else self.length

    @property
    def is_rate(self) -> bool:
        """True if it drives a learning rate: a momentum may well rise, and a decay start at 0."""
        return self.driven.target.key == RATE

    @property
    def is_comparable(self) -> bool:
        """True if its values are in the same order for every base rate, or that rate is known."""
        known = self.base is not None
        return known or self.schedule.is_absolute or self.schedule.is_proportional

    def say(self, value: float) -> str:
        """A value in words: a plain number, or a share of ``base``."""
        if self.schedule.is_absolute or not value:
            return number(value)
        if self.schedule.is_proportional:
            return "`base`" if value == 1 else f"{number(value)} × `base`"
        return number(value) + (" (for a base rate of 1)" if self.base is None else "")

    def lasts(self, *counts: float) -> list[str]:
        """Numbers of steps in words: in epochs if the run is given so and all of them are plain.

        Args:
            counts: the numbers.
        """
        return self._epochs(*counts) or [plural(int(n), "step") for n in counts]

    @property
    def versus(self) -> str:
        """The length of the schedule and that of the run, in words."""
        schedule, run = self.lasts(self.length, self.total)
        return f"the schedule is {schedule}, the run is {run.split()[0]}"

    def since(self, step: int) -> str:
        """A step from which on something holds, in words."""
        return "".join(f"after {n}" for n in self._epochs(step)) or f"from step {step:,} on"

    def _epochs(self, *counts: float) -> list[str]:
        """Numbers of steps in epochs; none if these are not told, or are no plain numbers."""
        if self.epoch is None:
            return []
        shares = [round(n / self.epoch, 2) for n in counts]
        # Two decimals are enough if they lead back to the very step.
        plain = (abs(e * self.epoch - n) <= 0.5 for e, n in zip(shares, counts, strict=True))
        return [f"{e:,.10g} epoch{'s' * (e != 1)}" for e in shares] if all(plain) else []

    def part(self, step: int) -> Block:
        """The part that a step is in; after the end, the last one."""
        return [block for first, block, _ in self.blocks if first <= step][-1]


def warning(slug: Slug, message: str, help: str, span: Span, *fixes: Fix) -> Diagnostic:
    """A finding that is no error."""
    return Diagnostic(slug, message, help, span, severity="warning", fixes=fixes)


def alike(a: float, b: float) -> bool:
    """True if two values are the same to a reader."""
    return abs(a - b) <= NEAR * max(abs(a), abs(b))


def place(finding: Diagnostic) -> tuple[int, int, str]:
    """The sort key of findings: their place in the text."""
    return finding.span.start, finding.span.end, finding.code
