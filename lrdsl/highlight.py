"""A Pygments lexer for schedules, for Sphinx, MkDocs, rich and whatever else uses Pygments.

It takes the tokens of the language's own lexer, so the two cannot differ. Pygments finds it by the
name ``lrs``; lrdsl itself does without Pygments, and nothing else imports this module.
"""

from __future__ import annotations

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

from lrdsl.analysis.tokens import TokenKind, tokens

STYLES: dict[TokenKind, _TokenType] = {
    "blank": Whitespace,
    "comment": Comment.Single,
    "documentation": String.Doc,
    "keyword": Keyword.Declaration,
    "operator": Operator,
    "punctuation": Punctuation,
    "number": Number,
    "string": String,
    "target": Name.Tag,
    "function": Name.Function,
    "variable": Name.Variable,
    "word": Name.Builtin.Pseudo,
    "kind": Keyword.Type,
    "error": Error,
}
"""The Pygments token of each kind of piece."""


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
        for token in tokens(text):
            yield token.start, STYLES[token.kind], text[token.start : token.end]
