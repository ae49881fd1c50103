"""The numbers of a log while it is read: from what a file holds to blocks of readings."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs.cells import Cells, Values, as_floats, chosen, present
from lrdsl.logs.log import Axis, Block
from lrdsl.logs.names import group_of, is_rate
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Unreadable, Wanted
from lrdsl.logs.texts import Texts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What stands where there is no value: in tables of pandas, of R, and in JSON.
_NOTHING = frozenset(["", "NA", "N/A", "null", "None", "-"])
# Texts of each piece of a log that are looked at to infer a precision.
_SAMPLE = 64
# The whole numbers that a float holds exactly.
_EXACT = 2.0**53


def whole(path: Path, name: str, steps: Values) -> NDArray[np.int64]:
    """The steps of some readings.

    Args:
        path: the log, for messages.
        name: the column with the steps, for messages.
        steps: texts or numbers. ``12.0`` is a step, and 12.5 is none.

    Raises:
        Unreadable: one of them is no step.
    """
    import numpy as np

    values, is_known = as_floats(steps)
    with np.errstate(invalid="ignore"):
        found = np.where(np.abs(values) < _EXACT, values, 0.0).astype(np.int64)
    try:
        for place in np.flatnonzero(~is_known | (found != values)):
            found[place] = _step(path, name, steps[int(place)])
    except OverflowError:
        raise Unreadable(f"{path}: a number in `{name}` is too large for a step") from None
    return found


def _step(path: Path, name: str, step: object) -> int:
    if isinstance(step, int | str):
        with suppress(ValueError):
            return int(step)
    with suppress(TypeError, ValueError):
        value = float(step)  # type: ignore[arg-type]
        if value.is_integer():
            return int(value)
    raise Unreadable(
        f"{path}: {step!r} in `{name}` is no step: steps are whole numbers. "
        "Name the column that counts updates"
    )


def is_wanted(name: str, wanted: Wanted) -> bool:
    """True for the numbers to read of a log: those that are named, or its rates."""
    return name == wanted.metric or (name in wanted.rates if wanted.rates else is_rate(name))


class Number:
    """A rate or a metric of a log.

    Args:
        path: the log, for messages.
        name: the number, as the log calls it.
        wanted: what is asked of the log.
        precision: how exactly it is held; None to infer it from the texts.
        run: the run, as the log calls it.
        axis: what its steps count.
        group: the parameter group, if the log tells it by something else than the name.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        wanted: Wanted,
        precision: Precision | None,
        *,
        run: str = "",
        axis: Axis = "step",
        group: int | None = None,
    ) -> None:
        self.name = name
        self.run = run
        self.is_metric = name == wanted.metric and name not in wanted.rates
        self._path = path
        self._axis = axis
        self._group = group_of(name) if group is None else group
        self._precision = precision
        self._texts = Texts()

    def block(self, steps: NDArray[np.int64], values: Values) -> Block | None:
        """A block of readings; None if there are none.

        Args:
            steps: the steps.
            values: as many texts or numbers. Where there is none, there is no reading, and neither
                where a rate is NaN.

        Raises:
            Unreadable: one of them is no number, or a rate is infinite.
        """
        import numpy as np

        if not (there := present(values)).all():
            steps, values = steps[there], chosen(values, there)
        if self._precision is None and isinstance(values, Cells):
            self._texts.add(values.sample(_SAMPLE))
        numbers, is_known = as_floats(values)
        if not is_known.all():
            for place in np.flatnonzero(~is_known):
                number = self._float(int(steps[place]), values[int(place)])
                if number is not None:
                    numbers[place], is_known[place] = number, True
            steps, numbers = steps[is_known], numbers[is_known]
        if not self.is_metric and not np.isfinite(numbers).all():
            self._refuse_infinite(steps, numbers)
            is_number = ~np.isnan(numbers)
            steps, numbers = steps[is_number], numbers[is_number]
        if not len(numbers):
            return None
        return Block(
            self.name,
            steps,
            numbers,
            self._precision or self._texts.precision,
            self._group,
            self.run,
            "metric" if self.is_metric else "rate",
            self._axis,
        )

    def _float(self, step: int, value: object) -> float | None:
        """A value that is no plain decimal as a float; None if there is none."""
        if value is None or str(value) in _NOTHING:
            return None
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Unreadable(
                f"{self._path}: `{self.name}` is {value!r} at step {step:,}, which is no number"
            ) from None

    def _refuse_infinite(self, steps: NDArray[np.int64], numbers: NDArray[np.float64]) -> None:
        import numpy as np

        if (places := np.flatnonzero(np.isinf(numbers))).size:
            raise Unreadable(
                f"{self._path}: `{self.name}` is infinite at step {steps[places[0]]:,}: "
                "no schedule has such a rate"
            )
