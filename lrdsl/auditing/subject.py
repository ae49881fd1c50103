"""What the rates of a log are compared with: a schedule, and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import entity, replace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.schedule.schedule import Schedule


@entity
class Subject:
    """A schedule that a run should have followed, in one group of parameters.

    Attributes:
        program: the program that it is of.
        run: the arguments of the run, those that the program states among them.
        label: what it drives in that program: ``lr``, ``lr["head"]``.
        schedule: the schedule.
        base: the optimizer's own rate.
    """

    program: Program
    run: RunArguments
    label: str
    schedule: Schedule
    base: float = 1.0

    def rates(self, updates: NDArray[np.int64]) -> NDArray[np.float64]:
        """The rates of some updates, NaN where an update is below 0.

        Args:
            updates: their indices, in any order and as often as one likes.
        """
        import numpy as np

        curve = self.schedule.array_curve(np, base=self.base)
        return np.where(updates < 0, np.nan, curve(np.maximum(updates, 0)))

    def changed(
        self, program: Program | None = None, run: RunArguments | None = None
    ) -> Subject | None:
        """The same with another program, or for another run; None if they do not fit.

        Args:
            program: the other program.
            run: the arguments of a run that differ.
        """
        program = program or self.program
        arguments = {**self.run, **(run or {})}
        try:
            resolved = program.resolve_all(**arguments)
        except (LrsError, ValueError):
            return None
        if self.label not in resolved:
            return None
        return replace(self, program=program, run=arguments, schedule=resolved[self.label])
