"""Comments as other languages write them: ``--``, ``//``, ``/* … */``, ``<!-- … -->`` and others.

What such a comment says parses as a sentence, a formula or nothing at all, and gives errors of
its own. So where a text has errors in one, the text is read once more without the comment.
Loaded only where a text has errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.record import record, replace
from lrdsl.text.source import Source, Span

_HELP = "a comment starts with `#`"
# Some signs mean something else between two parts: after them, only a row of words is a comment.
_PROSE = r"(?=[ \t]*[A-Za-z]+(?:[ \t]+[A-Za-z',.]+)+[ \t]*$)"
_COMMENT = re.compile(
    r"""
    (?P<own>\#[^\n]*|"(?!"")[^"\n]*"(?!"))
    |(?P<mark>//|(?<![^\s])--(?=\s)|^[ \t]*--(?![->])|^[ \t]*[;%!](?![=])|(?:;|(?<![0-9])%)"""
    + _PROSE
    + r""")(?P<line>[^\n]*)
    |(?P<open>/\*|<!--|\"{3}|'{3})(?P<block>.*?)(?P<close>\*/|-->|\"{3}|'{3}|\Z)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_NOTHING = re.compile(r"[ \t]*(?:\n|\Z)")
_KEYWORD = re.compile(r"[ \t]*(?:let|param|def|shape|run)\b")


@record
class Comment:
    """A comment of another language.

    Attributes:
        mark: the sign it starts with.
        span: all of it.
        text: how it is written here; None if it has no end.
        is_certain: True if it can be nothing else, as on a line of its own.
    """

    mark: Span
    span: Span
    text: str | None
    is_certain: bool


def without_comments(
    source: Source, errors: list[Diagnostic], read: Callable[[Source], list[Diagnostic]]
) -> list[Diagnostic]:
    """The errors of a text, with one for each comment of another language that has some.

    Args:
        source: the text.
        errors: what is wrong with it as it is.
        read: gives the errors of a text.
    """
    if len(source.text) > limits.TOKENS or any(error.slug == "too-long" for error in errors):
        return errors
    found = [
        comment
        for comment in _comments(source)
        if comment.is_certain or any(_meets(error.span, comment.span) for error in errors)
    ]
    if not found:
        return errors
    # A comment without an end may be all of the text that follows.
    ended = all(comment.text is not None for comment in found)
    others = read(replace(source, text=_blanked(source.text, found))) if ended else []
    return [*map(_error, found), *(_moved(error, source) for error in others)]


def _blanked(text: str, comments: Iterable[Comment]) -> str:
    """The text with blanks for the comments, so that all else keeps its place."""
    pieces, place = [], 0
    for comment in comments:
        pieces += [text[place : comment.span.start], re.sub(r"[^\n]", " ", comment.span.text)]
        place = comment.span.end
    return "".join([*pieces, text[place:]])


def _comments(source: Source) -> Iterator[Comment]:
    for match in _COMMENT.finditer(source.text):
        if match["own"] is not None:
            continue
        start, end = match.span()
        if match["mark"] is not None:
            sign, said = match["mark"].lstrip(), match["line"]
            if (sign == ";" and _KEYWORD.match(said)) or (sign == "//" and _closes(said)):
                continue
            start = match.end("mark") - len(sign)
            line = source.text[source.text.rfind("\n", 0, start) + 1 : start]
            mark = Span(source, start, match.end("mark"))
            certain = sign == "//" or not line.strip()
            yield Comment(mark, Span(source, start, end), f"#{said}", certain)
        else:
            mark = Span(source, *match.span("open"))
            follows = _NOTHING.match(source.text, end) is None
            closed = _block(match["block"], follows) if match["close"] else None
            yield Comment(mark, Span(source, start, end), closed, True)


def _closes(said: str) -> bool:
    """True if a line closes a bracket that was open: ``cosine(100 // 3)`` has no comment."""
    return said.count(")") + said.count("]") > said.count("(") + said.count("[")


def _block(said: str, follows: bool) -> str:
    """A comment that has an end of its own, line by line; what follows it starts a new line."""
    lines = [line.strip().lstrip("*").strip() for line in said.strip().split("\n")]
    text = "\n".join([f"# {line}".rstrip() for line in lines])
    return text + "\n" if follows else text


def _meets(span: Span, comment: Span) -> bool:
    return span.start < comment.end and comment.start < max(span.end, span.start + 1)


def _error(comment: Comment) -> Diagnostic:
    message = f"`{comment.mark.text}` does not belong here"
    fixes = (
        () if comment.text is None else (fix(comment.span, comment.text, "write `#`", safe=True),)
    )
    return Diagnostic("unexpected-token", message, _HELP, comment.mark, fixes=fixes)


def _moved(error: Diagnostic, source: Source) -> Diagnostic:
    """An error of the text without comments, in the text as it was written."""

    def own(span: Span) -> Span:
        return Span(source, span.start, span.end)

    fixes = [
        Fix(f.title, tuple(Edit(own(e.span), e.text) for e in f.edits), f.safe) for f in error.fixes
    ]
    return replace(error, span=own(error.span), fixes=tuple(fixes))
