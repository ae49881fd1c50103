"""The call that a place is in: what it calls, and which of its arguments is being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.analysis.called import Callables, Called
from lrdsl.record import record
from lrdsl.text.grammar import pieces_of_any

if TYPE_CHECKING:
    from lrdsl.text.source import Source

_OPEN, _CLOSE = {"LPAR", "LSQB"}, {"RPAR", "RSQB"}
_STATEMENTS = {"LET", "PARAM", "DEF", "SHAPE", "SCALAR", "RUN"}


@record
class Signature:
    """The signature of a call that is being written.

    Attributes:
        label: how it is called.
        about: its documentation.
        parameters: the text of each parameter in the label.
        active: which of them the place is in; None for none.
    """

    label: str
    about: str
    parameters: tuple[str, ...]
    active: int | None


@record
class OpenCall:
    """A call whose parentheses are around a place.

    Attributes:
        name: what it calls.
        before: how many arguments stand before the place.
        keyword: the name of the argument that the place is in, if it has one.
        given: the names of the arguments given by name before it.
    """

    name: str
    before: int
    keyword: str | None
    given: tuple[str, ...]


def open_call(text: str, offset: int) -> OpenCall | None:
    """The innermost call around a place, by the tokens before it.

    Args:
        text: any text.
        offset: the place.
    """
    pieces = list(pieces_of_any(text[:offset]))
    depth = before = 0
    names: list[str] = []
    keyword: str | None = None
    for k in range(len(pieces) - 1, -1, -1):
        kind, previous = pieces[k][1], pieces[k - 1] if k else (0, "", "")
        if kind in _STATEMENTS:
            return None
        if kind in _CLOSE:
            depth += 1
        elif kind in _OPEN and depth:
            depth -= 1
        elif kind == "LPAR" and previous[1] == "CALLEE":
            return OpenCall(previous[2], before, keyword, tuple(names))
        elif kind == "LSQB":  # the place is in a list, which is one argument
            before, keyword, names = 0, None, []
        elif kind == "COMMA" and not depth:
            before += 1
        elif kind == "EQUAL" and not depth and previous[1] == "NAME":
            if before or keyword is not None:
                names.append(previous[2])
            else:
                keyword = previous[2]
    return None


def signature(source: Source, offset: int, callables: Callables) -> Signature | None:
    """The signature of the call around a place of a document.

    Args:
        source: the text, and where it stands.
        offset: the place.
        callables: what its names stand for.
    """
    here = source.inner(offset)
    call = open_call(source.text, here) if here is not None else None
    called = callables.find(call.name) if call is not None else None
    if call is None or called is None or not called.parameters:
        return None
    shown = tuple(parameter.text for parameter in called.parameters)
    return Signature(called.signature, called.about, shown, _active(call, called))


def _active(call: OpenCall, called: Called) -> int | None:
    """The parameter that the place is in."""
    names: Sequence[str] = [parameter.name for parameter in called.parameters]
    if call.keyword is not None:
        return names.index(call.keyword) if call.keyword in names else None
    if call.before < len(names):
        return call.before
    is_open = names and names[-1] == "…"
    return len(names) - 1 if is_open else None
