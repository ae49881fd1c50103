"""Words for lark's errors: what was found, what belongs there, and what was probably meant."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text.parse import MAX_DEPTH, Statement
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

_OPENERS = {"(": ")", "[": "]"}

# What a character that the language does not have was probably meant to be.
_CHARACTERS = {
    "|": "to put one part after another, write `>>`",
    ";": "statements need no separator: leave the `;` out",
    "'": 'text stands in double quotes: `lr["head"]`',
    "{": "the language has no braces: group with `(` and `)`",
    "}": "the language has no braces: group with `(` and `)`",
    "&": "the language has no `&`; several guards are separated by commas",
    "!": "compare with `!=`",
    "\u00a0": "this is a non-breaking space, often pasted from a web page: type an ordinary space",
    "\ufeff": "this is a byte order mark: delete it",
    "\u201c": 'text stands in straight double quotes: `lr["head"]`',
    "\u201d": 'text stands in straight double quotes: `lr["head"]`',
    "\u2018": 'text stands in straight double quotes: `lr["head"]`',
    "\u2019": 'text stands in straight double quotes: `lr["head"]`',
    "−": "this is a typographic minus: type `-`",
    "×": "multiply with `*`",
    "→": "to put one part after another, write `>>`",
    "»": "to put one part after another, write `>>`",
    ".": "a number needs a digit after its point: `5.0` or `5`",
    "%": "a percentage is written against its number: `10%`",
    '"': "a text ends on the line it starts on, with a second double quote",
}

# What was probably meant, by the token that was found and the text before it.
_HINTS = (
    ("STAR", r"\*\Z", "powers are written with `^`"),
    ("COMPARE", r"=\Z", "compare with `>=` or `<=`"),
    ("COMPARE", r"-\Z", "to put one part after another, write `>>`"),
    ("COMPARE", r"[<>=]", "comparisons do not chain: write two guards, with a comma between"),
    ("THEN", r">>\s*\Z", "one `>>` stands between two parts"),
    ("EQUAL", r"[<>=!]\s*\Z", "compare with `==`, `<=` or `>=`"),
    ("EQUAL", r"(?m)^\s*(?!let\b|param\b)\w+\s*\Z", "to name a value, write `let name = …`"),
    ("LPAR", r"\w\s+\Z", "the `(` of a call touches its name: remove the space"),
    ("TARGET", r"[(,]\s*\Z", "name an argument with `=`, as in `length = 20`"),
    ("NAME", r"[0-9]\s+\Z", "a unit is written against its number, as in `5ep`"),
)


def explain(stretch: Span, error: UnexpectedInput) -> Diagnostic:
    """The diagnostic for a syntax error that lark found in a stretch of a source."""
    if isinstance(error, UnexpectedCharacters):
        return _character(stretch, error)
    assert isinstance(error, UnexpectedToken)
    if error.token.type == "$END":
        return _end(stretch, error)
    start = stretch.start + (error.token.start_pos or 0)
    span = Span(stretch.source, start, start + len(error.token))
    before = stretch.source.text[stretch.start : start]
    hint = next(
        (
            text
            for token, tail, text in _HINTS
            if token == error.token.type and re.search(tail, before)
        ),
        "",
    )
    if not hint and error.token.type in {"RPAR", "RSQB"} and not _unclosed(before):
        hint = "nothing is open that it could close: remove it"
    expected = _expected(error)
    help = hint or (f"expected {expected}" if expected else "")
    return Diagnostic("unexpected-token", f"`{error.token}` does not belong here", help, span)


def _end(stretch: Span, error: UnexpectedToken) -> Diagnostic:
    # lark gives the end of input the place of the last token: the caret belongs behind that.
    offset = stretch.start + (error.token.end_pos or 0)
    span = Span(stretch.source, offset, offset)
    missing = _unclosed(stretch.source.text[stretch.start : offset])
    message = (
        "the text ends too early"
        if stretch.end == len(stretch.source.text)
        else ("the statement ends too early")
    )
    expected = _expected(error)
    if missing and "`" + missing + "`" in expected:
        expected = f"`{missing}`"
    return Diagnostic("unexpected-end", message, f"expected {expected}" if expected else "", span)


def _character(stretch: Span, error: UnexpectedCharacters) -> Diagnostic:
    start = stretch.start + (error.pos_in_stream or 0)
    char = stretch.source.text[start]
    span = Span(stretch.source, start, start + 1)
    name = unicodedata.name(char, "")
    shown = f"`{char}`" if char.isascii() and char.isprintable() else f"U+{ord(char):04X}"
    described = f"{shown} ({name.lower()})" if name and not char.isascii() else shown
    help = _CHARACTERS.get(char, "")
    if not help and unicodedata.category(char) in {"Cc", "Cf"}:
        help = "it cannot be seen: delete it"
    if not help and char.isalpha():
        help = "names are made of the letters a to z, digits and `_`"
    return Diagnostic("unexpected-character", f"{described} means nothing here", help, span)


def _expected(error: UnexpectedToken) -> str:
    """What could stand at the error, in words a user knows."""
    accepts = error.accepts or set()
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


def _part(token: str, accepts: Iterable[str]) -> bool:
    """Whether a token is one of the ways in which a value starts."""
    return token in {"CALLEE", "LPAR"} and "NUMBER" in set(accepts)


def _unclosed(text: str) -> str:
    """The bracket that would close the innermost one still open, or nothing."""
    stack: list[str] = []
    for char in text:
        if char in _OPENERS:
            stack.append(_OPENERS[char])
        elif stack and char == stack[-1]:
            stack.pop()
    return stack[-1] if stack else ""


def too_long(source: Source, limit: int) -> Diagnostic:
    """The diagnostic for a text over the limit of characters."""
    message = f"the text has {len(source.text):,} characters; the limit is {limit:,}"
    return Diagnostic("too-long", message, "split it into several files", Span(source, 0, 0))


def too_deep(statements: Iterable[Statement]) -> list[Diagnostic]:
    """The diagnostics for statements nested deeper than the limit."""
    found = []
    for statement in statements:
        if statement.depth > MAX_DEPTH:
            message = f"this is nested {statement.depth:,} deep; the limit is {MAX_DEPTH}"
            help = "give the inner parts names with `let`"
            found.append(Diagnostic("too-deep", message, help, _head(statement.span)))
    return found


def _head(span: Span) -> Span:
    return Span(span.source, span.start, min(span.end, span.start + 40))
