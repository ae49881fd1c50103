"""The operations that a schedule needs from any array library."""

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
    """Base class of adapters: the operations of an array library that schedules use.

    Besides these methods, arrays must support ``+ - * / // %`` and comparisons, with each other and
    with Python numbers. Schedules never write into an array, so a library can trace them.

    Attributes:
        packages: the top-level packages that define the library and its arrays.
        power_name: the name of its power function.
        namespace: the module with its elementwise functions: ``cos``, ``exp``, ``floor``.
    """

    packages: ClassVar[tuple[str, ...]]
    power_name: ClassVar[str] = "power"
    namespace: ModuleType

    @property
    @abstractmethod
    def largest(self) -> int:
        """The largest step that the arrays of ``steps`` can represent."""

    def is_array(self, value: object) -> bool:
        """Returns True if what is defined in the library is one of its arrays."""
        return not isinstance(value, ModuleType | type)

    def ahead(self) -> tuple[type, ...]:
        """Returns the types of arrays for which a curve is bound before one of them is seen.

        There are some if the library has a compiler that traces calls and could not follow that.
        """
        return ()

    def is_number(self, values: Array) -> bool:
        """Returns True if an array has integers or floats, which can be steps or positions."""
        return True

    def is_masked(self, values: Array) -> bool:
        """Returns True if an array is one whose values may be hidden by a mask."""
        return False

    @abstractmethod
    def steps(self, t: Array) -> Array:
        """Converts steps to the widest integer type; returns an array of floats unchanged.

        Raises:
            TypeError: these are floats, and the library has no use for their derivatives.
            ValueError: a step is out of range, if that can be seen.
        """

    def positions(self, t: Array) -> Array:
        """Converts positions between steps to floats.

        Raises:
            ValueError: a position is out of range, if that can be seen.
        """
        return self.real(t)

    @abstractmethod
    def is_whole(self, values: Array) -> bool:
        """Returns True if an array has an integer type."""

    @abstractmethod
    def whole(self, values: Array) -> Array:
        """Converts an array of floats without fractions to integers."""

    @abstractmethod
    def real(self, values: Array) -> Array:
        """Converts an array to the float type in which formulas are evaluated."""

    @abstractmethod
    def table(self, values: Sequence[float], like: Array) -> Array:
        """Returns an array of numbers on the device of ``like``; of integers if they are ints."""

    @abstractmethod
    def full(self, value: float, like: Array) -> Array:
        """Returns an array of floats in the shape of another, filled with one value."""

    def quiet(self, curve: Vector) -> Vector:
        """Wraps a function so that the library does not warn about undefined values.

        Both sides of a choice are computed, and the one that is not taken may be undefined.
        """
        return curve

    def where(self, condition: Array, yes: Array, no: Array) -> Array:
        """Chooses between two values, element by element; each may be a plain number."""
        return self.namespace.where(condition, yes, no)

    def minimum(self, left: Array, right: Array) -> Array:
        """Returns the smaller of two values; one of them may be a plain number."""
        return self.namespace.minimum(left, right)

    def maximum(self, left: Array, right: Array) -> Array:
        """Returns the larger of two values; one of them may be a plain number."""
        return self.namespace.maximum(left, right)

    def power(self, left: Array, right: Array) -> Array:
        """Returns a power; the base or the exponent may be a plain number."""
        if type(left) is float and left > 0 and right.dtype.itemsize < 8:
            # As a float32 the base would be off by what the exponent multiplies: 0.9999 ^ 20000.
            return self.function("exp")(right * math.log(left))
        return getattr(self.namespace, self.power_name)(left, right)

    def take(self, values: Sequence[float], places: Array) -> Array:
        """Returns the items of a list at an array of indices."""
        return self.table(values, places)[places]

    def passed(self, points: Sequence[float], values: Array) -> Array:
        """Counts the ascending points at or before each value, as integers."""
        table = self.table(points, values)
        return self.namespace.searchsorted(table, values, side="right")

    def function(self, name: str) -> Vector:
        """Returns the elementwise function with this name in ``math``, or ``abs``."""
        found: Vector = getattr(self.namespace, name)
        return found
