"""The names in a text: where each stands, and what it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from lrdsl.check import library
from lrdsl.check.state import LOCAL_WORDS, WORDS
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import record
from lrdsl.text.nodes import (
    Argument,
    Call,
    Definition,
    Expression,
    Items,
    Module,
    Name,
    Operation,
    Parameter,
    Target,
)
from lrdsl.text.source import Span

Meaning = Literal["definition", "parameter", "capture", "library", "function", "word", "target"]


@record
class Binding:
    """What a name stands for.

    Attributes:
        meaning: what kind of thing that is.
        name: its name.
        owner: the definition that a parameter belongs to; the number of the statement that
            captures a number from the names of groups.
    """

    meaning: Meaning
    name: str
    owner: str = ""


@record
class Occurrence:
    """A name in the text.

    Attributes:
        span: where it stands.
        binding: what it stands for; None if nothing has this name.
        is_definition: True where it is given its meaning.
        node: the call, or the name by itself, that it is in; None where it is neither.
    """

    span: Span
    binding: Binding | None
    is_definition: bool = False
    node: Call | Name | None = None


_Local = Mapping[str, Binding]


def occurrences(module: Module) -> list[Occurrence]:
    """Every name of a text that means something, in the order of the text.

    Args:
        module: the syntax tree, of as much of the text as parsed.
    """
    found = [*_Finder(module).all()]
    found.sort(key=lambda one: (one.span.start, one.span.end))
    return found


class _Finder:
    """Goes through a text and says what each name in it stands for."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._definitions = {d.name: d for d in module.statements if isinstance(d, Definition)}

    def all(self) -> Iterator[Occurrence]:
        """The names of all statements."""
        for number, statement in enumerate(self._module.statements):
            if isinstance(statement, Definition):
                yield from self._definition(statement)
            elif isinstance(statement, Target):
                yield from self._target(statement, str(number))
            else:
                yield from self._inside(statement, {})
        for run in self._module.runs:
            for item in run.items:
                yield from self._inside(item.value, {})

    def _definition(self, definition: Definition) -> Iterator[Occurrence]:
        name = definition.name
        yield Occurrence(definition.name_span, Binding("definition", name), True)
        local: dict[str, Binding] = {}
        if definition.keyword == "shape":
            local |= {word: Binding("word", word) for word in LOCAL_WORDS}
        for parameter in definition.parameters:
            if parameter.default is not None:
                yield from self._inside(parameter.default, local)
            local[parameter.name] = binding = Binding("parameter", parameter.name, name)
            yield Occurrence(_named(parameter), binding, True)
        for root in (*definition.guards, definition.body):
            if root is not None:
                yield from self._inside(root, local)

    def _target(self, target: Target, number: str) -> Iterator[Occurrence]:
        yield Occurrence(target.name_span, Binding("target", target.name))
        local: dict[str, Binding] = {}
        if target.selector is not None and "{" in target.selector:
            source = target.span.source
            start = source.text.index(target.selector, target.name_span.end)
            for match in re.finditer(r"\{([A-Za-z_]\w*)\}", target.selector):
                span = Span(source, start + match.start(1), start + match.end(1))
                is_first = match[1] not in local
                binding = local.setdefault(match[1], Binding("capture", match[1], number))
                yield Occurrence(span, binding, is_first)
        yield from self._inside(target.body, local)

    def _inside(self, node: Expression, local: _Local) -> Iterator[Occurrence]:
        """The names in an expression."""
        match node:
            case Name():
                yield Occurrence(node.span, self._meant(node.id, local), node=node)
            case Call():
                called = self._called(node.id, local)
                yield Occurrence(node.callee, called, node=node)
                for argument in node.arguments:
                    if argument.name is not None:
                        yield Occurrence(_keyword(argument), _parameter_of(called, argument.name))
                    yield from self._inside(argument.value, local)
            case Items():
                for item in node.items:
                    yield from self._inside(item, local)
            case Operation():
                for operand in node.operands:
                    yield from self._inside(operand, local)

    def _meant(self, name: str, local: _Local) -> Binding | None:
        """What a name by itself stands for."""
        if name in local:
            return local[name]
        return Binding("word", name) if name in WORDS else self._global(name)

    def _called(self, name: str, local: _Local) -> Binding | None:
        """What a name in front of parentheses stands for: a parameter only where nothing else."""
        found = self._global(name)
        return found or local.get(name) or (Binding("function", "own") if name == "own" else None)

    def _global(self, name: str) -> Binding | None:
        if name in self._definitions:
            return Binding("definition", name)
        if name in library.names():
            return Binding("library", name)
        return Binding("function", name) if name in FUNCTIONS else None


def _parameter_of(called: Binding | None, name: str) -> Binding | None:
    """What an argument's name stands for."""
    if called is None or called.meaning not in {"definition", "library"}:
        return None
    return Binding("parameter", name, called.name)


def _named(parameter: Parameter) -> Span:
    start = parameter.span.start
    return Span(parameter.span.source, start, start + len(parameter.name))


def _keyword(argument: Argument) -> Span:
    start = argument.span.start
    return Span(argument.span.source, start, start + len(argument.name or ""))
