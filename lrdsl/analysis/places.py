"""Places in a document: offsets in code points, and lines with columns in UTF-16, both ways."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.text.source import Source, Span

_END = re.compile(r"\r\n|\r|\n")


class Places:
    r"""The positions of a text, as editors count them.

    An offset counts characters from the start of the text. A position is a line and a column, both
    from 0; the column counts units of UTF-16, in which a character beyond the first 65,536 takes
    two. ``\n``, ``\r\n`` and ``\r`` end a line. This is the convention of the language server
    protocol.

    Args:
        text: the text.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _END.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        r"""The line and the column of an offset; one outside of the text is moved into it.

        Args:
            offset: the number of characters before the position.

        Examples:
            >>> places = Places("a\n\N{ROCKET}b")
            >>> places.position(3), places.offset(1, 2)
            ((1, 2), 3)
        """
        offset = min(max(offset, 0), len(self._text))
        line = bisect_right(self._starts, offset) - 1
        before = self._text[self._starts[line] : offset]
        return line, len(before) + sum(character > "\uffff" for character in before)

    def offset(self, line: int, column: int) -> int:
        """The offset of a position; one beyond the end of a line or the text is moved to it.

        Args:
            line: the line, from 0.
            column: the units of UTF-16 before the position in its line.
        """
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self._text)
        start = self._starts[line]
        end = _END.search(self._text, start)
        content = self._text[start : end.start() if end else len(self._text)]
        for k, character in enumerate(content):
            column -= 1 + (character > "\uffff")
            if column < 0:
                return start + k
        return start + len(content)


@record
class Location:
    """A stretch of a text.

    Attributes:
        start: the offset where it starts.
        end: the offset just after it.
        is_library: True if the text is that of the shape library, ``prelude.lrs``, rather than
            the document.
    """

    start: int
    end: int
    is_library: bool = False


@record
class Hint:
    """A remark to be shown in the text at a place.

    Attributes:
        offset: the place.
        label: the remark.
    """

    offset: int
    label: str


@record
class Replacement:
    """A change of the document.

    Attributes:
        start: the offset where the text to be replaced starts.
        end: the offset just after it.
        text: the new text.
    """

    start: int
    end: int
    text: str


@record
class Change:
    """A fix as it is made in the document.

    Attributes:
        title: what it does, in the imperative.
        replacements: its replacements; they do not overlap.
        safe: True if the text can only have been meant in this way.
    """

    title: str
    replacements: tuple[Replacement, ...]
    safe: bool


def located(span: Span, source: Source) -> Location:
    """Where a span is in the document of a text; for a span of something else, the whole text.

    Args:
        span: a span, such as that of a diagnostic.
        source: the text, and where it stands.
    """
    found = placed(span, source.whole)
    return Location(*(found or source.outer(0, len(source.text))))


def placed(span: Span, whole: str) -> tuple[int, int] | None:
    """Where a span is in a document: its offsets; None if it is of something else.

    Args:
        span: a span, such as that of a diagnostic.
        whole: the text of the document.
    """
    if span.source.is_said or span.source.whole != whole:
        return None
    start, end = span.source.outer(span.start, span.end)
    return min(start, len(whole)), min(end, len(whole))
