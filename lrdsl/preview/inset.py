"""What follows an event that has not happened: a picture in the picture, in a dashed frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.afterwards import place_of
from lrdsl.preview.curve import ENDLESS_STEPS, Curve
from lrdsl.preview.labels import one_line
from lrdsl.preview.trace import Point, trace
from lrdsl.wording import number, plural

if TYPE_CHECKING:
    from lrdsl.check.tree import Event
    from lrdsl.schedule.schedule import Schedule

_POINTS = 400
# The frame, in shares of the plot: at the right, below the curve or above it.
_LEFT, _RIGHT = 0.62, 0.97
_FRAMES = ((0.08, 0.48), (0.5, 0.9))
# The room in the frame around the line, more of it above, for the label.
_AIR, _HEAD = 0.08, 0.3
# The rows of the line in a terminal, and its columns.
_ROWS, _COLUMNS = 5, 40
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True, slots=True)
class Inset:
    """What follows an event.

    Attributes:
        label: what it is.
        line: its corners, from 0 to 1 in both directions.
    """

    label: str
    line: list[Point]

    def frame(self, others: Sequence[Sequence[Point]]) -> tuple[float, float, float, float]:
        """Where its frame goes in a plot: left, low, right and high, in shares of the plot.

        Args:
            others: the lines of the plot, which it keeps clear of if it can.
        """
        heights = [y for line in others for x, y in line if x >= _LEFT] or [
            line[-1][1] for line in others if line
        ]
        low, high = min(_FRAMES, key=lambda frame: sum(frame[0] < y < frame[1] for y in heights))
        return _LEFT, low, _RIGHT, high

    def placed(self, frame: tuple[float, float, float, float]) -> list[Point]:
        """The line in a frame.

        Args:
            frame: the frame.
        """
        left, low, right, high = frame
        wide, tall = right - left, high - low
        return [
            (
                left + wide * (_AIR + (1 - 2 * _AIR) * x),
                low + tall * (_AIR + (1 - _AIR - _HEAD) * y),
            )
            for x, y in self.line
        ]

    def text(self, width: int) -> list[str]:
        """The picture in characters, for a terminal.

        Args:
            width: its columns at most.
        """
        columns = min(width - 2, _COLUMNS)
        dots = [[0] * columns for _ in range(_ROWS)]
        for x, y in _along(self.line, 4 * columns):
            down = round((1 - y) * (4 * _ROWS - 1))
            across = round(x * (2 * columns - 1))
            dots[down // 4][across // 2] |= _DOTS[down % 4][across % 2]
        rows = ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in dots]
        return [
            one_line(self.label, width),
            f"╭{'╌' * columns}╮",
            *(f"╎{row}╎" for row in rows),
            f"╰{'╌' * columns}╯",
        ]


def inset(curve: Curve) -> Inset | None:
    """What follows the first event that a curve waits for; None if nothing does.

    Args:
        curve: the curve.
    """
    schedule = curve.schedule
    if not schedule.events:
        return None
    event = schedule.events[0]
    first, _, room = place_of(schedule, curve.base, event)
    at = first + int(min(room / 4, 1_000))
    try:
        then = schedule.after({event.key: at})
        steps = _steps(then, curve.base, at)
        corners = trace(replace(curve, schedule=then), steps, _POINTS)
    except LrsError:
        return None
    low = min(0.0, *(y for _, y in corners))
    tall = max(y for _, y in corners) - low or 1.0
    wide = corners[-1][0] - at or 1.0
    line = [((x - at) / wide, (y - low) / tall) for x, y in corners]
    return Inset(f"{_when(event)}: {plural(len(steps) - 1, 'step')}", line)


def _when(event: Event) -> str:
    if event.kind == "signal":
        return f"after {event.key}"
    return f"once {event.kind}" + (f" {number(event.limit)}" if event.rules is None else "")


def _steps(schedule: Schedule, base: float, at: int) -> range:
    """The steps after an event that show all of what follows it."""
    part = schedule.parts_at(base)[-1]
    end = part.start_step + part.length
    if end == math.inf:
        end = max(part.start_step, at) + ENDLESS_STEPS
    return range(at, max(int(end), at + 1) + 1)


def _along(line: Sequence[Point], points: int) -> list[Point]:
    """Points close together on a line."""
    found: list[Point] = []
    for (x, y), (to_x, to_y) in pairwise(line):
        n = max(1, round(points * max(abs(to_x - x), abs(to_y - y))))
        found += [(x + (to_x - x) * k / n, y + (to_y - y) * k / n) for k in range(n)]
    return [*found, line[-1]]
