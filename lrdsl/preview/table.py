"""The parts of a schedule as a table of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.preview.labels import one_line
from lrdsl.wording import count, number

if TYPE_CHECKING:
    from lrdsl.preview.units import Unit
    from lrdsl.schedule.parts import Part

_GAP = "  "
_ENDLESS = "endless"
_NO_END = "–"
_WIDTH, _LEAST_NAME = 80, 12


def table(
    label: str | None,
    parts: Sequence[Part],
    base: float | None = None,
    unit: Unit | None = None,
) -> str:
    """Writes one row for each part of a schedule.

    Args:
        label: A heading, or None for a table that needs none.
        parts: The parts, in order, as `parts_at` gives them.
        base: The base rate to name in the heading, or None if it plays no part.
        unit: The unit for lengths that the file left to be filled. They stand in brackets, next to
            the lengths that the file does give. An assumed one takes the place of steps.

    Returns:
        Lines joined by newlines, without one at the end, within 80 columns unless counts are
        astronomical. The last says which rate is held forever after the end.
    """
    heading = [one_line(label)] if label else []
    if base is not None:
        heading.append(f"base {number(base)}")
    lines = _aligned(rows(parts, unit))
    if heading:
        lines.insert(0, ", ".join(heading))
    if parts and parts[-1].length != math.inf:
        last = parts[-1]
        end = last.start_value if last.end_value is None else last.end_value
        step = last.start_step + int(last.length)
        where = unit.label(step) if unit is not None and unit.is_assumed else f"step {count(step)}"
        lines.append(f"{number(end)} is held forever from {where} on")
    return "\n".join(lines)


def rows(parts: Sequence[Part], unit: Unit | None = None) -> list[list[str]]:
    """The cells of the table of some parts, a heading first.

    Args:
        parts: The parts, in order.
        unit: The unit for lengths that the file left to be filled.
    """
    if unit is not None and unit.is_assumed:
        return _in_unit(parts, unit)
    return _in_steps(parts, unit)


def _in_steps(parts: Sequence[Part], unit: Unit | None) -> list[list[str]]:
    """The rows, with lengths as they were written beside those in steps."""
    own = any(part.written_length for part in parts)
    found = [["part", "step", "length", *(["as written"] if own else []), "from", "to"]]
    for part in parts:
        length = _ENDLESS if part.length == math.inf else count(int(part.length))
        written = [part.written_length or _even(part.length, unit)] if own else []
        found.append([part.name, count(part.start_step), length, *written, *_values(part)])
    return found


def _in_unit(parts: Sequence[Part], unit: Unit) -> list[list[str]]:
    """The rows, where steps mean nothing."""
    found = [["part", "start", "length", "from", "to"]]
    for part in parts:
        length = _ENDLESS if part.length == math.inf else unit.label(int(part.length))
        found.append([part.name, unit.label(part.start_step), length, *_values(part)])
    return found


def _values(part: Part) -> tuple[str, str]:
    end = _NO_END if part.end_value is None else number(part.end_value)
    return number(part.start_value), end


def _even(length: float, unit: Unit | None) -> str:
    """A length in a unit, where it comes out even; a rounded one would not be the length."""
    if unit is None or length == math.inf or length % unit.steps:
        return ""
    return f"({unit.label(int(length))})"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Pads cells into columns: names to the left, and cut if need be, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    room = _WIDTH - sum(len(_GAP) + width for width in widths[1:])
    widths[0] = min(widths[0], max(room, _LEAST_NAME))
    lines = []
    for row in rows:
        first, *rest = (
            cell.rjust(width) if k else one_line(cell, width).ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append(_GAP.join((first, *rest)).rstrip())
    return lines
