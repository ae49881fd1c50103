"""Parsing on after an error, so that one run reports every broken statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lark import UnexpectedInput

from lrdsl import limits
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text import slips, syntax_errors
from lrdsl.text.build import TooDeep
from lrdsl.text.grammar import parse_statements
from lrdsl.text.nodes import Definition, Module, RunStatement, Statement, module_of
from lrdsl.text.precheck import too_deep
from lrdsl.text.source import Source, Span

# How many errors of a text are worth a fix, for which a statement is parsed again.
_MENDED = 20
# Where parsing may start again: a line that opens a statement. An indented `name:` may as well be
# an argument in the style of another language, in a call that is still open.
_STATEMENT = re.compile(
    r"^(?:[ \t]*(let|param|def|shape)\b[ \t]*"
    r"(?:[A-Za-z_]\w*[ \t]+(?=[A-Za-z_]\w*[ \t]*=))?([A-Za-z_]\w*)?"
    r"|[ \t]*run[ \t]+[\w.]+[ \t]*=(?!=)"
    r'|(?:scalar[ \t]+)?[A-Za-z_]\w*[ \t]*(?:\[(?:"[^"\n]*"|[^\]"\n]*)\][ \t]*)?:)',
    re.MULTILINE,
)
_ASSIGNMENT = re.compile(
    r"(?:\s|#.*\n)*(?:(?:var|const|set|val|final|local|int|float|auto)[ \t]+)?"
    r"([A-Za-z_]\w*)(\([^()=]*\))?[ \t]*:?=(?!=)"
)
_MORE = re.compile(r",[ \t]*([A-Za-z_]\w*)[ \t]*=(?!=)")
_LINE = re.compile(r"^[A-Za-z_]", re.MULTILINE)


def recover(source: Source) -> tuple[Module, list[Diagnostic]]:
    """Parses each stretch between statement lines by itself.

    Returns:
        The tree, in which a broken definition has no body, and the errors.
    """
    statements: list[Statement | RunStatement] = []
    errors: list[Diagnostic] = []
    for start, end in stretches(source):
        try:
            statements += parse_statements(source, start, end)
        except TooDeep as error:
            errors.append(too_deep(error.span))
            statements += _named(source, start)
        except UnexpectedInput as error:
            stretch, mend = Span(source, start, end), len(errors) < _MENDED
            errors += syntax_errors.explain(stretch, error, mend=mend)
            statements += _named(source, start)
            statements += _resume(source, start + slips.offset(error), end)
        if len(errors) > limits.ERRORS:
            break
    return module_of(source, statements, complete=False), errors


def stretches(source: Source) -> list[tuple[int, int]]:
    """The stretches between statement lines, each with its start and end, which are all of a text.

    Args:
        source: the text.
    """
    cuts = [match.start() for match in _STATEMENT.finditer(source.text)]
    return [*pairwise(_whole(source, sorted({0, *cuts, len(source.text)})))]


def _whole(source: Source, bounds: list[int]) -> list[int]:
    """The bounds without those that cut through a call: an argument can look like a target.

    It does in ``cosine(`` on one line and ``length: 20)`` on the next, where the bracket that the
    first line opens is closed by the second.
    """
    kept = bounds[:1]
    for place, end in pairwise(bounds[1:]):
        before = _opened(source.text[kept[-1] : place])
        keyword = (found := _STATEMENT.match(source.text, place)) is not None and found[1]
        if keyword or not before or before + _opened(source.text[place:end]) != 0:
            kept.append(place)
    return [*kept, bounds[-1]]


def _opened(text: str) -> int:
    """How many more brackets a text opens than it closes, outside comments and names."""
    code = re.sub(r'#[^\n]*|"[^"\n]*"', "", text)
    return sum(map(code.count, "([")) - sum(map(code.count, ")]"))


def _named(source: Source, start: int) -> Iterator[Definition]:
    """The name that a broken statement defines, so that its uses are no errors."""
    if (broken := _STATEMENT.match(source.text, start)) and broken[2]:
        span = Span(source, *broken.span(2))
        function = broken[1] == "let" and source.text[span.end : span.end + 1] == "("
        yield Definition(span, "def" if function else broken[1], broken[2], span, None)
        line = source.text[broken.start() :].partition("\n")[0]
        for more in (
            _MORE.finditer(line) if broken[1] in {"let", "param"} and "(" not in line else ()
        ):
            span = Span(source, *(broken.start() + place for place in more.span(1)))
            yield Definition(span, broken[1], more[1], span, None)
    elif named := _ASSIGNMENT.match(source.text, start):  # reported, and meant as a definition
        span = Span(source, *named.span(1))
        yield Definition(span, "def" if named[2] else "let", named[1], span, None)


def _resume(source: Source, error: int, end: int) -> tuple[Statement | RunStatement, ...]:
    """What parses from the next line on that is not indented; nothing where it does not.

    A schedule has no keyword, so that it stands in one stretch with the definition before it.
    """
    line = _LINE.search(source.text, error, end)
    if not line:
        return ()
    try:
        return parse_statements(source, line.start(), end)
    except (UnexpectedInput, TooDeep):
        return ()
