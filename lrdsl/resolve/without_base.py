"""Refuses `base` and `own` in a scalar: no optimizer has one for it.

Loaded where a scalar comes to one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check import library
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix
from lrdsl.formula.formula import own_key
from lrdsl.schedule.block import Ref
from lrdsl.schedule.endpoints import Node, circular
from lrdsl.schedule.shape import ShapeBlock
from lrdsl.schedule.written import given_to, written_at
from lrdsl.text.nodes import Call, Definition, Name
from lrdsl.wording import on_one_line

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.schedule.sequence import SequenceBlock
    from lrdsl.text.source import Span

_BASE = "base"
# A longer call is not shown as a whole.
_LONG = 60
# A call in the text, and the definition that it is of.
Written = tuple[Call | Name, Definition]


def refusals(target: Target, chain: SequenceBlock) -> list[Diagnostic]:
    """The errors of a scalar whose values are not all numbers.

    Args:
        target: the scalar.
        chain: its blocks, of which one mentions `base`, a word that has nothing else to be, or a
            number of the parameter groups.
    """
    refs: dict[str, Ref] = {}
    chain.link(None, None, refs)
    shapes = [block for block in chain.walk() if isinstance(block, ShapeBlock)]
    nodes: dict[str, Node] = {
        word: (shape.place, word.partition("@")[0])
        for shape in shapes
        for formula in shape.arguments.values()
        for word in formula.names
        if word in refs
    }
    circles = circular(refs, nodes)
    # One place may have many blocks, as in the layouts of a `repeat`.
    doubted: dict[tuple[Span, str], tuple[ShapeBlock, str]] = {}
    for shape in shapes:
        for parameter, formula in shape.arguments.items():
            for why in filter(None, (_why(word, refs, circles) for word in sorted(formula.names))):
                doubted.setdefault((shape.span, parameter), (shape, why))
    found: dict[tuple[Span, str], Diagnostic] = {}
    for shape in shapes:
        for word in sorted({name for given in shape.arguments.values() for name in given.names}):
            if own_key(word) is not None and len(found) < limits.ERRORS:
                found.setdefault((shape.span, word), _of_a_group(target, shape.span, word))
    for (span, parameter), (shape, why) in islice(doubted.items(), limits.ERRORS):
        own, name, written = _written(shape, parameter)
        place = f"`{own}`" if shape.definition is None else f"`{name}` of `{own}`"
        message = f"`scalar {target.key}` has no `base`: {place} {why}"
        found.setdefault((span, name), _diagnostic(message, span, name, written))
    return list(found.values())


def _written(shape: ShapeBlock, parameter: str) -> tuple[str, str, Written | None]:
    """The part that an argument is written in, and what it is there; None where it has no place.

    A schedule of the library, such as `wsd`, is one part, whose peak is `base` by default.
    """
    call = written_at(shape.span)
    if call is None or shape.definition is None:
        return shape.name, parameter, None
    if call.id == shape.definition.name:
        return call.id, parameter, (call, shape.definition)
    definition = library.find(call.id)
    for own in () if definition is None else definition.parameters:
        if definition and isinstance(own.default, Name) and own.default.id == _BASE:
            return call.id, own.name, (call, definition)
    return shape.name, parameter, None


def _why(word: str, refs: Mapping[str, Ref], circles: set[str]) -> str | None:
    """What is wrong with an argument that mentions a word, if that comes to `base`."""
    kind = word.partition("@")[0]
    if word == _BASE:
        return "mentions it"
    if word in refs and refs[word] is None:
        place = "before" if kind == "prev" else "after"
        return f"is the value {place} it, and nothing comes {place}"
    if word in circles and kind == "next":
        # Every circle of words has a `next`, and the part that asks for it is where it is opened.
        return "and the part after it refer to each other"
    return None


def _of_a_group(target: Target, span: Span, word: str) -> Diagnostic:
    message = f"`scalar {target.key}` is a number of no parameter group, and `{word}` reads one"
    return Diagnostic("base-in-scalar", message, "write the number that is meant", span)


def _diagnostic(message: str, span: Span, parameter: str, written: Written | None) -> Diagnostic:
    """The error, with the fix that writes a number, which can only be guessed."""
    fixes: tuple[Fix, ...] = ()
    help = "write the number that is meant"
    if written is not None:
        fixes = given_to(*written, parameter, "1")
    for found in fixes[:1]:
        (edit,) = found.edits
        start, end = edit.span.start - span.start, edit.span.end - span.start
        text = on_one_line(f"{span.text[:start]}{edit.text}{span.text[end:]}")
        help += f", as in `{text}`" if len(text) <= _LONG else f", as in `{parameter} = 1`"
    return Diagnostic("base-in-scalar", message, help, span, fixes=fixes)
