"""Words for syntax errors: what was found, what belongs there, and what was probably meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Set
from typing import cast

from lark import Token, UnexpectedInput, UnexpectedToken

from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix
from lrdsl.text.build import TooDeep, span_of
from lrdsl.text.characters import of_character
from lrdsl.text.grammar import parse_statements, tokens
from lrdsl.text.hints import Hint, closing, of_token, until
from lrdsl.text.source import Source, Span

# Lark's token for the end of the text. It has the place of the last token.
_END = "$END"
# A fix is tried out by parsing the statement again: not one longer than this, and not more often.
_TRIED = 2_000
_TIMES = 8


def explain(stretch: Span, error: UnexpectedInput, *, mend: bool = True) -> Diagnostic:
    """The diagnostic for a syntax error in a stretch of a source.

    Args:
        stretch: what was parsed.
        error: where that failed.
        mend: whether to look for a fix, which parses it again.
    """
    hint = _hint(stretch, error)
    fixes = _mended(stretch, hint) if mend and hint is not None else ()
    if not isinstance(error, UnexpectedToken):
        return character(stretch.source, stretch.start + offset(error), fixes)
    if error.token.type == _END:
        return _end(stretch, error, fixes)
    token = error.token
    if hint is None:
        expected = _expected(error.accepts)
        hint = Hint(f"expected {expected}" if expected else "")
    message = hint.message or f"`{token}` does not belong here"
    span = span_of(stretch, token)
    if hint.span is not None:
        start, end = hint.span
        span = Span(stretch.source, stretch.start + start, stretch.start + end)
    return Diagnostic(cast(Slug, hint.slug), message, hint.help, span, fixes=fixes)


def offset(error: UnexpectedInput) -> int:
    """Where a stretch stops being of the language, counted from its start."""
    if isinstance(error, UnexpectedToken) and error.token.type == _END:
        return error.token.end_pos or 0
    return error.pos_in_stream or 0


def _hint(stretch: Span, error: UnexpectedInput) -> Hint | None:
    """What was probably meant, for any syntax error."""
    if not isinstance(error, UnexpectedToken):
        return of_character(stretch.text, offset(error))
    if error.token.type == _END:
        before = list(tokens(stretch.text))
        place, missing = offset(error), closing(before)
        if not missing or not _closes(error.accepts, missing):
            return None
        return Hint("", place, place, missing, f"write `{missing}`")
    place = offset(error)
    return of_token(stretch, until(stretch.text, place, _lexed(stretch.text, place)), error.token)


def _lexed(text: str, place: int) -> list[Token]:
    """The tokens of a text up to a place; what stands after it may be of no language."""
    found: list[Token] = []
    for token in tokens(text):
        if (token.end_pos or 0) > place:
            break
        found.append(token)
    return found


def _closes(accepts: Set[str], missing: str) -> bool:
    """Whether the first of the missing brackets could stand at an error."""
    return {")": "RPAR", "]": "RSQB"}[missing[0]] in accepts


def _mended(stretch: Span, hint: Hint) -> tuple[Fix, ...]:
    """The fix that a hint gives, if the stretch is of the language with it.

    The same slip may be there several times, as in ``lr | cosine | const``: the fix mends all.
    """
    first, old = hint, stretch.text
    if hint.text is None or len(old) > _TRIED:
        return ()
    text = old
    for _ in range(_TIMES):
        assert hint.text is not None
        text = text[: hint.start] + hint.text + text[hint.end :]
        source = Source(stretch.source.name, text)
        try:
            parse_statements(source, 0, len(text))
        except TooDeep:
            return ()
        except UnexpectedInput as error:
            again = _hint(Span(source, 0, len(text)), error)
            if again is None or again.text is None or not _alike(again, first):
                return ()
            hint = again
        else:
            return (Fix(first.title or first.help, (_difference(stretch, text),), first.safe),)
    return ()


def _alike(hint: Hint, other: Hint) -> bool:
    """Whether two hints are about the same slip: they say the same but for the words in it."""
    return hint.help.partition("`")[0] == other.help.partition("`")[0] and hint.slug == other.slug


def _difference(stretch: Span, new: str) -> Edit:
    """The one edit that makes another text of a stretch."""
    old = stretch.text
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    place = stretch.start
    span = Span(stretch.source, place + start, place + len(old) - tail)
    return Edit(span, new[start : len(new) - tail])


def _end(stretch: Span, error: UnexpectedToken, fixes: tuple[Fix, ...]) -> Diagnostic:
    place = stretch.start + offset(error)
    span = Span(stretch.source, place, place)
    missing = closing(list(tokens(stretch.text)))[:1]
    whole = stretch.end == len(stretch.source.text)
    message = f"the {'text' if whole else 'statement'} ends too early"
    expected = _expected(error.accepts)
    if missing and f"`{missing}`" in expected:
        expected = f"`{missing}`"
    help = f"expected {expected}" if expected else ""
    return Diagnostic("unexpected-end", message, help, span, fixes=fixes)


def character(source: Source, start: int, fixes: tuple[Fix, ...] | None = None) -> Diagnostic:
    """The diagnostic for a character that has no place in the language.

    Args:
        source: the text.
        start: where it stands.
        fixes: what mends it; by default, the edit of that character alone.
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
    """What could stand at an error, in words a user knows, from the terminals that could."""
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
    """Whether a token is one of the ways in which a value starts."""
    return token in {"CALLEE", "LPAR"} and "NUMBER" in accepts
