"""Fixes and other names as changes of the document that a text is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lrdsl.analysis.places import Change, Replacement, placed
from lrdsl.diagnostics.fix import Fix, compatible

if TYPE_CHECKING:
    from lrdsl.diagnostics.diagnostic import Diagnostic
    from lrdsl.text.source import Source


def edits(fix: Fix, source: Source) -> tuple[Replacement, ...] | None:
    """The replacements of a fix in the document.

    Args:
        fix: a fix of the text.
        source: the text.

    Returns:
        The replacements; None where the document spells the text in a way of its own.
    """
    found: list[Replacement] = []
    for edit in fix.edits:
        place = placed(edit.span, source.whole)
        if place is None:
            return None
        found.append(Replacement(*place, edit.text))
    return tuple(found) if all(is_verbatim(one, source) for one in found) else None


def changes(found: Diagnostic, source: Source) -> Iterator[Change]:
    """The fixes of a diagnostic that can be made in the document, the likeliest first.

    Args:
        found: the diagnostic.
        source: the text.
    """
    for fix in found.fixes:
        made = edits(fix, source)
        if made is not None:
            yield Change(fix.title, made, fix.safe)


def safe_edits(diagnostics: Iterable[Diagnostic], source: Source) -> Iterator[Replacement]:
    """The replacements of every safe fix that can be made in one go.

    Args:
        diagnostics: what is wrong with the text.
        source: the text.
    """
    likeliest = (fix for found in diagnostics for fix in found.fixes[:1])
    safe = [fix for fix in likeliest if fix.safe and edits(fix, source) is not None]
    for fix in compatible(safe):
        yield from edits(fix, source) or ()


def is_verbatim(edit: Replacement, source: Source) -> bool:
    """True if a replacement in the document is the same one in the text.

    Args:
        edit: the replacement.
        source: the text.
    """
    if not source.is_embedded:
        return True
    start, end = source.inner(edit.start), source.inner(edit.end)
    if start is None or end is None or re.search(r"[\"'\\\n#:]", edit.text):
        return False
    return source.text[start:end] == source.whole[edit.start : edit.end]
