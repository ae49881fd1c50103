"""Edits that lints propose: of a whole part, between two, and as a comment.

Only what stands in the text by itself is edited: a part that a definition made has no edit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.diagnostics.catalogue import Slug
    from lrdsl.schedule.block import Block


def between(first: Block, second: Block) -> Span | None:
    """The text between two blocks; None if they are not written in this order.

    Args:
        first: one of them.
        second: the other one.
    """
    source = first.span.source
    if second.span.source is not source or second.span.start < first.span.end:
        return None
    return Span(source, first.span.end, second.span.start)


def part_removed(span: Span) -> tuple[Fix, ...]:
    """The fix that leaves a part out, with the `>>` before it or after it.

    Args:
        span: the part.
    """
    text = span.source.text
    before = re.search(r"\s*>>\s*\Z", text[: span.start])
    after = re.match(r"\s*>>\s*", text[span.end :])
    if before:
        whole = Span(span.source, before.start(), span.end)
    elif after:
        whole = Span(span.source, span.start, span.end + after.end())
    else:
        return ()
    return (fix(whole, "", "remove it"),)


def ignored(slug: Slug, place: Span) -> tuple[Fix, ...]:
    """The fix that says that a finding is meant; none if its line has a comment.

    Args:
        slug: the finding's.
        place: where it stands.
    """
    text = place.source.text
    end = text.find("\n", place.end)
    end = len(text) if end < 0 else end
    line = text[text.rfind("\n", 0, place.start) + 1 : end]
    if place.source.is_embedded or "#" in line or "\n" in place.text:
        return ()
    comment = f"# lrs: ignore[{slug}]"
    edit = Edit(Span(place.source, end, end), f"  {comment}")
    return (Fix(f"write `{comment}`", (edit,)),)
