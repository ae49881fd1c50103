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


def curve(document: Document) -> dict[str, object]:
    """What a panel shows of a document, as plain data.

    Args:
        document: the document.
    """
    found = document.reading.diagnostics
    errors = sum(one.severity == "error" for one in found)
    return {
        "uri": document.uri,
        "version": document.version,
        "errors": errors,
        "warnings": len(found) - errors,
        "problem": document.reading.problem,
        "notes": [*document.reading.notes],
        "schedules": [_schedule(document, one) for one in document.reading.schedules],
    }


def _schedule(document: Document, analysis: Analysis) -> dict[str, object]:
    picture = analysis.picture
    unit = picture.unit if picture is not None else None
    whole = analysis.source.outer(0, len(analysis.text))
    return {
        "range": document.positions.range(*whole),
        "text": analysis.text,
        "svg": analysis.svg(),
        "unit": None if unit is None else {"name": unit.name, "isAssumed": unit.is_assumed},
        "needs": [*analysis.needs],
        "targets": [
            {"name": name, "parts": _parts(document, analysis, parts)}
            for name, parts in analysis.parts.items()
        ],
    }


def _parts(document: Document, analysis: Analysis, parts: Sequence[Part]) -> list[object]:
    """Parts as plain data; what has no end has None for its length."""
    found: list[object] = []
    for part in parts:
        place = analysis.location(part.span)
        found.append({
            "name": part.name,
            "range": document.positions.range(place.start, place.end),
            "startStep": part.start_step,
            "length": None if part.length == math.inf else int(part.length),
            "writtenLength": part.written_length,
            "start": part.start,
            "end": part.end,
            "children": _parts(document, analysis, part.children),
        })  # fmt: skip
    return found
