"""Source text and the places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from lrdsl.record import record

_LINE_END = re.compile("\n")


@record
class Source:
    """A text and the name it is reported under (a path, or ``<string>``)."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        starts = _line_starts(self.text)
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its end."""
        starts = _line_starts(self.text)
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


# A text with many errors is asked for the line of each.
@lru_cache(maxsize=4)
def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in _LINE_END.finditer(text))]


@record
class Span:
    """A stretch of a source: offsets ``start`` to ``end``, the end exclusive."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text in the span."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of another."""
        return Span(self.source, self.start, other.end)

    def after(self) -> Span:
        """The empty span just behind this one, where something missing belongs."""
        return Span(self.source, self.end, self.end)
