"""Schedules as functions in plain Python, which need nothing but its standard library."""

from __future__ import annotations

from lrdsl.check.targets import Target
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
        takes_base = base is None and not schedule.is_absolute
        functions.add(name_of(target), chain, about(target), takes_base=takes_base)
    return Module(
        docstring(order),
        imports(functions),
        constants(functions.constants),
        [*helpers(functions), *functions.texts],
    ).text


def name_of(target: Target) -> str:
    """The name of the function of a target: ``learning_rate_head`` for ``lr["head"]``."""
    if target.key == "lr":
        return identifier(f"learning_rate{target.label.removeprefix('lr')}")
    return identifier(target.label)


def about(target: Target) -> str:
    """The docstring of the function of a target."""
    noun = "learning rate" if target.key == "lr" else target.key
    groups = "" if target.selector is None else f" of {target.label}"
    return f"Return the {noun}{groups} at update ``step``, counted from 0."


def helpers(functions: Functions) -> list[str]:
    """The functions that others use, and no schedule decides."""
    return [INTERPOLATE] if "interpolate" in functions.syntax.used else []


def imports(functions: Functions, *types: str) -> list[str]:
    """The lines that import what functions use.

    Args:
        functions: the functions.
        types: what else is needed of `collections.abc`.
    """
    used = functions.syntax.used
    lines = ["import math"] if "math" in used else []
    if used & {"bisect_right", "interpolate"}:
        lines.append("from bisect import bisect_right")
    types = (*types, "Sequence") if "interpolate" in used else types
    if types:
        lines.append(f"from collections.abc import {', '.join(types)}")
    return lines
