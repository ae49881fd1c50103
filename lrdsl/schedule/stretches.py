"""Whole curves as numpy arrays: numpy's caller of the vector reading.

The array is this caller's own, so most shapes are written into it in place, in stretches that stay
in the processor's cache.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from lrdsl.arrays import make
from lrdsl.arrays.module import Array
from lrdsl.arrays.numpy_arrays import NumpyArrays
from lrdsl.schedule.block import Block, Env
from lrdsl.schedule.shape import ShapeBlock

_xp = make(NumpyArrays)
numpy = _xp.namespace

# Curves are computed in stretches of at most so many steps.
STRETCH = 1 << 14


class Stretches:
    """A block's curve for one base rate, and held forever after its end.

    Args:
        block: the block.
        env: the values of ``base`` and of words.
    """

    def __init__(self, block: Block, env: Env) -> None:
        self._block, self._env = block, env
        # What has been bound: for shapes, the function that writes them in place, if there is one.
        self._in_place: dict[ShapeBlock, Callable[[Array, Array], None] | None] = {}

    def values(self, n: int, first: int) -> Array:
        """The values of ``n`` steps from ``first`` on, as an array of floats.

        Raises:
            ArithmeticError, ValueError: where a number that the curve is made of has no value.
        """
        out, done = numpy.empty(n, dtype=numpy.float64), 0
        with numpy.errstate(all="ignore"):  # a curve may have no value somewhere
            while done < len(out):
                if first + done >= self._block.length:
                    # The scalar reading, so that the held value is the very one a step would use.
                    out[done:] = self._block.scalar(self._env)(int(self._block.length))
                    break
                sole, local, count = self._block.alone(first + done)
                stop = int(min(done + count, len(out)))
                self._fill(sole, out[done:stop], local)
                done = stop
        return out

    def _fill(self, block: Block, out: Array, first: int) -> None:
        in_place = None
        if isinstance(block, ShapeBlock):
            if block.kernel.is_constant or block.length == 1:
                out[:] = block.scalar(self._env)(first)
                return
            if block not in self._in_place:
                self._in_place[block] = block.stretch(self._env, numpy)
            in_place = self._in_place[block]
        count, steps, clock = len(out), _scratch.steps, _scratch.clock
        for start in range(0, count, STRETCH):
            part = out[start : start + STRETCH]
            size = len(part)
            local = numpy.add(steps[:size], first + start, clock[:size])
            if in_place is not None:
                in_place(local, part)
            else:
                begin, end = first + start, first + start + size - 1
                part[:] = block.vector(self._env, _xp, begin, end)(local)


_INFINITY = int(numpy.float64(math.inf).view(numpy.uint64))


def mend(values: Array, of: Callable[[int], float], lowest: float) -> None:
    """Puts what a step would use in the place of values that seem to be invalid.

    The readings may part by a unit in the last place, beside 0 too.

    Args:
        values: an array of floats.
        of: gives the value at a place by the scalar reading, or raises.
        lowest: the lowest valid value.
    """
    # Read as whole numbers, floats from 0 up are below infinity, and all others above: one pass.
    if not len(values) or values.view(numpy.uint64).max() < _INFINITY:
        return
    for place in numpy.flatnonzero(~((values >= lowest) & (values < math.inf))):
        values[place] = of(int(place))


class _Scratch(threading.local):
    """Memory that is asked for once in each thread."""

    def __init__(self) -> None:
        self.steps = numpy.arange(STRETCH, dtype=float)
        self.clock = numpy.empty(STRETCH)


_scratch = _Scratch()
