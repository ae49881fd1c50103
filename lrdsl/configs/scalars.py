"""Where each character of a string came from: a scalar of YAML, TOML or JSON read with positions.

The parsers of these formats say where a string starts and ends, and what it means. Between the two
lie folded lines and indentation, and a caret has to point at what was written. So a string is read
once more here, and every character is noted with the stretch that stands for it. A string with
escapes is not: it is at the place of the whole string.
"""

from __future__ import annotations

import re

from lrdsl.record import record

# What YAML takes for the end of a line; the first four become "\n".
_BREAKS = "\r\n\x85\u2028\u2029"


@record
class Traced:
    """A string, and where its characters are written.

    Attributes:
        text: the string.
        starts: for each character the offset in the config file of what stands for it, and one more
            for the end of the string.
        stops: for each character the offset just after what stands for it.
    """

    text: str
    starts: tuple[int, ...]
    stops: tuple[int, ...]


class _Reader:
    """Reads a stretch of a config file, and notes what it means."""

    def __init__(self, file: str, start: int, end: int) -> None:
        self.file, self.at, self.end = file, start, end
        self.chars: list[str] = []
        self.starts: list[int] = []
        self.stops: list[int] = []

    def peek(self, ahead: int = 0) -> str:
        """A character to come; empty after the end."""
        place = self.at + ahead
        return self.file[place] if place < self.end else ""

    def emit(self, char: str, start: int, stop: int) -> None:
        self.chars.append(char)
        self.starts.append(start)
        self.stops.append(stop)

    def take(self) -> None:
        """Reads a character that stands for itself."""
        self.emit(self.file[self.at], self.at, self.at + 1)
        self.at += 1

    def skip(self, blanks: str) -> None:
        while self.peek() and self.peek() in blanks:
            self.at += 1

    def line_break(self) -> tuple[str, int, int]:
        """Reads the end of a line: what it means, and where it stands."""
        start = self.at
        self.at += 2 if self.file.startswith("\r\n", start) else 1
        sign = self.file[start]
        return (sign if sign in "\u2028\u2029" else "\n"), start, self.at

    def at_break(self) -> bool:
        return self.peek() != "" and self.peek() in _BREAKS

    def traced(self, end: int) -> Traced:
        """What was read; something missing after it belongs at ``end``."""
        return Traced("".join(self.chars), (*self.starts, end), tuple(self.stops))


def coarse(text: str, start: int, end: int) -> Traced:
    """A string of which no more is known than where the whole of it stands."""
    return Traced(text, (*(start for _ in text), end), tuple(end for _ in text))


def verbatim(file: str, start: int, end: int) -> Traced:
    """What stands for itself, such as a number."""
    places = range(start, end)
    return Traced(file[start:end], (*places, end), tuple(place + 1 for place in places))


def yaml(file: str, start: int, end: int, style: str, value: str) -> Traced:
    """A scalar of YAML.

    Args:
        file: the whole document.
        start: where the scalar starts, its quote or indicator included.
        end: where it ends.
        style: its first character where that is one of ``'``, ``"``, ``|`` and ``>``, or empty.
        value: what the parser read, which decides between the indentations a block can have.
    """
    if style and style in "|>":
        traced = _block(file, start, end, value)
    else:
        reader = _Reader(file, start + len(style), end - len(style))
        _flow(reader, style)
        traced = reader.traced(reader.end)
    # An escape makes what is written longer than what it means.
    return traced if traced.text == value else coarse(value, start, end)


def _flow(reader: _Reader, quote: str) -> None:
    """Plain and quoted scalars of YAML: line ends are folded, and blanks around them dropped."""
    # A plain scalar ends at a tab, so that there is none to drop.
    blanks = " \t" if quote else " "
    while char := reader.peek():
        if char in blanks or char in _BREAKS:
            _blanks(reader, blanks)
        else:
            reader.take()


def _blanks(reader: _Reader, blanks: str) -> None:
    start = reader.at
    reader.skip(blanks)
    if not reader.at_break():
        reader.at, end = start, reader.at
        while reader.at < end:
            reader.take()
        return
    char, first, last = reader.line_break()
    reader.skip(blanks)
    if char != "\n":
        reader.emit(char, first, last)
    elif not reader.at_break():
        reader.emit(" ", first, last)
    _empty_lines(reader, blanks)


