"""A text as tokens with the comments between them, for the formatter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lrdsl.text import source
from lrdsl.text.grammar import tokens

_OPEN = {"LPAR", "LSQB"}
_CLOSE = {"RPAR", "RSQB"}
# Behind these, and at the start, a minus is a sign.
_BEFORE_SIGN = {
    "", "THEN", "COMPARE", "PLUS", "MINUS", "STAR", "SLASH", "CARET", "EQUAL", "COMMA", "COLON",
    "LPAR", "LSQB", "WHERE",
}  # fmt: skip


class Comment:
    """A comment.

    Attributes:
        start: its offset.
        text: from its ``#`` on, without spaces after it.
        alone: True if it has a line of its own.
    """

    __slots__ = ("alone", "start", "text")

    def __init__(self, start: int, text: str, alone: bool) -> None:
        self.start, self.text, self.alone = start, text, alone


class Piece:
    """A token, and the comments that go with it.

    Attributes:
        kind: the type of the token.
        text: the token.
        start: its offset.
        end: the offset after it.
        sign: True if it is the minus of a single value.
        before: comments on lines of their own before it.
        after: comments after it on its line.
    """

    __slots__ = ("after", "before", "end", "kind", "sign", "start", "text")

    def __init__(self, kind: str, text: str, start: int, sign: bool = False) -> None:
        self.kind, self.text, self.start, self.sign = kind, text, start, sign
        self.end = start + len(text)
        self.before: list[str] = []
        self.after: list[str] = []


class Bracket:
    """A pair of brackets and its contents."""

    __slots__ = ("body", "close", "open")

    def __init__(self, open: Piece, body: list[Item], close: Piece) -> None:
        self.open, self.body, self.close = open, body, close


Item = Piece | Bracket


def comments(text: str) -> list[Comment]:
    """The comments of a text, in order."""
    found = []
    for start, comment in source.comments(text):
        line = text[text.rfind("\n", 0, start) + 1 : start]
        found.append(Comment(start, comment.rstrip(), not line.strip("\ufeff \t\r\f")))
    return found


def pieces(text: str) -> list[Piece]:
    """The tokens of a text that parses, without their comments."""
    found: list[Piece] = []
    for token in tokens(text):
        before = found[-1].kind if found else ""
        sign = token.type == "MINUS" and before in _BEFORE_SIGN
        assert token.start_pos is not None
        found.append(Piece(token.type, str(token), token.start_pos, sign))
    return found


def tidy(run: list[Piece]) -> list[Piece]:
    """Leaves out closing commas, and moves comments to where lines can end.

    A line ends before `>>` and after a comma, so a comment that follows the one, or stands before
    the other, changes places with it.
    """
    found: list[Piece] = []
    for piece, following in zip(run, [*run[1:], None], strict=True):
        last = found[-1] if found else None
        if piece.kind == "COMMA" and following is not None and following.kind in _CLOSE and last:
            last.after += piece.after
            following.before = piece.before + following.before
            continue
        if piece.kind == "COMMA" and last and last.after:
            piece.after, last.after = last.after + piece.after, []
        if piece.kind == "THEN" and last and piece.after and not piece.before:
            last.after, piece.after = last.after + piece.after, []
        found.append(piece)
    return found


def nested(run: Iterable[Piece]) -> list[Item]:
    """The pieces, with brackets and their contents as one item."""
    levels: list[list[Item]] = [[]]
    opened: list[Piece] = []
    for piece in run:
        if piece.kind in _OPEN:
            opened.append(piece)
            levels.append([])
        elif piece.kind in _CLOSE:
            body = levels.pop()
            levels[-1].append(Bracket(opened.pop(), body, piece))
        else:
            levels[-1].append(piece)
    return levels[0]


def flattened(items: Iterable[Item]) -> Iterator[Piece]:
    """The pieces of some items, in order."""
    for item in items:
        if isinstance(item, Piece):
            yield item
        else:
            yield item.open
            yield from flattened(item.body)
            yield item.close


def spaced(a: Piece, b: Piece) -> bool:
    """True if there is a space between two pieces of one line."""
    if a.sign or a.kind in {*_OPEN, "CALLEE"} or b.kind in {*_CLOSE, "COMMA", "COLON"}:
        return False
    return not (a.kind == "TARGET" and b.kind == "LSQB")


def on_one_line(items: Iterable[Item]) -> str:
    """The text of some items on one line, without comments."""
    text, last = "", None
    for piece in flattened(items):
        text += " " if last and spaced(last, piece) else ""
        text += piece.text
        last = piece
    return text


def split(items: Iterable[Item], *kinds: str) -> list[list[Item]]:
    """Items in stretches, each but the first starting with a piece of some kind; no sign does."""
    found: list[list[Item]] = [[]]
    for item in items:
        if isinstance(item, Piece) and item.kind in kinds and not item.sign:
            found.append([])
        found[-1].append(item)
    return found
