"""Source text and the places in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from lrdsl.record import record


@record
class Source:
    """A text and the name it is reported under (a path, or ``<string>``)."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    @property
    def is_embedded(self) -> bool:
        """True if its places are those of another text, such as a config."""
        return False

    @property
    def is_said(self) -> bool:
        """True if it comes from a call or an option rather than a file."""
        return False

    @property
    def whole(self) -> str:
        """The text, with everything around it where it stands inside another."""
        return self.text

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        starts = _line_starts(self.text)
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def end_position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column just after what ends at an offset."""
        return self.position(offset)

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch is in the whole: the offsets of its start and of its end."""
        return start, end

    def inner(self, offset: int) -> int | None:
        """The offset here of a place in the whole; None for a place outside."""
        return offset if 0 <= offset <= len(self.text) else None

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its end."""
        starts = _line_starts(self.text)
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


def comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a text: their offsets, and what they say from the ``#`` on.

    A ``#`` in a quoted name starts none.
    """
    for match in re.finditer(r'"[^"\n]*"?|(#[^\n]*)', text):
        if match[1] is not None:
            yield match.start(), match[1]


def unmarked(name: str, text: str) -> Source:
    """The source of a text that may start with the mark of its encoding, which no editor shows."""
    return Source(name, text.removeprefix("\ufeff"))


# A text with many errors is asked for the line of each.
@lru_cache(maxsize=4)
def _line_starts(text: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])]


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

    @property
    def place(self) -> tuple[int, int, int, int]:
        """The 1-based line and column where it starts, and those just after its end."""
        first = self.source.position(self.start)
        # An empty one ends where it starts, also where the text has a gap there in its host.
        last = self.source.end_position(self.end) if self.end > self.start else first
        return (*first, *last)

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of another."""
        return Span(self.source, self.start, other.end)

    def after(self) -> Span:
        """The empty span just after this one, where something missing belongs."""
        return Span(self.source, self.end, self.end)


@record
class Said(Source):
    """An argument of a call, or an option; its name is its subject, as in ``the run``."""

    @property
    def is_said(self) -> bool:
        """Yes: it has no lines that anybody could look up."""
        return True


@record
class Embedded(Source):
    """A text that stands inside another, such as a string of a YAML file.

    Offsets are those of the text; lines and columns are those of the host, so that whatever is
    reported about the text points into the file that it came from.

    Attributes:
        host: the text it stands in.
        starts: for each character the offset in the host of what stands for it, and one more for
            the end of the text.
        stops: for each character the offset in the host just after what stands for it.
    """

    host: Source
    starts: tuple[int, ...]
    stops: tuple[int, ...]

    @property
    def is_embedded(self) -> bool:
        """Yes: its lines and columns are those of the host."""
        return True

    @property
    def whole(self) -> str:
        """The text of the host."""
        return self.host.whole

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column in the host of an offset."""
        return self.host.position(self.starts[offset])

    def end_position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column in the host just after what ends at an offset."""
        return self.host.position(self.stops[offset - 1] if offset else self.starts[0])

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch is in the whole: the offsets of its start and of its end."""
        first = self.starts[start]
        return self.host.outer(first, self.stops[end - 1] if end > start else first)

    def inner(self, offset: int) -> int | None:
        """The offset here of a place in the whole; None for a place outside."""
        there = self.host.inner(offset)
        if there is None or not self.starts[0] <= there <= self.starts[-1]:
            return None
        return bisect_right(self.starts, there) - 1

    def line(self, number: int) -> str:
        """The text of a 1-based line of the host, without its end."""
        return self.host.line(number)
