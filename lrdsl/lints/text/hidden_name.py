"""A definition with the name of a shape that the library has already."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check import library
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text.nodes import Definition


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Definitions that hide an entry of the library."""
    for statement in text.program.module.statements:
        if isinstance(statement, Definition) and statement.name in library.names():
            message = f"this hides `{statement.name}` of the shape library"
            help = f"rename it: readers will expect the library's `{statement.name}`"
            yield warning("hidden-name", message, help, statement.name_span)
