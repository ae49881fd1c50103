"""Fixes as data: edits of the text that a tool can make.

A fix belongs to a diagnostic. With its edits applied, the text no longer has that finding, and no
new one. The edits use offsets of the span's own source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrdsl.text.source import Span


@record
class Edit:
    """One replacement in a text.

    Attributes:
        span: the stretch to replace; an empty span marks an insertion.
        text: the new text.
    """

    span: Span
    text: str


@record
class Fix:
    """One way to fix a diagnostic; ``Diagnostic.fixes`` lists them.

    Attributes:
        title: what it does, in the imperative.
        edits: its replacements; they do not overlap.
        safe: True if the text can only have been meant in this way, as with ``5 ep`` for ``5ep``.
            A fix that guesses, such as a similar name, should be confirmed by a person.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


def fix(span: Span, text: str, title: str = "", *, safe: bool = False) -> Fix:
    """A fix that replaces one stretch.

    Args:
        span: the stretch to replace.
        text: the new text.
        title: what the fix does; by default, that it writes the text.
        safe: True if the text can only have been meant in this way.
    """
    return Fix(title or f"write `{text}`", (Edit(span, text),), safe)


def compatible(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The fixes that can be applied together: those that overlap no earlier one."""
    taken: list[tuple[int, int]] = []
    kept: list[Fix] = []
    for found in fixes:
        places = [(edit.span.start, edit.span.end) for edit in found.edits]
        if not any(_touch(place, other) for place in places for other in taken):
            taken += places
            kept.append(found)
    return tuple(kept)


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """Applies fixes to a text and returns the new text.

    Args:
        text: the text that was parsed.
        fixes: fixes of its diagnostics.

    Raises:
        ValueError: two fixes change the same place.

    Examples:
        >>> import lrdsl
        >>> text = "cosine(0.3, 20)"
        >>> try:
        ...     lrdsl.parse(text)
        ... except lrdsl.LrsError as error:
        ...     (found,) = error.diagnostics
        >>> apply(text, found.fixes[:1])
        'cosine(20, 0.3)'
    """
    chosen = tuple(fixes)
    if len(compatible(chosen)) < len(chosen):
        raise ValueError("two of these fixes change the same place")
    edits = [edit for found in chosen for edit in found.edits]
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """True if two stretches share a character, or one place to insert something."""
    if one == other:
        return True
    return one[0] < other[1] and other[0] < one[1]
