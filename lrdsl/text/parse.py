"""Text to syntax tree, with every syntax error of the text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from lark import Lark, Token, UnexpectedInput

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text import grammar, precheck
from lrdsl.text.build import STRETCH, TooDeep
from lrdsl.text.nodes import Module, Statement
from lrdsl.text.source import Source, Span


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return grammar.load(grammar.saved())


def parse_statements(source: Source, start: int, end: int) -> tuple[Statement, ...]:
    """Parses one stretch of a source.

    Args:
        source: the source.
        start: where the stretch starts.
        end: where it ends.

    Raises:
        UnexpectedInput: the stretch is not of the language; places count from its start.
        TooDeep: an expression is nested too deeply.
    """
    outer = STRETCH.set(Span(source, start, end))
    try:
        # Lark promises a tree; with a transformer it returns what that makes of the start rule.
        return cast("tuple[Statement, ...]", _parser().parse(source.text[start:end]))
    finally:
        STRETCH.reset(outer)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, without blanks and comments.

    Raises:
        UnexpectedCharacters: no token starts where one should.
    """
    return _parser().lex(text)


def parse_module(source: Source) -> tuple[Module, list[Diagnostic]]:
    """Parses a text as far as it can be.

    Returns:
        The tree, and the errors. After an error, the statements that do parse are kept, to be
        checked as well.
    """
    if found := precheck.refusals(source):
        return Module(source, (), complete=False), found
    try:
        statements = parse_statements(source, 0, len(source.text))
    except (UnexpectedInput, TooDeep):
        from lrdsl.text.recover import recover

        return recover(source)
    return Module(source, statements), []
