"""Ways out as data: edits of the text that a tool can make.

A fix belongs to a diagnostic, and mends it: with its edits made, the text has the finding no more,
and no new one. Its edits are in the offsets of the span's own source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lrdsl.text.source import Span


@record
class Edit:
    """One stretch of a text, and what replaces it: an empty span is where something is inserted."""

    span: Span
    text: str


@record
class Fix:
    """A way out of what a diagnostic says.

    Attributes:
        title: what it does, as an order: ``write `cosine```.
        edits: what changes; no two of them touch the same character.
        safe: True if the text can have been meant in no other way, as with ``5 ep``. What is
            guessed, as a name from another one, is for a person to accept.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


def fix(span: Span, text: str, title: str = "", *, safe: bool = False) -> Fix:
    """A fix that replaces one stretch.

    Args:
        span: what is replaced.
        text: what replaces it.
        title: what that does; by default, to write the text.
        safe: True if the text can have been meant in no other way.
    """
    return Fix(title or f"write `{text}`", (Edit(span, text),), safe)


def compatible(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """The fixes that can be made together: each one that touches nothing an earlier one does."""
    taken: list[tuple[int, int]] = []
    kept: list[Fix] = []
    for found in fixes:
        places = [(edit.span.start, edit.span.end) for edit in found.edits]
        if not any(_touch(place, other) for place in places for other in taken):
            taken += places
            kept.append(found)
    return tuple(kept)


def apply(text: str, fixes: Iterable[Fix]) -> str:
    """A text with the edits of some fixes made.

    Args:
        text: the text that the fixes are about.
        fixes: fixes of its diagnostics.

    Raises:
        ValueError: two of them change the same place; `compatible` chooses among such.
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
