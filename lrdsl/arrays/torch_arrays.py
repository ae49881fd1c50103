"""torch's tensors, eager or compiled."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.arrays.module import Array, ArrayModule

# Lists of at most so many items are compared with one by one; copies kept of longer ones.
_SHORT, _KEPT = 16, 64


class TorchArrays(ArrayModule):
    """torch: steps are int64, values float64 on the device of the steps (float32 on MPS)."""

    packages = ("torch",)
    power_name = "pow"

    def __init__(self) -> None:
        import torch

        self.namespace = torch
        self._tables: dict[tuple[tuple[float, ...], object, object], Array] = {}

    @property
    def largest(self) -> int:
        return 2**63 - 1

    def is_array(self, value: object) -> bool:
        return isinstance(value, self.namespace.Tensor)

    def ahead(self) -> tuple[type, ...]:
        return (self.namespace.Tensor,)

    def is_number(self, values: Array) -> bool:
        return values.dtype != self.namespace.bool and not values.is_complex()

    def is_masked(self, values: Array) -> bool:
        return isinstance(values, self.namespace.masked.MaskedTensor)

    def steps(self, t: Array) -> Array:
        given = self.namespace.as_tensor(t)
        if self.is_whole(given):
            return given.to(self.namespace.int64)
        # A float of 16 bits ends at step 2,048 or before.
        return given if given.dtype.itemsize > 2 else given.to(self.namespace.float32)

    def is_whole(self, values: Array) -> bool:
        return not values.dtype.is_floating_point

    def whole(self, values: Array) -> Array:
        return values.to(self.namespace.int64)

    def real(self, values: Array) -> Array:
        return values.to(self._float(values)) if self.is_whole(values) else values

    def _float(self, like: Array) -> object:
        if not self.is_whole(like):
            return like.dtype
        # MPS has no float64.
        return self.namespace.float32 if like.device.type == "mps" else self.namespace.float64

    def table(self, values: Sequence[float], like: Array) -> Array:
        whole = all(isinstance(value, int) for value in values)
        kind = self.namespace.int64 if whole else self._float(like)
        if self.namespace.compiler.is_compiling():
            return self.namespace.tensor(values, dtype=kind, device=like.device)
        key = (tuple(values), kind, like.device)
        if key not in self._tables:
            if len(self._tables) >= _KEPT:
                self._tables.clear()
            self._tables[key] = self.namespace.tensor(values, dtype=kind, device=like.device)
        return self._tables[key]

    def full(self, value: float, like: Array) -> Array:
        shape, kind = like.shape, self._float(like)
        return self.namespace.full(shape, value, dtype=kind, device=like.device)

    # torch's own take plain numbers nowhere, or make float32 of two of them.

    def where(self, condition: Array, yes: Array, no: Array) -> Array:
        if isinstance(yes, float) and isinstance(no, float):
            yes = self.full(yes, condition)
        return self.namespace.where(condition, yes, no)

    def minimum(self, left: Array, right: Array) -> Array:
        return self._either("minimum", left, right)

    def maximum(self, left: Array, right: Array) -> Array:
        return self._either("maximum", left, right)

    def _either(self, name: str, left: Array, right: Array) -> Array:
        if isinstance(left, int | float):
            left, right = right, left
        if isinstance(right, int | float):
            return left.clamp(max=right) if name == "minimum" else left.clamp(min=right)
        return getattr(self.namespace, name)(left, right)

    # A captured CUDA graph cannot copy a list from the host: short ones are compared with one by
    # one, and long ones stay where they were copied when the curve was first called.

    def take(self, values: Sequence[float], places: Array) -> Array:
        if len(values) > _SHORT:
            return super().take(values, places)
        chosen: Array = values[0]
        for place, value in enumerate(values[1:], 1):
            chosen = self.where(places >= place, value, chosen)
        return chosen if len(values) > 1 else self.full(values[0], places)

    def passed(self, points: Sequence[float], values: Array) -> Array:
        if 0 < len(points) <= _SHORT:
            counted: Array = 0
            for point in points:
                counted = counted + (values >= point).to(self.namespace.int64)
            return counted
        table = self.table(points, values)
        return self.namespace.searchsorted(table, values, right=True)
