"""numpy's arrays."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.arrays.module import Array, ArrayModule, Vector
from lrdsl.limits import STEPS
from lrdsl.outside import as_step
from lrdsl.wording import installing


class NumpyArrays(ArrayModule):
    """numpy: steps are int64, values float64."""

    packages = ("numpy",)

    def __init__(self) -> None:
        try:
            import numpy
        except ModuleNotFoundError as error:
            message = f"arrays of values need numpy: {installing('preview')}"
            raise ModuleNotFoundError(message, name=error.name) from None
        self.namespace = numpy

    @property
    def largest(self) -> int:
        return 2**63 - 1

    def is_array(self, value: object) -> bool:
        return isinstance(value, self.namespace.ndarray)

    def is_number(self, values: Array) -> bool:
        return values.dtype.kind in "iuf"

    def is_masked(self, values: Array) -> bool:
        return isinstance(values, self.namespace.ma.MaskedArray)

    def steps(self, t: Array) -> Array:
        given = self.namespace.asarray(t)
        if not self.is_whole(given):
            message = f"steps are whole numbers, not {given.dtype}"
            raise TypeError(f"{message}: for positions between them, use schedule.at(…)")
        if given.size:
            as_step(given.min())
            as_step(given.max())
        return given.astype(self.namespace.int64)

    def positions(self, t: Array) -> Array:
        given = self.real(t)
        wrong = given[~((given >= 0) & (given <= STEPS))]
        if wrong.size:
            raise ValueError(f"a position is from 0 to 2^53 steps, not {float(wrong[0])}")
        return given

    def is_whole(self, values: Array) -> bool:
        return values.dtype.kind in "iu"

    def whole(self, values: Array) -> Array:
        return values.astype(self.namespace.int64)

    def real(self, values: Array) -> Array:
        return values.astype(self.namespace.float64, copy=False)

    def table(self, values: Sequence[float], like: Array) -> Array:
        whole = all(isinstance(value, int) for value in values)
        return self.namespace.array(values, dtype=self.namespace.int64 if whole else float)

    def quiet(self, curve: Vector) -> Vector:
        def quietly(t: Array) -> Array:
            with self.namespace.errstate(all="ignore"):
                return curve(t)

        return quietly

    def full(self, value: float, like: Array) -> Array:
        return self.namespace.full(like.shape, value, dtype=self.namespace.float64)
