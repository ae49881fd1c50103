"""The parts of a schedule as they are written: their arguments, and edits of these.

Only what stands in the text by itself is edited: a part that a definition made has no edit.
Loaded for warnings and errors alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.text.grammar import parse_statements
from lrdsl.text.nodes import Call, Definition, Expression, Name

if TYPE_CHECKING:
    from lrdsl.schedule.shape import ShapeBlock
    from lrdsl.text.source import Span


def argument(shape: ShapeBlock, name: str) -> Expression | None:
    """An argument of a shape as it is written; None if it is not, or elsewhere.

    Args:
        shape: the shape.
        name: the parameter.
    """
    call = _call(shape)
    if call is None or shape.definition is None:
        return None
    return _given(call, shape.definition, name)


def with_argument(shape: ShapeBlock, name: str, text: str) -> tuple[Fix, ...]:
    """The fix that gives a shape an argument, in the place of the one it has, if any.

    Args:
        shape: the shape.
        name: the parameter.
        text: the argument.
    """
    call = _call(shape)
    if call is None or shape.definition is None:
        return ()
    return given_to(call, shape.definition, name, text)


def instead(shape: ShapeBlock, name: str, text: str) -> tuple[Fix, ...]:
    """The fix that writes another argument where a shape has one; none if it has none.

    Args:
        shape: the shape.
        name: the parameter.
        text: the argument.
    """
    written = argument(shape, name)
    return () if written is None else (fix(written.span, text, f"write `{name} = {text}`"),)


def given_to(written: Call | Name, definition: Definition, name: str, text: str) -> tuple[Fix, ...]:
    """The fix that gives a call an argument, in the place of the one it has, if any.

    Args:
        written: the call, or a bare name.
        definition: the definition that is called.
        name: the parameter.
        text: the argument.
    """
    title = f"write `{name} = {text}`"
    if isinstance(written, Name):
        # In parentheses it is not the end of its span that is the end of the name.
        if written.span.text != written.id:
            return ()
        return (fix(written.span.after(), f"({name} = {text})", title),)
    if (given := _given(written, definition, name)) is not None:
        return (fix(given.span, text, title),)
    if not written.arguments:
        return ()
    return (fix(written.arguments[-1].span.after(), f", {name} = {text}", title),)


def written_at(span: Span) -> Call | Name | None:
    """The call or the bare name that is all that stands at a place.

    Args:
        span: the place, in a text that parses.
    """
    statements = parse_statements(span.source, span.start, span.end)
    found = statements[0] if len(statements) == 1 else None
    return found if isinstance(found, Call | Name) else None


def _given(call: Call, definition: Definition, name: str) -> Expression | None:
    names = [parameter.name for parameter in definition.parameters]
    for place, given in enumerate(call.arguments):
        own = given.name or (names[place] if place < len(names) else None)
        if own == name:
            return given.value
    return None


def _call(shape: ShapeBlock) -> Call | None:
    """The call that a shape is written as, and is nothing else."""
    definition = shape.definition
    if definition is None or not shape.span.text.startswith(f"{definition.name}("):
        return None
    call = written_at(shape.span)
    return call if isinstance(call, Call) and call.id == definition.name else None
