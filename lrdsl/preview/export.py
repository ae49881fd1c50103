"""The curves as files: one function for each format."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lrdsl import files
from lrdsl.preview.curve import Curve, View
from lrdsl.preview.svg import svg
from lrdsl.preview.trace import chosen_steps
from lrdsl.schedule.rows import write_rows

if TYPE_CHECKING:
    from lrdsl.schedule.parts import Part

JSON_VERSION = 1
JSON_POINTS = 10_000

Writer = Callable[[BinaryIO, Sequence[Curve], View], None]


def write(path: Path | str, curves: Sequence[Curve], view: View) -> None:
    """Writes curves to a file, in the format that its suffix names.

    The file appears complete or not at all: whatever stood there before stays until then.

    Args:
        path: Where to write; the suffix is one of `FORMATS`, in any case.
        curves: One or more curves.
        view: What of them is shown.

    Raises:
        ValueError: If the suffix is unknown, there is nothing to write, or a rate is not finite
            where the format has no way to say so.
        OSError: If the file cannot be written.
    """
    writer = FORMATS.get(Path(path).suffix.lower())
    if writer is None:
        *others, last = FORMATS
        known = f"{', '.join(others)} or {last}"
        raise ValueError(f"cannot tell the format of {str(path)!r}: end it in {known}")
    if not curves:
        raise ValueError("a preview needs at least one curve")
    with files.replacing(path) as stream:
        writer(stream, curves, view)


def write_png(stream: BinaryIO, curves: Sequence[Curve], view: View) -> None:
    """Writes a picture of fixed size."""
    from lrdsl.preview.figure import save

    save(stream, curves, view)


def write_svg(stream: BinaryIO, curves: Sequence[Curve], view: View) -> None:
    """Writes a drawing whose bytes depend on the curves only."""
    stream.write(svg(curves, view).encode())


def write_csv(stream: BinaryIO, curves: Sequence[Curve], view: View) -> None:
    """Writes a row for every step; each rate reads back as exactly the same float."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    several = len(curves) > 1
    labels = [curve.label if several else curve.target_label for curve in curves]
    write_rows(text, labels, curves, view.steps)
    text.detach()


def write_json(stream: BinaryIO, curves: Sequence[Curve], view: View) -> None:
    """Writes parts and rates; of a long run a sample that holds both sides of every boundary."""
    document = {
        "version": JSON_VERSION,
        "curves": [_as_json(curve, view.steps) for curve in curves],
    }
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    stream.write(text.encode() + b"\n")


def _as_json(curve: Curve, shown: range) -> dict[str, Any]:
    """One curve as plain data."""
    steps = chosen_steps(curve, shown, JSON_POINTS)
    return {
        "label": curve.label,
        "target": curve.target_label,
        "base": curve.base,
        "parts": [_part_as_json(part) for part in curve.parts],
        "steps": steps,
        # Step by step as in CSV: a whole curve at once may differ in the last digit.
        "values": [curve(step) for step in steps],
    }


def _part_as_json(part: Part) -> dict[str, Any]:
    """One part as plain data; a length or an end that does not exist is null."""
    return {
        "name": part.name,
        "first": part.start_step,
        "length": None if part.length == math.inf else int(part.length),
        "start": part.start_value,
        "end": part.end_value,
        "source_length": part.written_length,
    }


FORMATS: dict[str, Writer] = {
    ".png": write_png,
    ".svg": write_svg,
    ".csv": write_csv,
    ".json": write_json,
}
"""Suffix to writer; a new format is one more line here."""
