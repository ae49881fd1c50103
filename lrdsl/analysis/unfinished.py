"""Text that is being typed: what it says so far, without what does not parse yet.

What is in the way is replaced by blanks and what is open is closed, so that almost every place
stays where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import UnexpectedInput

from lrdsl.check.reading import Reading, read
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import replace
from lrdsl.text import slips
from lrdsl.text.build import TooDeep
from lrdsl.text.grammar import parse_statements, pieces_of_any
from lrdsl.text.recover import stretches
from lrdsl.text.source import Embedded, Source

_CLOSING = {"LPAR": ")", "LSQB": "]"}
_CLOSED = {"RPAR": "LPAR", "RSQB": "LSQB"}
# How many tokens before the error are tried without, and how many texts are looked at.
_BACK, _TRIES = 4, 24

_Piece = tuple[int, str, str]


def finished(source: Source) -> Reading | None:
    """A text that does not parse, read without what is in the way.

    Args:
        source: the text.

    Returns:
        The reading of the nearest text that parses, without errors if one is found; its places are
        those of the source. None if there is no such text.
    """
    for start, end in stretches(source):
        if (error := _error(source, start, end)) is not None:
            first = None
            for text in _candidates(source.text, start, end, error):
                reading = _read(_with_text(source, text), start)
                if reading is None:
                    continue
                if not reading.errors:
                    return reading
                first = first or reading
            if first is None:
                return None
            if first.module.complete:
                return first
            source = first.module.source
    return None


def _error(source: Source, start: int, end: int) -> int | None:
    """Where a stretch of a text does not parse; None if it does."""
    try:
        parse_statements(source, start, end)
    except UnexpectedInput as error:
        return min(start + slips.offset(error), end)
    except TooDeep:
        return None
    return None


def _read(source: Source, start: int) -> Reading | None:
    """A text whose stretch from here on parses, read; None where it does not."""
    bounds = [bounds for bounds in stretches(source) if bounds[0] == start]
    if not bounds or _error(source, *bounds[0]) is not None:
        return None
    try:
        return read(source)
    except LrsError:
        return None


def _candidates(text: str, start: int, end: int, error: int) -> Iterator[str]:
    """Texts that may parse, those that keep more of it first."""
    pieces = [(start + at, kind, piece) for at, kind, piece in pieces_of_any(text[start:end])]
    before = sum(at + len(piece) <= error for at, _, piece in pieces)
    in_line = sum("\n" not in text[start:at] for at, _, _ in pieces)
    tried: set[str] = set()
    for left_out in (*_left_out(before, len(pieces)), range(in_line)):
        kept = [piece for k, piece in enumerate(pieces) if k not in left_out]
        found = _closed(text, end, kept, [pieces[k] for k in left_out])
        if found is not None and found not in tried:
            tried.add(found)
            yield found
        if len(tried) >= _TRIES:
            return


def _left_out(error: int, count: int) -> Iterator[range]:
    """Which tokens to leave out: some before the error, the one at it, or all from there on."""
    for back in range(min(_BACK, error) + 1):
        yield range(error - back, error)
    if error < count:
        for back in range(min(_BACK, error) + 1):
            yield range(error - back, error + 1)
    for back in range(min(_BACK, error) + 1):
        yield range(error - back, count)


def _closed(text: str, end: int, kept: list[_Piece], left_out: list[_Piece]) -> str | None:
    """The text without some tokens, every bracket closed; None where there is no room for that."""
    for at, _, piece in left_out:
        text = text[:at] + re.sub(r"[^\n]", " ", piece) + text[at + len(piece) :]
    open_: list[str] = []
    for _, kind, _ in kept:
        if kind in _CLOSING:
            open_.append(kind)
        elif kind in _CLOSED and (not open_ or open_.pop() != _CLOSED[kind]):
            return None
    closing = "".join(_CLOSING[kind] for kind in reversed(open_))
    if not closing:
        return text
    last = kept[-1][0] + len(kept[-1][2])
    if end == len(text):
        return text[:last] + closing + text[last + len(closing) :]
    if text[last : last + len(closing)].strip(" \t\r\n") or last + len(closing) > end:
        return None  # what follows would move, or a comment would swallow it
    return text[:last] + closing + text[last + len(closing) :]


def _with_text(source: Source, text: str) -> Source:
    """The source with another text, whose places are the same; the end may be further on."""
    if not isinstance(source, Embedded):
        return Source(source.name, text)
    more = len(text) - len(source.text)
    starts = (*source.starts, *[source.starts[-1]] * more)
    stops = (*source.stops, *[source.stops[-1]] * more)
    return replace(source, text=text, starts=starts, stops=stops)
