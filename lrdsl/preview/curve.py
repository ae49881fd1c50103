"""A schedule to be shown: how much of it, at which steps, and where its line breaks."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.check.targets import RATE
from lrdsl.record import replace

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.schedule.parts import Part
    from lrdsl.schedule.schedule import Schedule

ENDLESS_STEPS = 100
"""Steps shown of a schedule that has no end and no part that ends."""

_STEEP = 3.0
_VISIBLE = 1e-6
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a preview.

    Attributes:
        label: What the legend and the files call it.
        schedule: The schedule that is evaluated.
        base: The optimizer's own rate that the schedule starts from.
        history: What a metric has made of it: the steps from which on every `plateau` had come down
            to the factors beside them.
        known: How many steps that covers.
        target: What it drives; None for the learning rate of all groups.
    """

    label: str
    schedule: Schedule
    base: float = 1.0
    history: tuple[tuple[int, tuple[float, ...]], ...] = ()
    known: int = 0
    target: Target | None = None

    @property
    def quantity(self) -> str:
        """What it is a curve of: `lr`, `momentum`. Only curves of one quantity share an axis."""
        return self.target.key if self.target else RATE

    @property
    def target_label(self) -> str:
        """What it drives, as a program spells it."""
        return self.target.label if self.target else RATE

    @property
    def noun(self) -> str:
        """What a value of it is called."""
        return self.target.noun if self.target else "rate"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in order, with their values for this base."""
        parts = self.schedule.parts_at(self.base)
        if not self.history:
            return parts
        return tuple(self._driven(i, part) for i, part in enumerate(parts))

    def _driven(self, i: int, part: Part) -> Part:
        """A part with the values it starts and ends with after what the metric did by then."""
        first = self.schedule.parts_at(self.base, self._factors(part.start_step))[i]
        if part.length == math.inf:
            return first
        last = self._factors(part.start_step + int(part.length))
        return replace(first, end_value=self.schedule.parts_at(self.base, last)[i].end_value)

    def _factors(self, step: int) -> tuple[float, ...] | None:
        """What every `plateau` has come down to at a step."""
        place = bisect_right(self.history, step, key=lambda entry: entry[0])
        return self.history[place - 1][1] if place else None

    def __call__(self, step: int) -> float:
        """The rate of one step."""
        return float(self.schedule(step, base=self.base, factors=self._factors(step)))


def quantities(curves: Iterable[Curve]) -> dict[str, list[Curve]]:
    """Sorts curves by what they are curves of.

    Args:
        curves: The curves of one preview.

    Returns:
        The curves of each quantity, in the order in which they come.
    """
    by_quantity: dict[str, list[Curve]] = {}
    for curve in curves:
        by_quantity.setdefault(curve.quantity, []).append(curve)
    return by_quantity


def window(curves: Sequence[Curve], steps: int | None = None) -> int:
    """Says how many steps to show.

    Args:
        curves: The curves of one picture.
        steps: The caller's own wish, or None to choose.

    Returns:
        `steps` if given. Otherwise enough for every curve: a curve that ends is followed by the
        step that holds its last value; an endless last part gets a tenth of what comes before it,
        or several times that where it goes on changing.

    Raises:
        ValueError: If `steps` is below 1.
    """
    if steps is not None:
        if steps < 1:
            raise ValueError(f"a preview needs at least 1 step, not {steps}")
        return steps
    return max((_natural(curve) for curve in curves), default=0) or ENDLESS_STEPS


def _natural(curve: Curve) -> int:
    """Steps that show all of one curve, or 0 where its parts say nothing."""
    last = curve.parts[-1:]
    if not last:
        return 0
    if last[0].length != math.inf:
        return last[0].start_step + int(last[0].length) + 1
    if curve.known:
        return curve.known
    before = last[0].start_step
    if _moves(curve, before):
        return before + max(ENDLESS_STEPS, 4 * before)
    return before + math.ceil(before / 10)


def _moves(curve: Curve, first: int) -> bool:
    """Whether an endless part changes, judged by probes that share no common period."""
    span = max(ENDLESS_STEPS, first)
    start = curve(first)
    return any(curve(first + k) != start for k in (1, 2, 3, span // 3, span // 2 + 1, span))


def boundaries(curves: Iterable[Curve], n: int) -> list[int]:
    """Lists the steps inside 1 … n-1 where a part of any of the curves starts or ends.

    Args:
        curves: The curves of one picture.
        n: Number of steps shown.

    Returns:
        The steps, ascending, each once.
    """
    boundaries: set[int] = set()
    for curve in curves:
        for part in curve.parts:
            boundaries.add(part.start_step)
            if part.length != math.inf:
                boundaries.add(part.start_step + int(part.length))
    return sorted(step for step in boundaries if 0 < step < n)


def shared_parts(curves: Sequence[Curve], n: int) -> list[tuple[str, int, int]]:
    """Lists the parts that can be named once for the whole picture.

    Args:
        curves: The curves of one picture.
        n: Number of steps shown.

    Returns:
        Name, first step and end of every part that starts before step n; empty where the curves
        are made of different parts, as a name would then be true of some of them only.
    """

    def shown(curve: Curve) -> list[tuple[str, int, int]]:
        return [
            (part.name, part.start_step, int(min(part.start_step + part.length, n)))
            for part in curve.parts
            if part.start_step < n
        ]

    each = [shown(curve) for curve in curves]
    return each[0] if each and all(parts == each[0] for parts in each) else []


def chosen_steps(curve: Curve, n: int, points: int) -> list[int]:
    """Chooses at most `points` of the steps 0 … n-1, ascending.

    Args:
        curve: The curve to be sampled.
        n: Number of steps shown.
        points: The most steps to choose, at least 2.

    Returns:
        All steps if they are few enough. Otherwise evenly spread ones and both sides of every
        boundary, so that a jump stays one step wide.
    """
    if n <= points:
        return list(range(n))
    reductions = {step for step, _ in curve.history if step < n}
    edges = sorted({*boundaries([curve], n), *reductions})
    room = max(0, points - 2) // 2
    if len(edges) > room:
        edges = [edges[k * len(edges) // room] for k in range(room)]
    chosen = {0, n - 1}
    chosen.update(side for edge in edges for side in (edge - 1, edge))
    spread = points - len(chosen)
    # Whole-number arithmetic: a float cannot tell neighbouring steps apart in a very long run.
    chosen.update((k + 1) * (n - 1) // (spread + 1) for k in range(spread))
    return sorted(chosen)


def sample(curve: Curve, n: int, points: int) -> tuple[list[int], list[float]]:
    """Evaluates a curve at no more than `points` of its first n steps.

    Args:
        curve: The curve to be sampled.
        n: Number of steps shown; its size costs nothing.
        points: The most steps to evaluate, at least 2.

    Returns:
        The steps, ascending, and the rate of each.
    """
    steps = chosen_steps(curve, n, points)
    if len(steps) == n and not curve.history:
        return steps, [float(value) for value in curve.schedule.values(n, base=curve.base)]
    return steps, [curve(step) for step in steps]


def trace(curve: Curve, n: int, points: int) -> tuple[list[float], list[float]]:
    """Gives the line to draw: the sampled rates, with every jump upright.

    The rate of a step holds until the next update, so before a jump the line runs on level to the
    step that jumps. One step alone is drawn as the level it is.

    Args:
        curve: The curve to be drawn.
        n: Number of steps shown.
        points: The most steps to evaluate, at least 2.

    Returns:
        The x and y coordinates of a line's corners; x is in steps. Rates that are not finite
        are left out, as no chart has a place for them.
    """
    steps, values = sample(curve, n, points)
    if n == 1:
        steps, values = [0, 1], values * 2
    # Between steps chosen further apart a jump is narrower than anything that can be drawn.
    jumps = _jump_test(curve, values) if 1 < n == len(steps) else None
    xs: list[float] = []
    ys: list[float] = []
    for step, value in zip(steps, values, strict=True):
        if not math.isfinite(value):
            continue
        if ys and jumps is not None and jumps(step):
            xs.append(float(step))
            ys.append(ys[-1])
        xs.append(float(step))
        ys.append(value)
    return xs, ys


def _jump_test(curve: Curve, values: Sequence[float]) -> Callable[[int], bool]:
    """Makes the test for a jump from the step before to this one.

    Where a part starts, its start and the end of the part before decide. Within a part, which may
    be a whole staircase, a change far steeper than both of its neighbors is a jump.
    """
    parts = curve.parts
    span = max(values) - min(values)
    joints = dict.fromkeys((step for step, _ in curve.history), True)
    for left, right in pairwise(parts):
        if left.end_value is not None:
            joints[right.start_step] = abs(right.start_value - left.end_value) > _SAME * span
    rises = [abs(b - a) for a, b in pairwise(values)]

    def jumps(step: int) -> bool:
        if step in joints:
            return joints[step]
        if step < 2:
            return False
        before, here = rises[step - 2], rises[step - 1]
        after = rises[step] if step < len(rises) else 0.0
        return here > _STEEP * max(before, after) and here > _VISIBLE * span

    return jumps
