"""Messages for syntax errors: the word found, those allowed there, and the likely intent."""

from __future__ import annotations

import unicodedata
from collections.abc import Set
from typing import cast

from lark import UnexpectedInput, UnexpectedToken

from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix
from lrdsl.record import replace
from lrdsl.text.build import span_of
from lrdsl.text.characters import of_character
from lrdsl.text.grammar import tokens
from lrdsl.text.hint import Hint, closing
from lrdsl.text.slips import END, Slip, offset, slips
from lrdsl.text.source import Source, Span


def explain(stretch: Span, error: UnexpectedInput, *, mend: bool = True) -> list[Diagnostic]:
    """The diagnostics for a statement that does not parse, the first one of the first slip.

    Args:
        stretch: the parsed stretch.
        error: where that failed.
        mend: True to look for fixes, and for slips after the first one.
    """
    found: list[Diagnostic] = []
    for slip in slips(stretch, error, mend=mend):
        told = _told(slip)
        before = slip.stretch.start
        start, end = slip.origin.of(told.span.start - before, told.span.end - before)
        span = Span(stretch.source, stretch.start + start, stretch.start + end)
        found.append(replace(told, span=span))
    return found


def _told(slip: Slip) -> Diagnostic:
    """The diagnostic for one slip, at its place among the slips that are mended."""
    stretch, error, hint = slip.stretch, slip.error, slip.hint
    if hint is not None and hint.span is not None and hint.message:
        start, end = hint.span
        span = Span(stretch.source, stretch.start + start, stretch.start + end)
        return Diagnostic(cast(Slug, hint.slug), hint.message, hint.help, span, fixes=slip.fixes)
    if not isinstance(error, UnexpectedToken):
        return character(stretch.source, stretch.start + offset(error), slip.fixes)
    if error.token.type == END:
        return _end(stretch, error, slip)
    token = error.token
    if hint is None:
        expected = _expected(error.accepts)
        hint = Hint(f"expected {expected}" if expected else "")
    message = hint.message or f"`{token}` does not belong here"
    return Diagnostic(
        cast(Slug, hint.slug), message, hint.help, span_of(stretch, token), fixes=slip.fixes
    )


def _end(stretch: Span, error: UnexpectedToken, slip: Slip) -> Diagnostic:
    place = stretch.start + offset(error)
    span = Span(stretch.source, place, place)
    missing = closing(list(tokens(stretch.text)))[:1]
    whole = stretch.end == len(stretch.source.text)
    message = f"the {'text' if whole else 'statement'} ends too early"
    expected = _expected(error.accepts)
    if missing and f"`{missing}`" in expected:
        expected = f"`{missing}`"
    help = f"expected {expected}" if expected else ""
    help = slip.hint.help if slip.hint is not None and slip.hint.help else help
    return Diagnostic("unexpected-end", message, help, span, fixes=slip.fixes)


def character(source: Source, start: int, fixes: tuple[Fix, ...] | None = None) -> Diagnostic:
    """The diagnostic for a character that has no place in the language.

    Args:
        source: the text.
        start: where it stands.
        fixes: its fixes; by default, the edit of that character alone.
    """
    char = source.text[start]
    span = Span(source, start, start + 1)
    name = unicodedata.name(char, "")
    shown = f"`{char}`" if char.isascii() and char.isprintable() else f"U+{ord(char):04X}"
    described = f"{shown} ({name.lower()})" if name and not char.isascii() else shown
    hint = of_character(source.text, start)
    if fixes is None:
        edits = () if hint.text is None else (Edit(Span(source, hint.start, hint.end), hint.text),)
        fixes = (Fix(hint.title or hint.help, edits, hint.safe),) if edits else ()
    message = f"{described} means nothing here"
    return Diagnostic("unexpected-character", message, hint.help, span, fixes=fixes)


def _expected(accepts: Set[str]) -> str:
    """The words allowed at an error, in terms a user knows, from the allowed terminals."""
    if "LET" in accepts and "THEN" in accepts:  # a statement could end here
        return "an operator such as `>>`, or the next statement"
    words: list[str] = []
    if "NUMBER" in accepts and "CALLEE" in accepts:
        words.append("a value")
    elif "NAME" in accepts:
        words.append("a name")
    named = {"CALLEE": "a name with `(`", "LPAR": "`(`", "EQUAL": "`=`", "COMMA": "`,`"}
    named |= {"RPAR": "`)`", "RSQB": "`]`", "COLON": "`:`", "STRING": "a name in double quotes"}
    words += [
        word for token, word in named.items() if token in accepts and not _part(token, accepts)
    ]
    if "THEN" in accepts and "RPAR" not in accepts and "RSQB" not in accepts:
        words.append("an operator such as `>>`")
    return " or ".join(words[-3:]) if len(words) < 3 else ", ".join(words[:-1]) + " or " + words[-1]


def _part(token: str, accepts: Set[str]) -> bool:
    """True if a token is one of the ways in which a value starts."""
    if token == "STRING":
        return "CALLEE" in accepts
    return token in {"CALLEE", "LPAR"} and "NUMBER" in accepts
