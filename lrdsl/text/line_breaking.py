"""Lines out of the items of a statement: whole where they fit, else broken at `>>` and in brackets.

What comes out depends on the tokens and their comments alone, never on how they were laid out, so a
second pass changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.text.format_tokens import Bracket, Item, Piece, flattened, on_one_line, spaced, split

WIDTH = 88
STEP = 2


class Writer:
    """Collects lines.

    Attributes:
        lines: the lines that are finished.
        indent: how far the line that is being written is indented, or the next one will be.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.indent = 0
        self._line = ""
        self._last: Piece | None = None

    def room(self, piece: Piece) -> int:
        """The columns that are left on the line for what starts with a piece."""
        if self._last is None:
            return WIDTH - self.indent
        return WIDTH - len(self._line) - spaced(self._last, piece)

    def end_line(self, indent: int) -> None:
        """Ends the line, unless nothing is on it, and says how far the next one is indented."""
        if self._last is not None:
            self.lines.append(self._line)
        self._line, self._last, self.indent = "", None, indent

    def write(self, items: Sequence[Item], indent: int) -> int:
        """Writes items on one line, and on another one after each comment.

        Args:
            items: the items.
            indent: how far such another line is indented.

        Returns:
            How far the line is indented on which the last of them stands.
        """
        own = self.indent
        for piece in flattened(items):
            if piece.before and self._last is not None:
                self.end_line(indent)
            self.lines += [" " * self.indent + comment for comment in piece.before]
            if self._last is None:
                self._line = " " * self.indent
            elif spaced(self._last, piece):
                self._line += " "
            self._line += piece.text
            self._last = piece
            own = self.indent
            if piece.after:
                self._line += "  " + "  ".join(piece.after)
                self.end_line(indent)
        return own


def lay(writer: Writer, items: Sequence[Item], indent: int, after: int = 0) -> None:
    """Writes an expression.

    Args:
        writer: where to.
        items: the expression.
        indent: how far the lines after its first are indented.
        after: the columns needed after it on its last line.
    """
    if not items:
        return
    if not _interrupted(items) and _width(items) + after <= writer.room(_first(items)):
        writer.write(items, indent)
        return
    parts = split(items, "THEN")
    if len(parts) == 1:
        parts = split(items, "PLUS", "MINUS")
    for i, part in enumerate(parts):
        if i:
            writer.end_line(indent)
        _part(writer, part, indent, after if i == len(parts) - 1 else 0)


def _part(writer: Writer, items: Sequence[Item], indent: int, after: int) -> None:
    """Writes what no operator divides: as a whole, or with brackets opened up."""
    opened = _to_open(items, writer.room(_first(items)) - after)
    for item in items:
        if isinstance(item, Bracket) and item in opened:
            _open(writer, item, indent)
        else:
            writer.write([item], indent)


def _to_open(items: Sequence[Item], room: int) -> list[Bracket]:
    """The brackets to be opened up: those with comments, then the longest until the rest fits."""
    brackets = [item for item in items if isinstance(item, Bracket)]
    opened = [bracket for bracket in brackets if _has_comments(bracket)]
    left = [b for b in brackets if b not in opened and _is_divided(b)]
    left.sort(key=lambda bracket: _width(bracket.body))
    width = _width(items) - sum(_width(bracket.body) for bracket in opened)
    while left and width > room:
        opened.append(left.pop())
        width -= _width(opened[-1].body)
    return opened


def _open(writer: Writer, bracket: Bracket, indent: int) -> None:
    """Writes a bracket with each of its items on a line of its own."""
    outer = writer.write([bracket.open], indent)
    inner = outer + STEP
    writer.end_line(inner)
    arguments = split(bracket.body, "COMMA")
    for i, argument in enumerate(arguments):
        commas, own = (argument[:1], argument[1:]) if i else ([], argument)
        writer.write(commas, inner)
        writer.end_line(inner)
        lay(writer, own, inner + STEP, after=int(i < len(arguments) - 1))
    writer.end_line(outer)
    if bracket.close.before:
        writer.lines += [" " * inner + comment for comment in bracket.close.before]
    bracket.close.before = []
    writer.write([bracket.close], indent)


def _first(items: Sequence[Item]) -> Piece:
    return next(flattened(items))


def _width(items: Sequence[Item]) -> int:
    return len(on_one_line(items))


def _interrupted(items: Sequence[Item]) -> bool:
    """True if there is a comment inside some items."""
    run = list(flattened(items))
    return any(piece.before for piece in run[1:]) or any(piece.after for piece in run[:-1])


def _has_comments(bracket: Bracket) -> bool:
    inside = [bracket.open, *flattened(bracket.body)]
    return any(piece.after or piece.before for piece in inside) or bool(bracket.close.before)


def _is_divided(bracket: Bracket) -> bool:
    """True if a bracket, or one in it, has more than one line to be made of."""
    if any(len(split(bracket.body, kind)) > 1 for kind in ("COMMA", "THEN")):
        return True
    return any(isinstance(item, Bracket) and _is_divided(item) for item in bracket.body)
