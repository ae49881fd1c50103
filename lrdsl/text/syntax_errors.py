"""Words for syntax errors: what was found, what belongs there, and what was probably meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from itertools import takewhile

from lark import Token, UnexpectedInput, UnexpectedToken

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text.build import span_of
from lrdsl.text.grammar import tokens
from lrdsl.text.source import Source, Span

# Lark's token for the end of the text. It has the place of the last token.
_END = "$END"
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
    "\ufeff": "this is a byte order mark, which only has a place at the start of a file: delete it",
    "\r": "a carriage return without a line feed ends no line: end lines with LF or CR LF",
    "\ufffd": "this was not UTF-8: save the file as UTF-8",
    "−": "this is a typographic minus: type `-`",
    "×": "multiply with `*`",
    "→": "to put one part after another, write `>>`",
    "»": "to put one part after another, write `>>`",
    ".": "a number needs a digit next to its point: `0.5` or `.5`",
    "%": "a percentage is written against its number: `10%`",
    '"': "a text ends on the line it starts on, with a second double quote",
    "\\": "a statement may run over several lines as it is: leave the `\\` out",
}
_CHARACTERS |= dict.fromkeys(
    "\u201c\u201d\u201e\u2018\u2019", 'text stands in straight double quotes: `lr["head"]`'
)

# What follows from the type of the token that was found and that of the token before it.
_PAIRS = {
    ("STAR", "STAR"): "powers are written with `^`",
    ("SLASH", "SLASH"): "a comment starts with `#`",
    ("SLASH", "STAR"): "a comment starts with `#`",
    ("COMPARE", "COMPARE"): "to put one part after another, write `>>`",
    ("MINUS", "COMPARE"): "to put one part after another, write `>>`",
    ("THEN", "COMPARE"): "one `>>` stands between two parts",
    ("THEN", "THEN"): "one `>>` stands between two parts",
    ("", "THEN"): "`>>` stands between two parts, and nothing comes before it",
    ("COMPARE", "EQUAL"): "compare with `==`, `<=` or `>=`",
    ("EQUAL", "COMPARE"): "compare with `>=` or `<=`",
    ("EQUAL", "EQUAL"): "compare with `==`, `<=` or `>=`",
    ("DEF", "NAME"): "a `def` takes arguments, as in `def f(n)`; a `let` names a value",
    ("SHAPE", "NAME"): "a `shape` takes arguments, as in `shape f(n)`",
}

# Units as they are torn from their numbers, and as they are written.
_UNITS = {"ep": "ep", "epoch": "ep", "epochs": "ep", "st": "st", "step": "st", "steps": "st"}
_UNITS |= {"k": "k", "M": "M", "B": "B", "percent": "%", "pct": "%"}


def explain(stretch: Span, error: UnexpectedInput) -> Diagnostic:
    """The diagnostic for a syntax error in a stretch of a source."""
    if not isinstance(error, UnexpectedToken):
        return character(stretch.source, stretch.start + offset(error))
    if error.token.type == _END:
        return _end(stretch, error)
    token, place = error.token, offset(error)
    before = list(takewhile(lambda t: (t.end_pos or 0) <= place, tokens(stretch.text)))
    found = _detached(stretch, before, token) or _comma(stretch, before, token)
    if found:
        return found
    help = _hint(stretch, before, token)
    if not help and (expected := _expected(error.accepts)):
        help = f"expected {expected}"
    message = f"`{token}` does not belong here"
    return Diagnostic("unexpected-token", message, help, span_of(stretch, token))


def offset(error: UnexpectedInput) -> int:
    """Where a stretch stops being of the language, counted from its start."""
    if isinstance(error, UnexpectedToken) and error.token.type == _END:
        return error.token.end_pos or 0
    return error.pos_in_stream or 0


def _detached(stretch: Span, before: list[Token], token: Token) -> Diagnostic | None:
    """The diagnostic for the `(` of a call that does not touch its name."""
    heads = [*before, token]
    opened = _open(before)
    if token.type == "LPAR":
        place = len(before)
    elif token.type in {"COMMA", "EQUAL", "TARGET"} and opened and before[opened[-1]] == "(":
        place = opened[-1]
    elif token.type == "NAME" and before and before[-1].type in {"DEF", "SHAPE"}:
        gap = re.match(r"[ \t]+\(", stretch.text[token.end_pos :])
        span = span_of(stretch, token)
        whole = Span(span.source, span.start, span.end + (gap.end() if gap else 0))
        return detached(str(token), whole) if gap else None
    else:
        return None
    if not place or heads[place - 1].type != "NAME":
        return None
    name = heads[place - 1]
    return detached(str(name), span_of(stretch, name).to(span_of(stretch, heads[place])))


def detached(name: str, span: Span) -> Diagnostic:
    """The diagnostic for a call whose `(` does not touch its name."""
    message = f"the `(` of a call touches its name, as in `{name}(`"
    return Diagnostic("detached-call", message, "remove the space", span)


def _comma(stretch: Span, before: list[Token], token: Token) -> Diagnostic | None:
    """The diagnostic for a decimal comma where no list of things can stand."""
    if token.type != "COMMA" or not before or not before[-1].isdecimal():
        return None
    digits = "".join(takewhile(str.isdecimal, stretch.text[token.end_pos :]))
    if not digits or before[-1].end_pos != token.start_pos:
        return None
    whole = span_of(stretch, before[-1])
    span = Span(whole.source, whole.start, whole.end + 1 + len(digits))
    message = f"`{span.text}` is not a number"
    return Diagnostic("decimal-comma", message, f"write `{before[-1]}.{digits}`", span)


def _hint(stretch: Span, before: list[Token], token: Token) -> str:
    """What was probably meant, or nothing."""
    last = before[-1] if before else None
    after = stretch.text[token.end_pos :].lstrip()
    opened = _open(before)
    unit = _UNITS.get(token)
    if unit and last and last.type == "NUMBER":
        return f"a unit is written against its number: `{last}{unit}`"
    if token.type in {"RPAR", "RSQB"} and not opened:
        return f"nothing is open that this `{token}` could close"
    if token.type == "TARGET" and opened:
        return f"name an argument with `=`: `{token} = …`"
    if token.type == "WHERE":
        return "`where` stands before the `=` of its definition"
    if token.type == "SLASH" and after[:1] in {"/", "*"}:
        return "a comment starts with `#`"
    if token.type == "EQUAL" and last and last.type == "NAME" and not opened:
        return "write `lr: …`" if last == "lr" else f"to name a value, write `let {last} = …`"
    if token.type == "COMMA" and not opened:
        if re.match(r"[A-Za-z_]\w*\s*=[^=]", after):
            return "every definition starts with a `let` of its own"
        return "to put one part after another, write `>>`"
    return _PAIRS.get((last.type if last else "", token.type), "")


def _open(before: list[Token]) -> list[int]:
    """Where the brackets are that are still open."""
    opened: list[int] = []
    for place, token in enumerate(before):
        if token in _OPENERS:
            opened.append(place)
        elif opened and token == _OPENERS[before[opened[-1]]]:
            opened.pop()
    return opened


def _end(stretch: Span, error: UnexpectedToken) -> Diagnostic:
    place = stretch.start + offset(error)
    span = Span(stretch.source, place, place)
    opened = list(tokens(stretch.text))
    missing = [_OPENERS[opened[place]] for place in _open(opened)][-1:]
    whole = stretch.end == len(stretch.source.text)
    message = f"the {'text' if whole else 'statement'} ends too early"
    expected = _expected(error.accepts)
    if missing and f"`{missing[0]}`" in expected:
        expected = f"`{missing[0]}`"
    return Diagnostic("unexpected-end", message, f"expected {expected}" if expected else "", span)


def character(source: Source, start: int) -> Diagnostic:
    """The diagnostic for a character that has no place in the language."""
    char = source.text[start]
    span = Span(source, start, start + 1)
    name = unicodedata.name(char, "")
    shown = f"`{char}`" if char.isascii() and char.isprintable() else f"U+{ord(char):04X}"
    described = f"{shown} ({name.lower()})" if name and not char.isascii() else shown
    help = _CHARACTERS.get(char, "")
    if not help and (0x202A <= ord(char) <= 0x202E or 0x2066 <= ord(char) <= 0x2069):
        help = "this turns the direction of the text that follows: delete it"
    elif not help and unicodedata.category(char) in {"Cc", "Cf", "Zs"}:
        help = "this character cannot be seen: delete it"
    elif not help and not char.isascii():
        help = (
            _spelled(source.text, start) or "names are made of the letters a to z, digits and `_`"
        )
    return Diagnostic("unexpected-character", f"{described} means nothing here", help, span)


def _spelled(text: str, start: int) -> str:
    """What the word around a letter of another alphabet reads as, or nothing."""
    from lrdsl.text.confusables import latin

    before = re.search(r"\w*\Z", text[max(0, start - 40) : start])
    after = re.match(r"\w*", text[start : start + 40])
    assert before and after
    word, letter = latin(before[0] + after[0]), latin(text[start])
    return f"this looks like the letter `{letter}`: write `{word}`" if word and letter else ""


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
