"""The array libraries that can evaluate schedules, and which of them an array belongs to.

A library is imported on first use, and never to look at an array of another library.
"""

from __future__ import annotations

import sys
from types import ModuleType

from lrdsl.arrays.jax_arrays import JaxArrays
from lrdsl.arrays.module import ArrayModule
from lrdsl.arrays.numpy_arrays import NumpyArrays
from lrdsl.arrays.torch_arrays import TorchArrays

ADAPTERS: tuple[type[ArrayModule], ...] = (NumpyArrays, JaxArrays, TorchArrays)

_registered: list[type[ArrayModule]] = []
_made: dict[type[ArrayModule], ArrayModule] = {}

__all__ = ["ADAPTERS", "ArrayModule", "find", "holding", "loaded", "make", "register"]


def register(adapter: type[ArrayModule]) -> None:
    """Adds an array library for ``Schedule.bind``.

    Args:
        adapter: a subclass of ``lrdsl.arrays.module.ArrayModule``. If two adapters claim a package,
            the one registered last is used.
    """
    _registered.insert(0, adapter)


def find(like: object) -> ArrayModule:
    """The library of an array.

    Args:
        like: an array, a tracer, or the module itself, as in ``find(jax.numpy)``.

    Raises:
        TypeError: no library is known for it.
    """
    packages = _packages(like)
    for adapter in (*_registered, *ADAPTERS):
        if not packages.isdisjoint(adapter.packages):
            return make(adapter)
    known = ", ".join(adapter.packages[0] for adapter in (*_registered, *ADAPTERS))
    raise TypeError(f"{type(like).__name__!r} is no array of a library known here: {known}")


def holding(value: object) -> ArrayModule | None:
    """The library that a value is an array of; None if it is no array.

    Args:
        value: anything, such as a step.
    """
    packages = _packages(value)
    for adapter in (*_registered, *ADAPTERS):
        if not packages.isdisjoint(adapter.packages):
            xp = make(adapter)
            return xp if xp.is_array(value) else None
    return None


def loaded() -> list[ArrayModule]:
    """The libraries that the process has imported."""
    adapters = (*_registered, *ADAPTERS)
    return [make(one) for one in adapters if not sys.modules.keys().isdisjoint(one.packages)]


def make(adapter: type[ArrayModule]) -> ArrayModule:
    """The only instance of an adapter; making it imports its library."""
    if adapter not in _made:
        _made[adapter] = adapter()
    return _made[adapter]


def _packages(like: object) -> set[str]:
    """The top-level packages in which a module, or the classes of an object, are defined."""
    if isinstance(like, ModuleType):
        return {like.__name__.partition(".")[0]}
    return {cls.__module__.partition(".")[0] for cls in type(like).__mro__}
