"""jax's arrays, and what stands for them while a function is traced."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.arrays.module import Array, ArrayModule


class JaxArrays(ArrayModule):
    """jax: steps are int32 and values float32, or both of 64 bits under ``jax_enable_x64``."""

    packages = ("jax", "jaxlib")

    def __init__(self) -> None:
        import jax.numpy

        self.namespace = jax.numpy

    @property
    def largest(self) -> int:
        numpy = self.namespace
        return int(numpy.iinfo(numpy.result_type(int)).max)

    def is_number(self, values: Array) -> bool:
        return values.dtype.kind not in "bc"

    def steps(self, t: Array) -> Array:
        given = self.namespace.asarray(t)
        if not self.is_whole(given):
            return given if given.dtype.itemsize > 2 else given.astype(self.namespace.float32)
        if given.dtype.kind == "u":  # half of its range would turn negative
            given = self.namespace.minimum(given, min(self.largest, self._most(given)))
        return self.whole(given)

    def _most(self, values: Array) -> int:
        return int(self.namespace.iinfo(values.dtype).max)

    def is_whole(self, values: Array) -> bool:
        return values.dtype.kind in "iu"

    def whole(self, values: Array) -> Array:
        return values.astype(self.namespace.result_type(int))

    def real(self, values: Array) -> Array:
        return values.astype(self.namespace.result_type(float)) if self.is_whole(values) else values

    def table(self, values: Sequence[float], like: Array) -> Array:
        kind = int if all(isinstance(value, int) for value in values) else float
        return self.namespace.asarray(values, dtype=self.namespace.result_type(kind))

    def full(self, value: float, like: Array) -> Array:
        return self.namespace.full(like.shape, value, dtype=self.namespace.result_type(float))
