"""The curve of a document, for a panel beside it: the request ``lrdsl/curve``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrdsl import Part
from lrdsl.analysis.analysis import Analysis
from lrdsl.lsp.documents import Document

REQUEST = "lrdsl/curve"
CHANGED = "lrdsl/curveChanged"
"""Sent when a curve that was asked for may look different."""


LEAST = 200
"""The least width of a picture in pixels: the labels of an axis take as much."""


def curve(document: Document, width: int | None) -> dict[str, object]:
    """What a panel shows of a document, as plain data.

    Args:
        document: the document.
        width: the width of pictures in pixels; None for that of all pictures.
    """
    found = document.reading.diagnostics
    errors = sum(one.severity == "error" for one in found)
    return {
        "uri": document.uri,
        "version": document.version,
        "errors": errors,
        "warnings": len(found) - errors,
        "problem": document.problem,
        "notes": [*document.reading.notes],
        "schedules": [_schedule(document, one, width) for one in document.reading.schedules],
    }


def _schedule(document: Document, analysis: Analysis, width: int | None) -> dict[str, object]:
    picture = analysis.picture
    unit = picture.unit if picture is not None else None
    whole = analysis.source.outer(0, len(analysis.text))
    return {
        "range": document.positions.range(*whole),
        "text": analysis.text,
        "svg": analysis.svg(width),
        "unit": None if unit is None else {"name": unit.name, "isAssumed": unit.is_assumed},
        "needs": [*analysis.needs],
        "targets": [
            {"name": name, "parts": _parts(document, analysis, parts)}
            for name, parts in analysis.parts.items()
        ],
    }


def _parts(document: Document, analysis: Analysis, parts: Sequence[Part]) -> list[object]:
    """Parts as plain data; the length of one that has no end is None."""
    assert analysis.picture is not None  # which the parts are of
    label = analysis.picture.label
    found: list[object] = []
    for part in parts:
        place = analysis.location(part.span)
        length = None if part.length == math.inf else int(part.length)
        found.append({
            "name": part.name,
            "range": document.positions.range(place.start, place.end),
            "startStep": part.start_step,
            "startLabel": label(part.start_step),
            "length": length,
            "lengthLabel": None if length is None else label(length),
            "start": part.start,
            "end": part.end,
            "children": _parts(document, analysis, part.children),
        })  # fmt: skip
    return found