def _empty_lines(reader: _Reader, blanks: str) -> None:
    """Lines with nothing in them, each of which is a line end in the string."""
    reader.skip(blanks)
    while reader.at_break():
        reader.emit(*reader.line_break())
        reader.skip(blanks)


_HEADER = re.compile(r"[|>](?P<signs>[-+1-9]*)[^\r\n\x85\u2028\u2029]*")


def _block(file: str, start: int, end: int, value: str) -> Traced:
    """A literal or folded block of YAML."""
    header = _HEADER.match(file, start, end)
    if header is None or header.end() >= end:
        return coarse(value, start, end)
    signs = header["signs"]
    chomping = "".join(sign for sign in signs if sign in "+-")
    widest = _widest(file, header.end(), end)
    # A digit counts from the indentation of what the block belongs to, which is not known here.
    explicit = any(sign.isdigit() for sign in signs)
    traced = coarse(value, start, end)
    for indent in range(widest, 0, -1) if explicit else [widest]:
        reader = _Reader(file, header.end(), end)
        reader.line_break()
        _block_lines(reader, indent, folded=file[start] == ">", chomping=chomping)
        after = reader.starts[-1] if reader.chars and reader.chars[-1] == "\n" else reader.at
        traced = reader.traced(after)
        if traced.text == value:
            break
    return traced


def _widest(file: str, start: int, end: int) -> int:
    """The indentation of a block: that of its first line with text, or of an empty line above."""
    reader = _Reader(file, start, end)
    widest = 1
    while reader.at_break():
        reader.line_break()
        first = reader.at
        reader.skip(" ")
        widest = max(widest, reader.at - first)
    return widest


def _block_lines(reader: _Reader, indent: int, *, folded: bool, chomping: str) -> None:
    pending, inside = _indented(reader, indent)
    last: tuple[str, int, int] | None = None
    while inside and reader.peek():
        for line_break in pending:
            reader.emit(*line_break)
        flush = reader.peek() not in " \t"
        while reader.peek() and not reader.at_break():
            reader.take()
        last = reader.line_break() if reader.at_break() else None
        pending, inside = _indented(reader, indent)
        if last is None or not (inside and reader.peek()):
            break
        # A line end is folded between two lines that start flush.
        if folded and last[0] == "\n" and flush and reader.peek() not in " \t":
            if not pending:
                reader.emit(" ", last[1], last[2])
        else:
            reader.emit(*last)
    if chomping != "-" and last is not None:
        reader.emit(*last)
    if chomping == "+":
        for line_break in pending:
            reader.emit(*line_break)


def _indented(reader: _Reader, indent: int) -> tuple[list[tuple[str, int, int]], bool]:
    """Reads empty lines and the indentation below; says whether that is the block's."""
    breaks = []
    column = _indent(reader, indent)
    while reader.at_break():
        breaks.append(reader.line_break())
        column = _indent(reader, indent)
    return breaks, column == indent


def _indent(reader: _Reader, indent: int) -> int:
    column = 0
    while column < indent and reader.peek() == " ":
        reader.at += 1
        column += 1
    return column


def toml(file: str, start: int, end: int, value: str) -> Traced:
    """A string of TOML, of any of the four kinds.

    Args:
        file: the whole document.
        start: where the string starts, its quotes included.
        end: where it ends.
        value: what it means.
    """
    quote = file[start]
    width = 3 if file.startswith(quote * 3, start) and end - start >= 6 else 1
    reader = _Reader(file, start + width, end - width)
    if width == 3 and reader.at_break():
        reader.line_break()
    while reader.peek():
        if file.startswith("\r\n", reader.at):
            reader.emit(*reader.line_break())
        else:
            reader.take()
    traced = reader.traced(reader.end)
    return traced if traced.text == value else coarse(value, start, end)


def json(file: str, start: int, end: int, value: str) -> Traced:
    """A string of JSON.

    Args:
        file: the whole document.
        start: where the string starts, its quotes included.
        end: where it ends.
        value: what it means.
    """
    traced = verbatim(file, start + 1, end - 1)
    return traced if traced.text == value else coarse(value, start, end)
