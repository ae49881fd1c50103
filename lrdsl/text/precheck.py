"""Checks of a text before it is parsed: its size, and characters that hide something.

Everything here is a search with a regular expression, which takes some milliseconds for a megabyte;
the parser would take seconds to come to the same end. An ordinary text is known as one without any,
so that the expressions are compiled, by ``re`` and once, only for others.
"""

from __future__ import annotations

import re

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.text.source import Source, Span

# Comments, as many as follow each other, and quoted names.
_QUIET = r'(?:#[^\n]*\s*)+|"[^"\n]*"'
_TOKEN = r"[\w.]+|>>|[=!<>]=|[^\w\s]"
_BRACKETS = r"[()\[\],]"
# Characters that cannot be seen, that change the direction of the text around them, or that are no
# character at all; and a carriage return that some programs show as the end of a line.
HIDDEN = (
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffd\ud800-\udfff]|\r(?!\n)"
)


def refusals(source: Source) -> list[Diagnostic]:
    """The reasons not to parse a text; usually none."""
    text = source.text
    if len(text) > limits.CHARACTERS:
        # A file is not read any further than this, so the number of them is unknown.
        shown, limit = f"more than {limits.CHARACTERS:,} characters", f"{limits.CHARACTERS:,}"
        return [_too_long(Span(source, 0, 0), "the text has", shown, limit)]
    found = [] if _is_plain(text) or not re.search(HIDDEN, text) else _hidden(source)
    return found or ([] if _is_small(text) else _too_large(source))


def _is_plain(text: str) -> bool:
    """True if a text has nothing but visible ASCII characters, blanks and ends of lines."""
    return text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()


def _is_small(text: str) -> bool:
    """True if a text is below every limit at first sight."""
    if len(text) <= limits.WORD:
        return True
    few = text.count("(") + text.count("[") <= limits.DEPTH and text.count(",") < limits.ITEMS
    short = len(text) <= limits.TOKENS and '"' not in text
    return few and short and max(map(len, text.split()), default=0) <= limits.WORD


def _hidden(source: Source) -> list[Diagnostic]:
    """Hidden characters where the parser would not find them: in comments and in quoted names.

    A carriage return alone looks like the end of a comment, and is not. Others are harmless there.
    """
    from lrdsl.text import syntax_errors

    found: list[int] = [match.start() for match in re.finditer("\r(?!\n)", source.text)]
    for match in re.finditer(_QUIET, source.text):
        if match[0][0] == '"':
            inside = re.finditer(HIDDEN, match[0])
            found += [match.start() + h.start() for h in inside if h[0] != "\r"]
    return [syntax_errors.character(source, start) for start in sorted(found)[: limits.ERRORS + 1]]


def _too_large(source: Source) -> list[Diagnostic]:
    code = re.sub(_QUIET, _blank, source.text)
    if long := re.search(rf"[\w.]{{{limits.WORD + 1},}}", code):
        return [_long_word(Span(source, *long.span()), long[0])]
    many = code.count("(") + code.count("[") > limits.DEPTH or code.count(",") >= limits.ITEMS
    if many and (found := _brackets(source, code)):
        return [found]
    if len(code) > limits.TOKENS:
        _, count = re.subn(_TOKEN, "", code)
        if count > limits.TOKENS:
            shown, limit = f"{count:,} words, numbers and signs", f"{limits.TOKENS:,}"
            return [_too_long(Span(source, 0, 0), "the text has", shown, limit)]
    return []


def _blank(match: re.Match[str]) -> str:
    """The replacement of a comment or a quoted name, of the same length."""
    return ("_" if match[0][0] == '"' else " ") * len(match[0])


def _brackets(source: Source, code: str) -> Diagnostic | None:
    """Reports nesting that is too deep, and lists that are too long."""
    opened: list[int] = []
    commas: list[int] = []  # within each bracket that is open
    square = 0
    for match in re.finditer(_BRACKETS, code):
        sign = match[0]
        if sign == ",":
            if commas:
                commas[-1] += 1
                if commas[-1] >= limits.ITEMS:
                    return _too_many_items(Span(source, opened[-1], match.end()))
        elif sign in "([":
            opened.append(match.start())
            commas.append(0)
            # A `[` that a `)` closes is an error, and still makes the lexer look for its `]`.
            square += sign == "["
            if max(len(opened), square) > limits.DEPTH:
                return too_deep(Span(source, *match.span()))
        else:
            square -= sign == "]" and square > 0
            if opened:
                opened.pop()
                commas.pop()
    return None


def attached(gap: Span) -> tuple[Fix, ...]:
    """The fix of a call whose `(` does not touch its name; none if a comment is between them.

    Args:
        gap: the text between them.
    """
    if gap.text.strip():
        return ()
    return (fix(gap, "", "remove the space", safe="\n" not in gap.text),)


def too_deep(span: Span) -> Diagnostic:
    """The diagnostic for an expression in too many others."""
    message = f"this is nested more than {limits.DEPTH} deep"
    return Diagnostic("too-deep", message, "give the inner parts names with `let`", span)


def _too_long(span: Span, what: str, amount: str, limit: str) -> Diagnostic:
    message = f"{what} {amount}; the limit is {limit}"
    return Diagnostic("too-long", message, "split it into several files", span)


def _long_word(span: Span, word: str) -> Diagnostic:
    if word[0].isdecimal():
        message = f"this number has {len(word):,} characters; the limit is {limits.DIGITS} digits"
        return Diagnostic("bad-number", message, "write fewer digits, or an exponent: `1e9`", span)
    message = f"this word has {len(word):,} characters; the limit is {limits.WORD}"
    return Diagnostic("too-long", message, "choose a shorter name", span)


def _too_many_items(span: Span) -> Diagnostic:
    message = f"there are more than {limits.ITEMS:,} items in these brackets"
    help = "a formula says in one line what a list of so many values does: see `lrdsl shapes`"
    return Diagnostic("too-many-items", message, help, span)
