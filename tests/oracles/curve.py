"""A curve that another system draws, and the program that has to draw the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import lrdsl
from tests.oracles.closeness import assert_close

# A curve that is longer is not filled with numpy as well.
_LONG = 400_000


@dataclass(frozen=True)
class Curve:
    """A curve that another system draws, and the program that has to draw the same.

    Attributes:
        name: the system and its schedule, unique.
        text: the program.
        steps: the steps that are compared, ascending.
        wanted: gives the system's values at those steps.
        base: the optimizer's own rate.
        run: the keyword arguments of ``resolve``.
        restarts: steps where the system is known to be wrong, and the true values there.
        held: whether the last of the steps is the end of the system's own domain: behind it
            nothing is compared, and lrdsl holds what it has there.
    """

    name: str
    text: str
    steps: list[int]
    wanted: Callable[[], list[float]]
    base: float = 1.0
    run: dict[str, Any] = field(default_factory=dict)
    restarts: dict[int, float] = field(default_factory=dict)
    held: bool = False


def assert_same(curve: Curve) -> None:
    """Asserts that a program draws the curve, step by step and as an array."""
    schedule = lrdsl.parse(curve.text).resolve(**curve.run)
    wanted = [
        curve.restarts.get(step, value)
        for step, value in zip(curve.steps, curve.wanted(), strict=True)
    ]
    assert max(wanted) > 0, "a curve of zeros says nothing"
    assert_close([schedule(t, base=curve.base) for t in curve.steps], wanted)
    last = curve.steps[-1]
    if last < _LONG:
        array = schedule.values(last + 20, base=curve.base)
        assert_close(array[curve.steps], wanted)
        if curve.held:
            end = schedule(last, base=curve.base)
            assert array[last:].tolist() == [end] * 20
            assert schedule(last + 10**9, base=curve.base) == end
