"""Diagnostics as the protocol has them, with their fixes as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path

from lrdsl import Diagnostic, files
from lrdsl.analysis.analysis import Analysis
from lrdsl.lsp.documents import Document
from lrdsl.lsp.edits import fixes
from lrdsl.lsp.settings import SECTION
from lrdsl.wording import listed

_SOURCE = "lrdsl"
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
}
# The settings that say what an analysis needs to know, and what the text can say instead.
_NEEDED = {
    "--total": ("total", "total = 90ep"),
    "--steps-per-epoch": ("stepsPerEpoch", "1ep = 1251st"),
    "--per-step": ("perStep", "1st = 4M{unit}"),
}


def published(document: Document) -> list[types.Diagnostic]:
    """Everything that is to be said of a document.

    Args:
        document: the document.
    """
    reading = document.reading
    found = [as_published(document, one) for one in reading.diagnostics]
    first = types.Range(types.Position(0, 0), types.Position(0, 0))
    if document.problem:
        error = types.DiagnosticSeverity.Error
        found.append(types.Diagnostic(first, document.problem, error, source=_SOURCE))
    information = types.DiagnosticSeverity.Information
    for note in reading.notes:
        found.append(types.Diagnostic(first, note, information, source=_SOURCE))
    if not document.is_library:
        for one in reading.schedules:
            if not one.diagnostics and one.needs:
                place = _start(document, one)
                found.append(
                    types.Diagnostic(place, needed(one.needs), information, source=_SOURCE)
                )
    return found


def needed(needs: Sequence[str]) -> str:
    """Says what has to be known of a run.

    Args:
        needs: the options of the command line that would say it.
    """
    settings: list[str] = []
    stated: list[str] = []
    for need in needs:  # such as `--total`, or `--per-step tok=…`
        option, _, unit = need.partition(" ")
        setting, said = _NEEDED[option]
        settings.append(f"`{SECTION}.{setting}`")
        stated.append(said.format(unit=unit.partition("=")[0]))
    run, named = f"run {', '.join(stated)}", listed(dict.fromkeys(settings))
    return (
        "The steps of this schedule depend on its run."
        f"\nhelp: write what the run is like, as in `{run}`, or set {named}"
    )


def _start(document: Document, analysis: Analysis) -> types.Range:
    """The first piece of a schedule that is no comment."""
    for token in analysis.tokens:
        if token.kind not in {"comment", "documentation"}:
            return document.positions.range(token.start, token.end)
    return document.positions.range(0, 0)


def as_published(document: Document, found: Diagnostic) -> types.Diagnostic:
    """A diagnostic; one about another file stands at the start and names its place.

    Args:
        document: the document in which it was found.
        found: the diagnostic.
    """
    place = document.place(found)
    message = found.message if place is not None else f"{found.place}: {found.message}"
    if found.help:
        message += f"\nhelp: {found.help}"
    page = _page(found.code)
    return types.Diagnostic(
        document.positions.range(*(place or (0, 0))),
        message,
        _SEVERITIES[found.severity],
        code=found.code,
        code_description=types.CodeDescription(page) if page is not None else None,
        source=_SOURCE,
        data=[*_fixes(document, found)],
    )


@cache
def _page(code: str) -> str | None:
    """The address of the page on a code, in the installed package."""
    folder = Path(files.__file__).parent / "diagnostics" / "pages"
    return next((from_fs_path(str(path)) for path in folder.glob(f"{code}-*.md")), None)


def _fixes(document: Document, found: Diagnostic) -> Iterator[dict[str, object]]:
    """The fixes of a diagnostic as plain data."""
    for fix in fixes(document, found):
        yield {
            "title": fix.title,
            "safe": fix.safe,
            "edits": [
                {"range": document.positions.range(one.start, one.end), "newText": one.text}
                for one in fix.replacements
            ],
        }
