"""Code actions: a quick fix for each fix of a diagnostic, and one for all that are safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from lrdsl.lsp.diagnostics import as_published
from lrdsl.lsp.documents import Document
from lrdsl.lsp.edits import fixes, workspace_edit

QUICK = types.CodeActionKind.QuickFix.value
ALL = f"{types.CodeActionKind.SourceFixAll.value}.lrdsl"
KINDS = (QUICK, ALL)


def actions(
    document: Document, params: types.CodeActionParams, *, versioned: bool
) -> Iterator[types.CodeAction]:
    """What can be done at a place of a document.

    Args:
        document: the document.
        params: the place, and which kinds of actions are wanted.
        versioned: True if the client can tell that an edit is of another version.
    """
    wanted = params.context.only
    if _is_wanted(QUICK, wanted):
        yield from _quick(document, params.range, versioned)
    if _is_wanted(ALL, wanted):
        found = [edit for one in document.reading.schedules for edit in one.safe_edits]
        if found:
            yield types.CodeAction(
                "Fix all that have one safe fix",
                ALL,
                edit=workspace_edit(document, found, versioned=versioned),
            )


def _is_wanted(kind: str, wanted: Sequence[types.CodeActionKind | str] | None) -> bool:
    """True for a kind that is asked for, as are those below it; all are if none is named."""
    if wanted is None:
        return True
    names = [one.value if isinstance(one, types.CodeActionKind) else one for one in wanted]
    return any(not name or f"{kind}.".startswith(f"{name}.") for name in names)


def _quick(document: Document, asked: types.Range, versioned: bool) -> Iterator[types.CodeAction]:
    """The fixes of the diagnostics that touch a range."""
    first, last = map(document.positions.offset, (asked.start, asked.end))
    for found in document.reading.diagnostics:
        start, end = document.place(found) or (0, 0)
        if start > last or end < first:
            continue
        for k, fix in enumerate(fixes(document, found)):
            yield types.CodeAction(
                fix.title[:1].upper() + fix.title[1:],
                types.CodeActionKind.QuickFix,
                [as_published(document, found)],
                is_preferred=fix.safe and not k,
                edit=workspace_edit(document, fix.replacements, versioned=versioned),
            )
