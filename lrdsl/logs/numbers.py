"""The numbers of a log while it is read: from what a file holds to blocks of readings."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from itertools import compress
from pathlib import Path

from lrdsl.logs.log import Axis, Block
from lrdsl.logs.names import group_of, is_rate
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Unreadable, Wanted
from lrdsl.logs.texts import Texts

# What stands where there is no value: in tables of pandas, of R, and in JSON.
_NOTHING = frozenset(["", "NA", "N/A", "null", "None", "-"])


def whole(path: Path, name: str, steps: Sequence[object]) -> array[int]:
    """The steps of some readings.

    Args:
        path: the log, for messages.
        name: the column with the steps, for messages.
        steps: texts or numbers. ``12.0`` is a step, and 12.5 is none.

    Raises:
        Unreadable: one of them is no step.
    """
    try:
        if steps and isinstance(steps[0], str):
            try:
                return array("q", map(int, steps))  # type: ignore[arg-type]
            except ValueError:
                pass
        return array("q", [_step(path, name, step) for step in steps])
    except OverflowError:
        raise Unreadable(f"{path}: a number in `{name}` is too large for a step") from None


def _step(path: Path, name: str, step: object) -> int:
    try:
        value = step if isinstance(step, int) else float(step)  # type: ignore[arg-type]
        if value == int(value):
            return int(value)
    except (TypeError, ValueError, OverflowError):
        pass
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

    def block(self, steps: Sequence[int], values: Sequence[object]) -> Block | None:
        """A block of readings; None if there are none.

        Args:
            steps: the steps.
            values: as many texts or numbers. Where there is none, there is no reading, and neither
                where a rate is NaN.

        Raises:
            Unreadable: one of them is no number, or a rate is infinite.
        """
        if "" in values:
            steps, values = list(compress(steps, values)), list(filter(None, values))
        if self._precision is None:
            self._texts.add(values)
        try:
            numbers = array("d", map(float, values))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            kept = [value is not None and str(value).strip() not in _NOTHING for value in values]
            steps, values = _present(steps, values, kept)
            numbers = array("d", map(self._float, steps, values))
        if not self.is_metric and not math.isfinite(sum(numbers)):
            self._refuse_infinite(steps, numbers)
            kept = [not math.isnan(number) for number in numbers]
            steps, numbers = _present(steps, numbers, kept)  # type: ignore[assignment]
        if not numbers:
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

    def _float(self, step: int, value: object) -> float:
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Unreadable(
                f"{self._path}: `{self.name}` is {value!r} at step {step:,}, which is no number"
            ) from None

    def _refuse_infinite(self, steps: Sequence[int], numbers: Sequence[float]) -> None:
        for step, number in zip(steps, numbers, strict=True):
            if math.isinf(number):
                raise Unreadable(
                    f"{self._path}: `{self.name}` is infinite at step {step:,}: "
                    "no schedule has such a rate"
                )


def _present(
    steps: Sequence[int], values: Sequence[object], kept: Sequence[bool]
) -> tuple[list[int], list[object]]:
    return list(compress(steps, kept)), list(compress(values, kept))
