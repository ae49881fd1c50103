"""A definition that no schedule uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text.nodes import Call, Definition, Expression, Name, Target, walk
from lrdsl.text.source import Span

_EFFECT = {"param": "; overriding it changes nothing"}


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Definitions that cannot be reached from what the program drives."""
    definitions: dict[str, Definition] = {}
    pending: list[str] = []
    for statement in text.program.module.statements:
        if isinstance(statement, Definition):
            definitions[statement.name] = statement
        else:
            pending += _names(statement.body if isinstance(statement, Target) else statement)
    if not definitions:
        return
    for run in text.program.module.runs:
        pending += (name for item in run.items for name in _names(item.value))
    used: set[str] = set()
    while pending:
        name = pending.pop()
        if name in definitions and name not in used:
            used.add(name)
            pending += _used_by(definitions[name])
    for name, definition in definitions.items():
        if name not in used:
            message = f"`{name}` is not used by any schedule{_EFFECT.get(definition.keyword, '')}"
            fixes = _removed(definition, definitions)
            span = definition.name_span
            yield warning("unused-name", message, "use it, or remove it", span, *fixes)


def _removed(definition: Definition, others: dict[str, Definition]) -> tuple[Fix, ...]:
    """The fix that removes a definition; none if another one mentions it."""
    name, span = definition.name, definition.span
    if any(name in {*_used_by(other)} for other in others.values() if other is not definition):
        return ()
    line = re.match(r"[ \t]*\n", span.source.text[span.end :])
    end = span.end + (line.end() if line else 0)
    return (fix(Span(span.source, span.start, end), "", "remove it"),)


def _used_by(definition: Definition) -> Iterator[str]:
    """The names in a definition that are not its own parameters."""
    own = {parameter.name for parameter in definition.parameters}
    defaults = (parameter.default for parameter in definition.parameters)
    for node in (definition.body, *definition.guards, *defaults):
        if node is not None:
            yield from (name for name in _names(node) if name not in own)


def _names(node: Expression) -> Iterator[str]:
    return (part.id for part in walk(node) if isinstance(part, Name | Call))
