"""Schedules as functions of `jax.numpy`, which optax takes as they are."""

from __future__ import annotations

from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.exporting.array_functions import LARGEST, ArrayFunctions, numbers
from lrdsl.exporting.lowering import lowered
from lrdsl.exporting.module import Module, constants, docstring
from lrdsl.exporting.order import Order
from lrdsl.exporting.python import about, name_of

_IMPORTS = ["import jax.numpy as jnp", "from jax import Array", "from jax.typing import ArrayLike"]


def written(order: Order) -> str:
    """The module: a function of the count of updates for each target.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule has no closed form, or counts beyond 32 bits.
    """
    functions = ArrayFunctions("jnp", "Array")
    add_all(order, functions, "count")
    used = functions.syntax.used
    return Module(
        docstring(order),
        [*(["import math", ""] if "math" in used else []), *_IMPORTS],
        constants(functions.constants),
        functions.texts,
    ).text


def add_all(order: Order, functions: ArrayFunctions, clock: str) -> None:
    """Adds the function of every target.

    Args:
        order: what is asked.
        functions: takes them.
        clock: what docstrings call the step.

    Raises:
        LrsError: a schedule has no closed form, or counts beyond 32 bits.
    """
    for driven in order.resolved.driven:
        target, schedule = driven.target, driven.schedule
        base = order.bases.get(target.key)
        chain = lowered(schedule, base)
        if max(numbers(chain), default=0) > LARGEST:
            message = f"`{target.label}` counts beyond 2^31, where whole numbers of 32 bits end"
            help = "pass the length of the run, or export `--to python`"
            raise LrsError([Diagnostic("not-exportable", message, help, target.span)])
        takes_base = base is None and not schedule.is_absolute
        told = about(target).replace("``step``", f"``{clock}``")
        functions.add(name_of(target), chain, told, takes_base=takes_base)
