"""An analysis as plain data, for whatever draws it: a page, the panel of an editor."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from lrdsl.analysis.param_values import written
from lrdsl.formula.formula import UNDEFINED
from lrdsl.preview.curve import boundaries
from lrdsl.preview.rate_axis import spans_decades
from lrdsl.preview.trace import trace

if TYPE_CHECKING:
    from lrdsl.analysis.analysis import Analysis
    from lrdsl.analysis.picture import Picture
    from lrdsl.analysis.places import Change
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.preview.curve import Curve, View
    from lrdsl.schedule.parts import Part
    from lrdsl.text.source import Span

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""Plain data, as ``json.dumps`` takes it."""

POINTS = 1000
"""The most steps to evaluate of each curve."""

_MOST_POINTS = 10_000
# A tree that nobody reads to its end.
_DEEPEST, _MOST_PARTS = 20, 2000


def view(
    analysis: Analysis,
    *,
    first: int | None = None,
    last: int | None = None,
    points: int = POINTS,
) -> dict[str, Plain]:
    """Returns what an analysis says as plain data, which ``json.dumps`` takes.

    Offsets count the characters of the document, ``text``. No number is NaN or infinite: the
    ``length`` and the end of a part that goes on forever are None, and a curve leaves out the steps
    that have no value.

    Args:
        analysis: the analysis.
        first: the first step of the curves; by default that of the run.
        last: their last step; by default all of every curve is shown.
        points: the most steps to evaluate of each curve, from 2 to 10,000; jumps cost a few more.

    Examples:
        >>> import json, lrdsl
        >>> from lrdsl.analysis.view import view
        >>> found = view(lrdsl.analyze("warmup(5, end = 1) >> const"), points=3)
        >>> json.dumps(found["curves"][0]["points"])
        '[[0, 0.0], [2, 0.4], [5, 1.0]]'
        >>> [part["name"] for part in found["parts"]["lr"]]
        ['warmup', 'const']
    """
    picture = analysis.picture
    start, end = analysis.source.outer(0, len(analysis.text))
    found: dict[str, Plain] = {
        "name": analysis.address,
        "text": analysis.source.whole,
        "start": start,
        "end": end,
        "is_finished": analysis.is_finished,
        "diagnostics": [_diagnostic(analysis, one) for one in analysis.diagnostics],
        "needs": [*analysis.needs],
        "tokens": [[token.start, token.end, token.kind] for token in analysis.tokens],
        "params": _params(analysis),
        "unit": None, "steps": None, "curves": [], "parts": {}, "boundaries": [],
    }  # fmt: skip
    if picture is not None:
        found |= _drawn(analysis, picture, _window(picture, first, last), points)
    return found


def _window(picture: Picture, first: int | None, last: int | None) -> View:
    """The steps that are shown, of which there is one at least."""
    whole = picture.view().steps
    start = min(max(first or 0, 0), whole[-1])
    return picture.view(start, whole[-1] if last is None else max(min(last, 2**53), start))


def _drawn(analysis: Analysis, picture: Picture, shown: View, points: int) -> dict[str, Plain]:
    """The curves and their parts."""
    unit = picture.unit
    said: Plain = None
    if unit is not None:
        said = {"name": unit.name, "steps": float(unit.steps), "is_assumed": unit.is_assumed}
    count = min(max(points, 2), _MOST_POINTS)
    room = [_MOST_PARTS]
    return {
        "unit": said,
        "steps": [shown.steps[0], shown.steps[-1]],
        "curves": [_curve(curve, shown, count) for curve in picture.curves],
        "parts": {
            curve.label: _parts(analysis, curve.schedule.parts_at(curve.base), room)
            for curve in picture.curves
        },
        "boundaries": [*boundaries(picture.curves, shown.steps)],
    }


def _curve(curve: Curve, shown: View, points: int) -> Plain:
    line = trace(curve, shown.steps, points)
    return {
        "label": curve.label,
        "quantity": curve.quantity,
        "noun": curve.noun,
        "base": None if curve.schedule.is_absolute else curve.base,
        "log": spans_decades([[y for _, y in line]]),
        "waits_for": [event.key for event in curve.schedule.events],
        "points": [[int(x), y] for x, y in line],
    }


def _parts(
    analysis: Analysis, parts: Iterable[Part], room: list[int], depth: int = 0
) -> list[Plain]:
    """Parts with those inside them, as many as there is room for."""
    found: list[Plain] = []
    for part in parts:
        if not room[0] or depth > _DEEPEST:
            break
        room[0] -= 1
        texts: list[str | None] = [None, None]
        with suppress(*UNDEFINED):
            texts = [part.start, part.end]
        found.append({
            "name": part.name,
            "start_step": part.start_step,
            "length": int(part.length) if math.isfinite(part.length) else None,
            "written_length": part.written_length,
            "start": texts[0],
            "end": texts[1],
            "start_value": _finite(part.start_value),
            "end_value": _finite(part.end_value),
            "place": _place(analysis, (part.span, *(span for _, span in part.definitions))),
            "children": _parts(analysis, part.children, room, depth + 1),
        })  # fmt: skip
    return found


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _place(analysis: Analysis, spans: Sequence[Span]) -> Plain:
    """The first place that is in the document; None where none is."""
    # An unfinished text is read without what does not parse, everything else in its place.
    texts = (analysis.source.whole, analysis.module.source.whole)
    for span in spans:
        if not span.source.is_said and span.source.whole in texts:
            start, end = span.source.outer(span.start, min(span.end, len(span.source.text)))
            size = len(texts[0])
            return [min(start, size), min(end, size)]
    return None


def _diagnostic(analysis: Analysis, found: Diagnostic) -> Plain:
    location = analysis.location(found.span)
    return {
        **diagnostic(found),
        "start": location.start,
        "end": location.end,
        "fixes": [_change(change) for change in analysis.changes(found)],
    }


def diagnostic(found: Diagnostic) -> dict[str, Plain]:
    """Returns what a diagnostic says as plain data, without its offsets and fixes.

    Args:
        found: the diagnostic.
    """
    return {
        "code": found.code,
        "slug": found.slug,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "place": found.place,
        "line": None if found.span.source.is_said else found.line,
    }


def _change(change: Change) -> Plain:
    edits: list[Plain] = [
        {"start": one.start, "end": one.end, "text": one.text} for one in change.replacements
    ]
    return {"title": change.title, "safe": change.safe, "edits": edits}


def _params(analysis: Analysis) -> list[Plain]:
    """The ``param`` statements, and the value that each has in the run."""
    places = written(analysis.module)
    given = analysis.run.get("params") or {}
    found: list[Plain] = []
    for param in analysis.params:
        span = places.get(param.name)
        if span is None:
            continue
        found.append({
            "name": param.name,
            "default": param.default,
            "kind": param.kind,
            "documentation": param.documentation,
            "written": span.text,
            "value": str(given.get(param.name, span.text)),
            "place": _place(analysis, (span,)),
        })  # fmt: skip
    return found
