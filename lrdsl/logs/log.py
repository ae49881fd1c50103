"""What a log holds: runs, in each the rates of some parameter groups, in each the legs of a run."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from lrdsl.logs.precision import FLOAT32, Precision
from lrdsl.record import entity, record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Readings that a series keeps. A longer one keeps every second, every fourth and so on.
MOST = 1 << 20

Role = Literal["rate", "metric"]
# What the steps of a log count.
Axis = Literal["step", "epoch"]


@entity
class Block:
    """Readings of one number that follow each other in a log.

    A reader yields them as it goes through a file, so that no file has to fit into memory.

    Attributes:
        name: the number, as the log calls it: ``lr-AdamW/pg1``.
        steps: the steps as logged.
        values: its values, as many.
        precision: how exactly the log holds them, as far as it was read.
        group: the parameter group whose rate it is, counted from 0; None if the log does not tell.
        run: the run, as the log calls it; empty in a log of one run.
        role: whether it is a rate, or the metric that a schedule listens to.
        axis: what the steps count.
    """

    name: str
    steps: Sequence[int] | NDArray[np.int64]
    values: Sequence[float] | NDArray[np.float64]
    precision: Precision
    group: int | None = None
    run: str = ""
    role: Role = "rate"
    axis: Axis = "step"

    @property
    def held(self) -> NDArray[np.float64]:
        """The values as the system held them: the shortest text of a float32 only lies near it."""
        import numpy as np

        values = np.asarray(self.values, np.float64)
        return values.astype(np.float32).astype(np.float64) if self.precision == FLOAT32 else values


@entity
class Leg:
    """What a process logged between its start, or its resume, and its end: steps that rise.

    Attributes:
        steps: the steps as logged, each at least as large as the one before.
        values: the values at them.
    """

    steps: array[int]
    values: array[float]

    def __len__(self) -> int:
        return len(self.steps)


class Series:
    """The values of one number through a run.

    Readings that repeat the step and the value of the one before count once: Lightning writes one
    for each batch when gradients accumulate. A step that falls back begins another leg: the run was
    resumed.

    Attributes:
        name: the number, as the log calls it.
        group: the parameter group whose rate it is; None if the log does not tell.
        legs: the readings that are kept, in the order of the log.
        precision: how exactly the log holds them.
        axis: what the steps count.
        read: how many readings there were, repeated ones counted once.
        every: 1 if all of them are kept, n if every n-th is.
    """

    __slots__ = ("_last", "axis", "every", "group", "legs", "name", "precision", "read")

    def __init__(
        self, name: str, group: int | None, precision: Precision, axis: Axis = "step"
    ) -> None:
        self.name = name
        self.group = group
        self.precision = precision
        self.axis = axis
        self.legs: list[Leg] = []
        self.read = 0
        self.every = 1
        self._last: tuple[float, float] = (math.inf, math.nan)

    def add(self, block: Block) -> None:
        """Adds readings that follow the present ones."""
        import numpy as np

        self.precision = block.precision
        steps, values = np.asarray(block.steps, np.int64), block.held
        step, value = self._last
        fresh = np.empty(len(steps), bool)
        fresh[:1] = (steps[:1] != step) | (values[:1] != value)
        fresh[1:] = (steps[1:] != steps[:-1]) | (values[1:] != values[:-1])
        if not fresh.all():
            steps, values = steps[fresh], values[fresh]
        if not len(steps):
            return
        falls = (np.flatnonzero(steps[1:] < steps[:-1]) + 1).tolist()
        if not self.legs or steps[0] < step:
            self.legs.append(Leg(array("q"), array("d")))
        for start, end in pairwise([0, *falls, len(steps)]):
            if start:
                self.legs.append(Leg(array("q"), array("d")))
            self._extend(steps[start:end], values[start:end])
        self._last = (int(steps[-1]), float(values[-1]))
        if len(self) > MOST:
            self._thin()

    def _extend(self, steps: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Adds readings to the last leg, as many of them as are kept."""
        leg = self.legs[-1]
        first = -self.read % self.every
        leg.steps.frombytes(steps[first :: self.every].tobytes())
        leg.values.frombytes(values[first :: self.every].tobytes())
        self.read += len(steps)

    def _thin(self) -> None:
        """Keeps every second reading of each leg."""
        self.every *= 2
        self.legs = [Leg(leg.steps[::2], leg.values[::2]) for leg in self.legs]

    @property
    def steps(self) -> list[int]:
        """The steps of all legs, as logged."""
        return [step for leg in self.legs for step in leg.steps]

    @property
    def values(self) -> list[float]:
        """The values of all legs."""
        return [value for leg in self.legs for value in leg.values]

    def __len__(self) -> int:
        return sum(map(len, self.legs))


@entity
class Run:
    """A run of a log.

    Attributes:
        name: the run, as the log calls it; empty in a log of one run.
        rates: the rates, in the order of the log.
        metric: the metric that was asked for; None if none was, or the run has none.
    """

    name: str
    rates: tuple[Series, ...]
    metric: Series | None = None


@record
class Offset:
    """Which update a logged rate is of: the rate at step s is that of update s + ``updates``.

    Attributes:
        updates: the number to add to a logged step.
        of: the versions of the system that log so; empty if all of them do.
    """

    updates: int
    of: str = ""


# What a log of unknown origin holds at step s: the rate of update s, of the one before or after.
USUAL_OFFSETS = (0, -1, 1)


def updates_of(offset: int, axis: str = "step") -> str:
    """The update that a rate is of, by the step that it is logged at.

    >>> updates_of(0), updates_of(-1), updates_of(2)
    ('update s', 'update s - 1', 'update s + 2')
    """
    sign = "-" if offset < 0 else "+"
    noun = "update" if axis == "step" else axis
    return f"{noun} s {sign} {abs(offset)}" if offset else f"{noun} s"


@entity
class Log:
    """A log that was read.

    Attributes:
        path: the file or folder that the runs were read from.
        system: what wrote it: ``transformers``, ``TensorBoard``; ``CSV`` for a table of unknown
            origin.
        runs: its runs.
        offsets: the offsets that its system has, likeliest first; empty where any program may have
            written it.
        axis: what its steps count.
        beside: other logs in the same folder, which were not read.
    """

    path: str
    system: str
    runs: tuple[Run, ...]
    offsets: tuple[Offset, ...] = ()
    axis: Axis = "step"
    beside: tuple[str, ...] = ()
