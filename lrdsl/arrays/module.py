"""What a schedule needs of an array library, whichever that is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, ClassVar

# An array of any library, or a tracer of one. The libraries share no type that a checker could
# hold them to; arrays are passed around, combined by operators, and given to `ArrayModule`.
Array = Any
Vector = Callable[[Array], Array]


class ArrayModule(ABC):
    """An array library, as far as schedules use it.

    Besides the methods, arrays have ``+ - * / // %`` and comparisons, with each other and with
    Python numbers. Nothing is ever written into one, so that a library may trace what is done.

    Attributes:
        packages: the top-level packages that its arrays, and it, are defined in.
        power_name: what its function of powers is called.
        namespace: where its elementwise functions are: ``cos``, ``exp``, ``floor``.
    """

    packages: ClassVar[tuple[str, ...]]
    power_name: ClassVar[str] = "power"
    namespace: ModuleType

    @property
    @abstractmethod
    def largest(self) -> int:
        """The largest step that `steps` can hold."""

    @abstractmethod
    def steps(self, t: Array) -> Array:
        """Steps as whole numbers of the widest type; floats stay what they are."""

    @abstractmethod
    def is_whole(self, values: Array) -> bool:
        """True if an array has a type of whole numbers."""

    @abstractmethod
    def whole(self, values: Array) -> Array:
        """Whole numbers, from an array of floats that are."""

    @abstractmethod
    def real(self, values: Array) -> Array:
        """Floats, in which formulas are evaluated."""

    @abstractmethod
    def table(self, values: Sequence[float], like: Array) -> Array:
        """An array of numbers, of whole ones if they are ints, where ``like`` is."""

    @abstractmethod
    def full(self, value: float, like: Array) -> Array:
        """An array of floats in the shape of another, all of one value."""

    def quiet(self, curve: Vector) -> Vector:
        """A function that does not warn of what has no value, where the library does.

        Of two sides of a choice, the one that is not taken may have none.
        """
        return curve

    def where(self, condition: Array, yes: Array, no: Array) -> Array:
        """One or the other, element by element; each may be a plain number."""
        return self.namespace.where(condition, yes, no)

    def minimum(self, left: Array, right: Array) -> Array:
        """The smaller of two, of which one at most is a plain number."""
        return self.namespace.minimum(left, right)

    def maximum(self, left: Array, right: Array) -> Array:
        """The larger of two, of which one at most is a plain number."""
        return self.namespace.maximum(left, right)

    def power(self, left: Array, right: Array) -> Array:
        """A power, of which the base or the exponent may be a plain number."""
        if type(left) is float and left > 0 and right.dtype.itemsize < 8:
            # As a float32 the base would be off by what the exponent multiplies: 0.9999 ^ 20000.
            return self.function("exp")(right * math.log(left))
        return getattr(self.namespace, self.power_name)(left, right)

    def take(self, values: Sequence[float], places: Array) -> Array:
        """The items of a list at whole places."""
        return self.table(values, places)[places]

    def passed(self, points: Sequence[float], values: Array) -> Array:
        """How many of some ascending points are at or before each value, as whole numbers."""
        table = self.table(points, values)
        return self.namespace.searchsorted(table, values, side="right")

    def function(self, name: str) -> Vector:
        """The elementwise function that ``math`` knows under this name, or ``abs``."""
        found: Vector = getattr(self.namespace, name)
        return found
