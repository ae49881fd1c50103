"""The line of a curve: which steps are evaluated, and where the line is upright."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lrdsl.preview.curve import Curve, boundaries

_STEEP = 3.0
_VISIBLE = 1e-6
_SAME = 1e-9

Point = tuple[float, float]


def chosen_steps(curve: Curve, steps: range, points: int) -> list[int]:
    """Chooses at most `points` of some steps, ascending.

    Args:
        curve: The curve to be sampled.
        steps: The steps shown.
        points: The most steps to choose, at least 2.

    Returns:
        All steps if they are few enough. Otherwise evenly spread ones and both sides of every
        boundary, so that a jump stays one step wide.
    """
    if len(steps) <= points:
        return list(steps)
    first, last = steps[0], steps[-1]
    reductions = {step for step, _ in curve.history if first < step <= last}
    edges = sorted({*boundaries([curve], steps), *reductions})
    room = max(0, points - 2) // 2
    if len(edges) > room:
        edges = [edges[k * len(edges) // room] for k in range(room)]
    chosen = {first, last}
    chosen.update(side for edge in edges for side in (edge - 1, edge))
    spread = points - len(chosen)
    # Whole-number arithmetic: a float cannot tell neighboring steps apart in a very long run.
    chosen.update(first + (k + 1) * (last - first) // (spread + 1) for k in range(spread))
    return sorted(chosen)


def sample(curve: Curve, steps: range, points: int) -> tuple[list[int], list[float]]:
    """Evaluates a curve at no more than `points` of some steps.

    Args:
        curve: The curve to be sampled.
        steps: The steps shown; their number costs nothing.
        points: The most steps to evaluate, at least 2.

    Returns:
        The steps, ascending, and the rate of each.
    """
    chosen = chosen_steps(curve, steps, points)
    return chosen, [curve(step) for step in chosen]


def trace(curve: Curve, steps: range, points: int) -> list[Point]:
    """Gives the line to draw: the sampled rates, with every jump upright.

    The rate of a step holds until the next update, so before a jump the line runs on level to the
    step that jumps. One step alone is drawn as the level it is.

    Args:
        curve: The curve to be drawn.
        steps: The steps shown.
        points: The most steps to evaluate, at least 2; a jump between them costs a few more.

    Returns:
        The corners of the line, x in steps. Rates that are not finite are left out, as no chart has
        a place for them.
    """
    chosen, values = sample(curve, steps, points)
    if len(steps) == 1:
        return [(float(steps[0] + k), values[0]) for k in range(2)]
    if len(chosen) < len(steps):
        chosen, values = _with_hidden_jumps(curve, chosen, values)
    jumps = _jumps(curve, chosen, values)
    line: list[Point] = []
    for step, value in zip(chosen, values, strict=True):
        if not math.isfinite(value):
            continue
        if line and step in jumps:
            line.append((float(step), line[-1][1]))
        line.append((float(step), value))
    return line


def _steep(steps: Sequence[int], values: Sequence[float]) -> Iterator[int]:
    """The places k where the line from k - 1 to k is far steeper than on both of its sides."""
    span = max(values) - min(values)
    slopes = [
        abs(y - x) / (b - a)
        for (a, b), (x, y) in zip(pairwise(steps), pairwise(values), strict=True)
    ]
    for k in range(2, len(steps)):
        after = slopes[k] if k < len(slopes) else 0.0
        rise = abs(values[k] - values[k - 1])
        if slopes[k - 1] > _STEEP * max(slopes[k - 2], after) and rise > _VISIBLE * span:
            yield k


def _with_hidden_jumps(
    curve: Curve, steps: Sequence[int], values: Sequence[float]
) -> tuple[list[int], list[float]]:
    """Adds both sides of what looks like a jump between two chosen steps."""
    found = dict(zip(steps, values, strict=True))
    for k in _steep(steps, values):
        before, after = steps[k - 1], steps[k]
        while after - before > 1:
            middle = (before + after) // 2
            found[middle] = curve(middle)
            rises = [abs(found[middle] - found[side]) for side in (before, after)]
            before, after = (before, middle) if rises[0] > rises[1] else (middle, after)
    return sorted(found), [found[step] for step in sorted(found)]


def _jumps(curve: Curve, steps: Sequence[int], values: Sequence[float]) -> set[int]:
    """The steps to which the curve jumps.

    Where a part starts, its start and the end of the part before decide. Within a part, which may
    be a whole staircase, a change far steeper than both of its neighbors is a jump.
    """
    span = max(values) - min(values)
    joints = dict.fromkeys((step for step, _ in curve.history), True)
    for left, right in pairwise(curve.parts):
        if left.end_value is not None:
            joints[right.start_step] = abs(right.start_value - left.end_value) > _SAME * span
    found = {step for step, jumps in joints.items() if jumps}
    neighbors = (k for k in _steep(steps, values) if steps[k] - steps[k - 1] == 1)
    return found | {steps[k] for k in neighbors if steps[k] not in joints}


def simplified(line: Sequence[Point], tolerance: float) -> list[Point]:
    """Leaves out the corners that nobody would miss.

    Args:
        line: The corners of a line.
        tolerance: How far the line may move.

    Returns:
        Some of the corners. Each of the others is no further than `tolerance` from the line that is
        left, and what was upright is.
    """
    kept: set[int] = set()
    starts = [0, *(k for k in range(1, len(line)) if line[k][0] == line[k - 1][0]), len(line)]
    for first, end in pairwise(starts):
        kept |= _corners(line, first, end - 1, tolerance)
    return [line[k] for k in sorted(kept)]


def _corners(line: Sequence[Point], first: int, last: int, tolerance: float) -> set[int]:
    """The corners to keep of a stretch without upright lines, by Douglas and Peucker."""
    kept = {first, last} if last >= first else set()
    waiting = [(first, last)]
    while waiting:
        a, b = waiting.pop()
        far, most = a, tolerance
        for k in range(a + 1, b):
            gap = _distance(line[k], line[a], line[b])
            if gap > most:
                far, most = k, gap
        if far != a:
            kept.add(far)
            waiting += [(a, far), (far, b)]
    return kept


def _distance(point: Point, a: Point, b: Point) -> float:
    """The distance of a point from the straight line through two others."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    return abs(dy * (point[0] - a[0]) - dx * (point[1] - a[1])) / math.hypot(dx, dy)
