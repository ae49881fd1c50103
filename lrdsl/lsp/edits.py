"""Edits of a document: fixes, new names, and the standard layout."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from lrdsl import Diagnostic
from lrdsl.analysis.places import Change, Replacement
from lrdsl.lsp.documents import Document


def fixes(document: Document, found: Diagnostic) -> tuple[Change, ...]:
    """The fixes of a diagnostic that can be made in a document, the likeliest first.

    Args:
        document: the document.
        found: one of its diagnostics.
    """
    made = (one.changes(found) for one in document.reading.schedules)
    return next(filter(None, made), ())


def workspace_edit(
    document: Document, found: Sequence[Replacement], *, versioned: bool
) -> types.WorkspaceEdit:
    """Replacements as an edit that a client makes.

    Args:
        document: the document.
        found: the replacements.
        versioned: True if the client can tell that an edit is of another version.
    """
    edits = [
        types.TextEdit(document.positions.range(one.start, one.end), one.text) for one in found
    ]
    if not versioned:
        return types.WorkspaceEdit({document.uri: edits})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, edits)])


def layout(document: Document) -> list[types.TextEdit] | None:
    """The edit that lays a schedule out, of no more lines than change.

    Args:
        document: the document.

    Returns:
        The edit, or no edit if nothing changes. None for a config, which keeps its own layout, and
        for a text that does not parse.
    """
    if document.is_config or document.is_library:
        return None
    (one,) = document.reading.schedules
    new, old = one.formatted, document.whole
    if new is None:
        return None
    if "\r\n" in old:
        new = new.replace("\r\n", "\n").replace("\n", "\r\n")
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    # Whole lines: half of a line's end is no place for an edit.
    start = old.rfind("\n", 0, start) + 1
    after = old.find("\n", len(old) - end)
    stop = len(old) if after < 0 else after + 1
    stop = max(stop, start)
    text = new[start : len(new) - (len(old) - stop)]
    if text == old[start:stop]:
        return []
    return [types.TextEdit(document.positions.range(start, stop), text)]


def _common(one: str, other: str) -> int:
    """How many characters two texts have in common at their start."""
    pairs = zip(one, other, strict=False)
    return next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
