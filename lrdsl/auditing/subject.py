"""What the rates of a log are compared with: a schedule, and what it was made from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from lrdsl import arrays
from lrdsl.auditing.replay import listens, replayed
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import entity, replace
from lrdsl.schedule.bound import array_curve, checked_curve

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.arrays.module import Vector
    from lrdsl.auditing.replay import Measured
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.schedule.reading import Factors
    from lrdsl.schedule.schedule import Schedule


@lru_cache(64)  # a mistake is looked for by asking for many updates of one schedule
def _curve(schedule: Schedule, base: float, factors: Factors = None) -> Vector:
    """A schedule for one base rate as a function of arrays; no event is taken to have come."""
    import numpy as np

    checked_curve(schedule, base, factors)
    return array_curve(schedule, arrays.find(np), base, factors)


@entity
class Subject:
    """A schedule that a run should have followed, in one group of parameters.

    Attributes:
        program: the program that it is of.
        run: the arguments of the run, those that the program states among them.
        label: what it drives in that program: ``lr``, ``lr["head"]``.
        schedule: the schedule.
        base: the optimizer's own rate.
        metric: what a metric measured, for a schedule that listens to one: the updates made by
            then, and the value.
    """

    program: Program
    run: RunArguments
    label: str
    schedule: Schedule
    base: float = 1.0
    metric: tuple[Measured, ...] = ()

    def rates(self, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates of some updates, NaN where an update is below 0.

        Args:
            updates: their indices, in any order and as often as one likes.
        """
        import numpy as np

        if listens(self.schedule):
            return self._measured(updates)
        curve = _curve(self.schedule, self.base)
        return np.where(updates < 0, np.nan, curve(np.maximum(updates, 0)))

    def _measured(self, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates as the metric makes them."""
        import numpy as np

        stretches = replayed(self.schedule, self.base, self.metric)
        places = np.searchsorted([one.start for one in stretches], updates, side="right") - 1
        rates = np.full(len(updates), np.nan)
        for place in np.unique(places[places >= 0]):
            one, own = stretches[place], places == place
            rates[own] = _curve(one.schedule, self.base, one.factors)(updates[own])
        return rates

    def changed(
        self, program: Program | None = None, run: RunArguments | None = None
    ) -> Subject | None:
        """The same with another program, or for another run; None if they do not fit.

        Args:
            program: the other program.
            run: the arguments of a run that differ.
        """
        program = program or self.program
        arguments = cast("RunArguments", {**self.run, **(run or {})})
        try:
            resolved = program.resolve_all(**arguments)
        except (LrsError, ValueError):
            return None
        if self.label not in resolved:
            return None
        return replace(self, program=program, run=arguments, schedule=resolved[self.label])
