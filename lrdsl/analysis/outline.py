"""The statements of a text, for lists of symbols."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.record import record
from lrdsl.text.nodes import Definition, Module, Target
from lrdsl.text.source import Span


@record
class Symbol:
    """A statement that has a name.

    Attributes:
        name: its name: ``peak``, ``lr["head"]``, ``run``.
        keyword: what it is: ``let``, ``param``, ``def``, ``shape``, ``target`` or ``run``.
        start: the offset where it starts.
        end: the offset just after it.
        name_start: the offset where its name starts.
        name_end: the offset just after its name.
    """

    name: str
    keyword: str
    start: int
    end: int
    name_start: int
    name_end: int


def symbols(module: Module) -> Iterator[Symbol]:
    """The statements that have a name, in the order of the text.

    Args:
        module: the syntax tree.
    """
    source = module.source
    for statement in module.written:
        whole = source.outer(statement.span.start, statement.span.end)
        if isinstance(statement, Definition):
            yield Symbol(statement.name, statement.keyword, *whole, *_outer(statement.name_span))
        elif isinstance(statement, Target):
            name = statement.name
            name += f"[{statement.selector}]" if statement.selector else ""
            yield Symbol(name, "target", *whole, *_outer(statement.name_span))
        elif statement in module.runs:
            start = statement.span.start
            yield Symbol("run", "run", *whole, *source.outer(start, start + len("run")))


def _outer(span: Span) -> tuple[int, int]:
    return span.source.outer(span.start, span.end)
