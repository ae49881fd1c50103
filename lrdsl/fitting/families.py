"""What may explain a stretch of a curve: the shapes of the library, with the eases they take.

All that is known of a shape comes from its definition: its parameters, their kinds and defaults,
and the formula that trains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from lrdsl.arrays import make
from lrdsl.arrays.numpy_arrays import NumpyArrays
from lrdsl.check import library
from lrdsl.check.signatures import signature
from lrdsl.check.tree import Shape
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.formula.kernel import Kernel
from lrdsl.program import parse
from lrdsl.record import entity
from lrdsl.text.nodes import Definition, Number, Operation, Parameter
from lrdsl.text.numbers import read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# The values at the ends of a shape, which join it to its neighbors, and its length.
START, END, VALUE, LENGTH = "start", "end", "value", "length"
_PARTS, _WHOLE, _EASES = "parts", "whole schedules", "eases"
# Those of many cycles, which are looked for as such, and staircases.
_ELSEWHERE = {"step", "cosine_waves", "cosine_restarts", "linear_cosine"}


@entity
class Family:
    """A shape of the library with the ease that it is given.

    Attributes:
        name: the shape.
        ease: the ease; empty if it is the default one, or if the shape takes none.
        kernel: its formula.
        parameters: its parameters of numbers and steps, in the order of its call.
        is_whole: True if it is a schedule of its own, which begins with the run.
        rank: its place in the library; plainer shapes come first.
    """

    name: str
    ease: str
    kernel: Kernel
    parameters: tuple[Parameter, ...]
    is_whole: bool
    rank: int

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def extras(self) -> tuple[Parameter, ...]:
        """The parameters beside its length and the values at its ends."""
        ends = (LENGTH, START, END, VALUE)
        return tuple(p for p in self.parameters if p.name not in ends)

    def values(self, t: Floats, given: Sequence[float]) -> Floats | float:
        """Its values at some local steps, which need not be whole; a number if all are the same.

        Args:
            t: the steps, ascending.
            given: the value of each variable of the kernel, in its order.
        """
        if not len(t):
            return t
        curve = self.kernel.vector(given, make(NumpyArrays), float(t[0]), float(t[-1]))
        return cast("Floats", curve(t))


def number_of(parameter: Parameter) -> float | None:
    """The number that a parameter is by default; None if its default is none."""
    match parameter.default:
        case Number(spelling=spelling):
            return read(spelling).nearest
        case Operation(op="-", operands=(Number(spelling=spelling),)):
            return -read(spelling).nearest
    return None


@lru_cache(maxsize=1)
def families() -> dict[tuple[str, str], Family]:
    """The shapes that may explain a stretch, plain ones first, by their names and eases."""
    found: dict[tuple[str, str], Family] = {}
    for section in (_PARTS, _WHOLE):
        for name in library.sections()[section]:
            definition = library.find(name)
            if definition is None or definition.keyword != "shape" or name in _ELSEWHERE:
                continue
            for family in _of(definition, section == _WHOLE, len(found)):
                found[family.name, family.ease] = family
    return found


def _of(definition: Definition, is_whole: bool, rank: int) -> Iterator[Family]:
    """A shape with each of its eases; none if it takes lists."""
    parameters = signature(definition)
    if any(parameter.kind.startswith("[") for parameter in parameters):
        return
    of_function = next((p for p in parameters if p.kind == "function"), None)
    numeric = tuple(p for p in parameters if p.kind in ("", "number", "steps"))
    eases = library.sections()[_EASES] if of_function is not None else [""]
    for ease in eases:
        needed = [
            f"{p.name} = {10 if p.kind == 'steps' else 0.5}" for p in numeric if not p.default
        ]
        if of_function is not None:
            needed.append(f"{of_function.name} = {ease}")
        try:
            drive, *_ = parse(f"{definition.name}({', '.join(needed)})").expanded({})
        except LrsError:
            continue
        shape = drive.tree
        assert isinstance(shape, Shape)
        default = None if of_function is None else of_function.default
        is_default = default is not None and getattr(default, "id", "") == ease
        own = "" if is_default else ease
        yield Family(definition.name, own, shape.kernel, numeric, is_whole, rank)
        rank += 1
