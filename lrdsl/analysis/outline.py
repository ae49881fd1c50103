"""The statements of a text, for lists of symbols."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.analysis.places import located
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Module, RunStatement, Target
from lrdsl.text.source import Source, Span


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


def symbols(module: Module, source: Source) -> Iterator[Symbol]:
    """The statements that have a name, in the order of the text.

    Args:
        module: the syntax tree.
        source: the text, and where it stands.
    """
    for statement in module.written:
        if isinstance(statement, Definition):
            name, keyword, span = statement.name, statement.keyword, statement.name_span
        elif isinstance(statement, Target):
            name, keyword, span = statement.name, "target", statement.name_span
            name += f"[{statement.selector}]" if statement.selector else ""
        elif isinstance(statement, RunStatement):
            start = statement.span.start
            name, keyword = "run", "run"
            span = Span(module.source, start, start + len("run"))
        else:
            continue
        whole, own = located(statement.span, source), located(span, source)
        yield Symbol(name, keyword, whole.start, whole.end, own.start, own.end)
