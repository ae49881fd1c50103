"""The pieces of a text and what each of them is, for whatever highlights it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from lrdsl.check.state import WORDS
from lrdsl.record import record
from lrdsl.text.grammar import pieces_of_any

if TYPE_CHECKING:
    from lrdsl.text.source import Source

TokenKind = Literal[
    "blank", "comment", "documentation", "keyword", "operator", "punctuation", "number", "string",
    "target", "function", "variable", "word", "kind", "error",
]  # fmt: skip

# What each terminal of the grammar is; unnamed, of text that is no token.
KINDS: dict[str, TokenKind] = {
    **dict.fromkeys(("LET", "PARAM", "DEF", "SCALAR", "SHAPE", "WHERE", "RUN"), "keyword"),
    **dict.fromkeys(
        ("THEN", "COMPARE", "PLUS", "MINUS", "STAR", "SLASH", "CARET", "EQUAL"), "operator"
    ),
    **dict.fromkeys(("COMMA", "COLON", "LPAR", "RPAR", "LSQB", "RSQB"), "punctuation"),
    "NUMBER": "number",
    "TARGET": "target",
    "CALLEE": "function",
    "NAME": "variable",
    "STRING": "string",
    "": "error",
}
_DEPTHS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
_GAP = re.compile(r"(?P<documentation>##[^\n]*)|(?P<comment>#[^\n]*)|(?P<blank>[^#]+)")


@record
class Token:
    """A piece of a text.

    Attributes:
        start: the offset where it starts.
        end: the offset just after it.
        kind: what it is.
    """

    start: int
    end: int
    kind: TokenKind


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a text, which together are the text; it may be unfinished or wrong.

    Args:
        text: any text.
    """
    end = depth = 0
    is_typed = False
    for start, terminal, piece in pieces_of_any(text):
        yield from _gap(text, end, start)
        end = start + len(piece)
        yield Token(start, end, _kind(terminal, piece, depth, is_typed))
        # In parentheses a colon is followed by the kind of a parameter: `xs: [steps]`.
        is_typed = (terminal == "COLON" and depth > 0) or (terminal == "LSQB" and is_typed)
        depth = max(0, depth + _DEPTHS.get(terminal, 0))
    yield from _gap(text, end, len(text))


def in_document(source: Source) -> tuple[Token, ...]:
    """The pieces of a text, without blanks, at their places in its document.

    Args:
        source: the text, and where it stands.

    Returns:
        The pieces; none if a config spells the text with escapes, where they have no places.
    """
    found = [piece for piece in tokens(source.text) if piece.kind != "blank"]
    whole = source.outer(0, len(source.text))
    places = [source.outer(piece.start, piece.end) for piece in found]
    if len(found) > 1 and all(place == whole for place in places):
        return ()
    pairs = zip(found, places, strict=True)
    return tuple(Token(start, end, piece.kind) for piece, (start, end) in pairs)


def _kind(terminal: str, piece: str, depth: int, is_typed: bool) -> TokenKind:
    """What a piece is: by its terminal, the brackets around it, and whether a kind is due."""
    if terminal == "TARGET" and depth:
        return "variable"  # a parameter of a definition: its kind follows
    if terminal == "NAME" and is_typed:
        return "kind"
    if terminal == "NAME" and piece in WORDS:
        return "word"
    return KINDS[terminal]


def _gap(text: str, start: int, end: int) -> Iterator[Token]:
    """The blanks and comments between two places."""
    for match in _GAP.finditer(text, start, end):
        for kind in ("documentation", "comment", "blank"):
            if match[kind]:
                yield Token(match.start(), match.end(), kind)
