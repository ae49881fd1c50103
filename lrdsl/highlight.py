"""A Pygments lexer for schedules, for Sphinx, MkDocs, rich and whatever else uses Pygments.

It takes the tokens of the language's own lexer, so the two cannot differ. Pygments finds it by the
name ``lrs``; lrdsl itself does without Pygments, and nothing else imports this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pygments.lexer import Lexer
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
    _TokenType,
)

from lrdsl.check.state import WORDS
from lrdsl.text.grammar import pieces_of_any

STYLES = {
    **dict.fromkeys(
        ("LET", "PARAM", "DEF", "SCALAR", "SHAPE", "WHERE", "RUN"), Keyword.Declaration
    ),
    **dict.fromkeys(
        ("THEN", "COMPARE", "PLUS", "MINUS", "STAR", "SLASH", "CARET", "EQUAL"), Operator
    ),
    **dict.fromkeys(("COMMA", "COLON", "LPAR", "RPAR", "LSQB", "RSQB"), Punctuation),
    "NUMBER": Number,
    "TARGET": Name.Tag,
    "CALLEE": Name.Function,
    "NAME": Name.Variable,
    "STRING": String,
    "": Error,
}
"""The Pygments token of each terminal of the grammar; unnamed, of text that is no token."""

_DEPTHS = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}
_GAP = re.compile(r"(?P<doc>##[^\n]*)|(?P<comment>#[^\n]*)|[^#]+")


class LrsLexer(Lexer):  # type: ignore[misc]  # Pygments has no types
    """Highlights schedules, unfinished and wrong ones as far as they go.

    Examples:
        >>> from pygments import highlight
        >>> from pygments.formatters import NullFormatter
        >>> print(highlight("lr: warmup(5) >> const", LrsLexer(), NullFormatter()), end="")
        lr: warmup(5) >> const
    """

    name = "lrdsl"
    aliases: ClassVar = ["lrs", "lrdsl"]
    filenames: ClassVar = ["*.lrs"]
    mimetypes: ClassVar = ["text/x-lrs"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """The pieces of a text, which together are the text.

        Args:
            text: any text.
        """
        end = depth = 0
        typed = False
        for start, kind, piece in pieces_of_any(text):
            yield from _gap(text, end, start)
            yield start, _style(kind, piece, depth, typed), piece
            end = start + len(piece)
            # In parentheses a colon is followed by the kind of a parameter: `xs: [steps]`.
            typed = (kind == "COLON" and depth > 0) or (kind == "LSQB" and typed)
            depth = max(0, depth + _DEPTHS.get(kind, 0))
        yield from _gap(text, end, len(text))


def _style(kind: str, piece: str, depth: int, typed: bool) -> _TokenType:
    """What a piece is: by its kind, in how many brackets it stands, and whether a type is due."""
    if kind == "TARGET" and depth:
        return Name.Variable  # a parameter of a definition: its kind follows
    if kind == "NAME" and typed:
        return Keyword.Type
    if kind == "NAME" and piece in WORDS:
        return Name.Builtin.Pseudo
    return STYLES[kind]


def _gap(text: str, start: int, end: int) -> Iterator[tuple[int, _TokenType, str]]:
    """The blanks and comments between two places."""
    for match in _GAP.finditer(text, start, end):
        if match["doc"]:
            yield match.start(), String.Doc, match[0]
        elif match["comment"]:
            yield match.start(), Comment.Single, match[0]
        else:
            yield match.start(), Whitespace, match[0]
