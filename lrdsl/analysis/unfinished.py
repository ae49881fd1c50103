"""Text that is being typed: what it says so far, without what does not parse yet.

What is in the way is replaced by blanks and what is open is closed, so that every place stays where
it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lark import UnexpectedInput

from lrdsl.check.check import check
from lrdsl.check.reading import Reading, explained, read, too_deep
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.text import slips
from lrdsl.text.build import TooDeep
from lrdsl.text.grammar import parse_statements, pieces_of_any
from lrdsl.text.nodes import Module, RunStatement, Statement, module_of
from lrdsl.text.recover import stretches
from lrdsl.text.source import Source

_CLOSING = {"LPAR": ")", "LSQB": "]"}
_CLOSED = {"RPAR": "LPAR", "RSQB": "LSQB"}
# How many tokens before the error are tried without, and how many texts are looked at.
_BACK, _TRIES = 4, 24

_Piece = tuple[int, str, str]
_Statements = Sequence[Statement | RunStatement]


def read_any(source: Source) -> tuple[Reading, list[Diagnostic]]:
    """Parses and checks a text, whatever it is like.

    Args:
        source: the text.

    Returns:
        The reading, and what is wrong with the text.
    """
    try:
        reading = read(source)
        return reading, explained(reading) if reading.errors else []
    except LrsError as error:
        nothing = module_of(source, ())
        return Reading(nothing, None, None, error.diagnostics), [*error.diagnostics]


def finished(reading: Reading) -> Reading | None:
    """A text that does not parse, read without what is in the way.

    Args:
        reading: the text, as far as it parses.

    Returns:
        The reading of what is left, without errors if there is such a one; its places are those of
        the text. None if nothing is left that parses.
    """
    module = reading.module
    text = module.source.text
    found: Reading | None = None
    for start, end in stretches(module.source):
        error = _error(module, start, end)
        if error is None:
            continue
        others = [s for s in module.written if not start <= s.span.start < end]
        best: Reading | None = None
        for candidate in _candidates(text, start, end, error):
            statements = _parsed(module, start, end, candidate)
            if statements is not None:
                made = _checked(
                    module_of(module.source, sorted((*others, *statements), key=_start))
                )
                best = best or made
                if not made.errors:
                    best = made
                    break
        if best is None:
            return None
        module, found = best.module, best
    return found


def _start(statement: Statement | RunStatement) -> int:
    return statement.span.start


def _error(module: Module, start: int, end: int) -> int | None:
    """Where a stretch of a text does not parse; None if it does."""
    try:
        parse_statements(module.source, start, end)
    except UnexpectedInput as error:
        return min(start + slips.offset(error), end)
    except TooDeep:
        return None
    return None


def _parsed(module: Module, start: int, end: int, text: str) -> _Statements | None:
    """The statements of a stretch, with another text in its place; None where it does not parse."""
    try:
        return parse_statements(module.source, start, end, text)
    except (UnexpectedInput, TooDeep):
        return None


def _checked(module: Module) -> Reading:
    try:
        with too_deep(module.source):
            drives, stated, errors = check(module)
        return Reading(module, drives, stated, tuple(errors))
    except LrsError as error:
        return Reading(module, None, None, error.diagnostics)


def _candidates(text: str, start: int, end: int, error: int) -> Iterator[str]:
    """What may parse in place of a stretch, what keeps more of it first."""
    pieces = [(start + at, kind, piece) for at, kind, piece in pieces_of_any(text[start:end])]
    before = sum(at + len(piece) <= error for at, _, piece in pieces)
    in_line = sum("\n" not in text[start:at] for at, _, _ in pieces)
    tried: set[str] = set()
    for left_out in (*_left_out(before, len(pieces)), range(in_line)):
        kept = [piece for k, piece in enumerate(pieces) if k not in left_out]
        found = _closed(text, start, end, kept, [pieces[k] for k in left_out])
        if found is not None and found not in tried:
            tried.add(found)
            yield found
        if len(tried) >= _TRIES:
            return


def _left_out(error: int, count: int) -> Iterator[range]:
    """Which tokens to leave out: some before the error, the one at it, or all from there on."""
    for back in range(min(_BACK, error) + 1):
        yield range(error - back, error)
    if error < count:
        for back in range(min(_BACK, error) + 1):
            yield range(error - back, error + 1)
    for back in range(min(_BACK, error) + 1):
        yield range(error - back, count)


def _closed(
    text: str, start: int, end: int, kept: Sequence[_Piece], left_out: Sequence[_Piece]
) -> str | None:
    """A stretch without some tokens, every bracket closed; None where there is no room for that."""
    for at, _, piece in left_out:
        text = text[:at] + re.sub(r"[^\n]", " ", piece) + text[at + len(piece) :]
    open_: list[str] = []
    for _, kind, _ in kept:
        if kind in _CLOSING:
            open_.append(kind)
        elif kind in _CLOSED and (not open_ or open_.pop() != _CLOSED[kind]):
            return None
    closing = "".join(_CLOSING[kind] for kind in reversed(open_))
    if not closing:
        return text[start:end]
    last = kept[-1][0] + len(kept[-1][2])
    if end == len(text):  # whatever follows is a comment
        return text[start:last] + closing
    room = text[last : min(end, last + len(closing))]
    if len(room) < len(closing) or room.strip(" \t\r\n"):
        return None  # what follows would move, or a comment would swallow it
    return text[start:last] + closing + text[last + len(closing) : end]
