"""Schedules as functions in plain Python, which need nothing but its standard library."""

from __future__ import annotations

from lrdsl.exporting.functions import INTERPOLATE, Functions, identifier
from lrdsl.exporting.lowering import lowered
from lrdsl.exporting.module import Module, constants, docstring
from lrdsl.exporting.order import Order


def written(order: Order) -> str:
    """The module.

    Args:
        order: what is asked.

    Raises:
        LrsError: a schedule has no closed form.
    """
    functions = Functions()
    for driven in order.resolved.driven:
        target, schedule = driven.target, driven.schedule
        base = order.bases.get(target.key)
        chain = lowered(schedule, base)
        is_rate = target.key == "lr"
        name = target.label.replace("lr", "learning_rate", 1) if is_rate else target.label
        about = f"the {'learning rate' if is_rate else target.key}"
        if target.selector is not None:
            about += f" of {target.label}"
        about = f"Return {about} of update ``step``, counted from 0."
        takes_base = base is None and not schedule.is_absolute
        functions.add(identifier(name), chain, about, takes_base=takes_base)
    return Module(
        docstring(order),
        imports(functions),
        constants(functions.constants),
        [*([INTERPOLATE] if "interpolate" in functions.syntax.used else []), *functions.texts],
    ).text


def imports(functions: Functions) -> list[str]:
    """The lines that import what functions use."""
    used = functions.syntax.used
    lines = ["import math"] if "math" in used else []
    if used & {"bisect_right", "interpolate"}:
        lines.append("from bisect import bisect_right")
    if "interpolate" in used:
        lines.append("from collections.abc import Sequence")
    return lines
