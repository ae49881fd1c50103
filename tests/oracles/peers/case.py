"""One schedule of another system, and the program that draws the same curve."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from random import Random
from typing import Any

# Steps stored for a curve, about: all of a short one, and of a long one the ends and a sample.
MOST = 28


class Made:
    """An object of the system that is handed to its schedule, as one of a list of parts is.

    Args:
        call: the function that makes it.
        arguments: its arguments, by name.
    """

    def __init__(self, call: str, **arguments: Any) -> None:
        self.call = call
        self.arguments = arguments


@dataclass(frozen=True)
class Case:
    """A schedule of another system, and the program that draws the same curve.

    Attributes:
        text: the program.
        call: the function or class of the system, with its module.
        arguments: what it is called with, by name.
        steps: where the two are compared.
        base: the rate that the optimizer is made with.
        run: the keyword arguments of ``resolve``.
        restarts: the value at steps where the curve jumps back up. Where the system returns another
            one, because it finds the cycle by rounded arithmetic, the true one is tested instead.
    """

    text: str
    call: str
    arguments: dict[str, Any]
    steps: list[int]
    base: float = 1.0
    run: dict[str, Any] = field(default_factory=dict)
    restarts: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """A system: its schedules, and how they are asked.

    Attributes:
        name: the name of its distribution, which has a version.
        form: how its schedules are called, in words: ``{}`` stands for the function.
        cases: makes the cases, from a generator of random numbers.
        rates: asks the installed package for the values of a case.
    """

    name: str
    form: str
    cases: Callable[[Draw], Iterator[Case]]
    rates: Callable[[Case], list[float]]


class Draw(Random):
    """Random arguments that read well: rates of three digits, factors of two."""

    def rate(self, low: float = 1e-3, high: float = 1.0) -> float:
        """A rate, as likely small as large."""
        return float(f"{math.exp(self.uniform(math.log(low), math.log(high))):.3g}")

    def factor(self, low: float = 0.05, high: float = 0.95) -> float:
        """A number between two others, with two decimals."""
        return round(self.uniform(low, high), 2)

    def ascending(self, count: int, last: int) -> list[int]:
        """Some different steps in order, from 1 to below ``last``."""
        return sorted(self.sample(range(1, last), count))


def steps(last: int, *marks: int) -> list[int]:
    """Steps to compare: the start, every mark and its neighbors, and a sample up to the last.

    Args:
        last: the last of them.
        marks: where something happens: boundaries, milestones, ends.
    """
    near = {m + d for m in (0, *marks) for d in (-1, 0, 1)}
    # A sample with a stride that is no divisor of much, so that it meets all parts of a cycle.
    stride = max(1, last // MOST)
    return sorted(t for t in near | {*range(0, last, stride), last} if 0 <= t <= last)


def number(value: float) -> str:
    """A number as the language spells it."""
    return repr(value)


def items(values: Iterable[float]) -> str:
    """A list as the language spells it."""
    return f"[{', '.join(map(number, values))}]"


def build(value: Any, *first: Any) -> Any:
    """Whatever an argument stands for: objects of the system are made, all else is itself.

    Args:
        value: an argument, or a list of them.
        first: what every object is made with before its own arguments, such as an optimizer.
    """
    if isinstance(value, Made):
        arguments = {n: build(v, *first) for n, v in value.arguments.items()}
        return find(value.call)(*first, **arguments)
    if isinstance(value, list):
        return [build(item, *first) for item in value]
    return value


def find(call: str) -> Any:
    """The function or class of an installed package by its full name."""
    module, _, name = call.rpartition(".")
    return getattr(import_module(module), name)


def plain(value: Any) -> Any:
    """An argument as JSON holds it; an object of the system as the call that makes it."""
    if isinstance(value, Made):
        given = ", ".join(f"{name}={plain(v)!r}" for name, v in value.arguments.items())
        return f"{value.call}({given})"
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return value
