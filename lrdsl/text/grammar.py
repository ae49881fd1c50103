"""The parser that Lark makes of ``lrs.lark``: restored as the build saved it, or built now.

Restoring it takes 5 ms at the start of a process, building it ten times as long. The saved parser
is a pickle inside the package, as trustworthy as the code next to it. It is used only with the
version of Lark that wrote it and for this very grammar, so it can be stale but never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pkgutil import get_data
from typing import cast

import lark
from lark import Lark, TextSlice, Token, UnexpectedCharacters

from lrdsl import files
from lrdsl.text.build import STRETCH, NodeBuilder
from lrdsl.text.nodes import RunStatement, Statement
from lrdsl.text.source import Source, Span

_OPTIONS = {
    "parser": "lalr",
    "lexer": "basic",
    "keep_all_tokens": True,
    "g_regex_flags": int(re.ASCII),
}
# Written by the build, next to this file.
SAVED = "text/lrs.parser"


def parse_statements(
    source: Source, start: int, end: int, text: str | None = None
) -> tuple[Statement | RunStatement, ...]:
    """Parses one stretch of a source.

    Args:
        source: the source.
        start: where the stretch starts.
        end: where it ends.
        text: what to parse in its place; it has to be as long, so that places stay right.

    Raises:
        UnexpectedInput: the stretch is not in the language; places count from its start.
        TooDeep: an expression is nested too deeply.
    """
    outer = STRETCH.set(Span(source, start, end))
    try:
        # Lark promises a tree; with a transformer it returns what that makes of the start rule.
        stretch = source.text[start:end] if text is None else text
        return cast("tuple[Statement | RunStatement, ...]", _parser().parse(stretch))
    finally:
        STRETCH.reset(outer)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, without blanks and comments.

    Raises:
        UnexpectedCharacters: no token starts where one should.
    """
    return _parser().lex(text)


def pieces_of_any(text: str) -> Iterator[tuple[int, str, str]]:
    """Where each token of any text starts, its kind and what it says, without blanks and comments.

    A character that starts no token is a piece of its own, whose kind is empty; the tokens go on
    after it. So an unfinished or wrong text has pieces too.
    """
    start, end = 0, len(text)
    while start < end:
        try:
            for token in _parser().lex(TextSlice(text, start, end)):
                assert token.start_pos is not None
                yield token.start_pos, token.type, str(token)
            return
        except UnexpectedCharacters as error:
            place = error.pos_in_stream
            assert place is not None
            yield place, "", text[place]
            start = place + 1


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return load(saved())


def grammar_text() -> str:
    """The text of ``lrs.lark``: inside a wheel it lies in the package, in a checkout next to it."""
    try:
        return files.of_package("grammar/lrs.lark")
    except OSError:
        return files.beside_package("grammar/lrs.lark")


def build(text: str, builder: NodeBuilder | None = None) -> Lark:
    """Builds a parser.

    Args:
        text: the grammar.
        builder: makes nodes of its rules; without one they become Lark's trees.
    """
    return Lark(text, transformer=builder, **_OPTIONS)


def dumped() -> bytes:
    """The parser as bytes, for `load`."""
    text, file = grammar_text(), BytesIO()
    build(text, NodeBuilder()).save(file)
    return _mark(text) + file.getvalue()


def load(saved: bytes) -> Lark:
    """The parser that makes syntax nodes.

    Args:
        saved: the return value of `dumped`, of this or an older version, or anything else.
    """
    text = grammar_text()
    mark = _mark(text)
    if saved.startswith(mark):
        # A pickle that is cut off raises almost anything.
        with suppress(Exception):
            return Lark.load(BytesIO(saved[len(mark) :]))
    return build(text, NodeBuilder())


def saved() -> bytes:
    """The saved parser of the package; empty if there is none."""
    try:
        return get_data("lrdsl", SAVED) or b""
    except OSError:
        return b""


def _mark(text: str) -> bytes:
    """The line a saved parser starts with. Lark checks neither its own version nor the grammar."""
    name = f"{NodeBuilder.__module__}.{NodeBuilder.__qualname__}"
    digest = sha256(repr((lark.__version__, text, _OPTIONS, name)).encode())
    return digest.hexdigest().encode() + b"\n"
