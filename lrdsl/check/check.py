"""Syntax tree to program tree: every name, argument and kind looked at, every error collected."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from lrdsl.check import library
from lrdsl.check.arguments import LENGTHS
from lrdsl.check.calls import with_defaults
from lrdsl.check.evaluate import evaluate
from lrdsl.check.specialize import check_unused
from lrdsl.check.state import LOCAL_WORDS, WORDS, Checker, Enough, Scope
from lrdsl.check.targets import Drive, drives, statements
from lrdsl.check.values import Value, unknown
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.record import replace
from lrdsl.text.nodes import Definition, Expression, Module, Name, Operation, Target
from lrdsl.text.source import Span

KINDS = (*LENGTHS, "number", "[number]", "truth", "function", "schedule")


def check(
    module: Module, overrides: Mapping[str, Value] | None = None
) -> tuple[tuple[Drive, ...] | None, list[Diagnostic]]:
    """Expands a module.

    Args:
        module: the syntax tree.
        overrides: values for ``param`` statements, by name.

    Returns:
        What the program drives, or None where there is nothing to speak of, and the errors.
    """
    checker = Checker(module, overrides or {})
    try:
        found = _drives(checker)
    except Enough:
        found = None
    return found, list(checker.errors.values())


def _drives(checker: Checker) -> tuple[Drive, ...] | None:
    module = checker.module = _without_torn(checker)
    _define(checker)
    # In the order of the text, so that a long row of definitions is not one deep recursion.
    for definition in checker.definitions.values():
        if definition.keyword in {"let", "param"}:
            evaluate(checker, Name(definition.name_span, definition.name), Scope(module.source))
    mains = statements(checker)
    values = [evaluate(checker, main.body, Scope(module.source)) for main in mains]
    for definition in checker.definitions.values():
        if definition.name not in checker.expanded:
            _check_unused(checker, definition)
    return drives(checker, mains, values)


def _without_torn(checker: Checker) -> Module:
    """The module without the calls whose `(` does not touch their names; they are reported."""
    statements = list(checker.module.statements)
    kept: list[Definition | Target | Expression | None] = list(statements)
    keywords = {s.name: s.keyword for s in statements if isinstance(s, Definition)}
    for place, (first, second) in enumerate(pairwise(statements)):
        if isinstance(second, Definition | Target) or not second.span.text.startswith("("):
            continue
        name: object = first.body if isinstance(first, Definition | Target) else first
        while isinstance(name, Operation):
            name = name.operands[-1]
        if not isinstance(name, Name):
            continue
        span = Span(name.span.source, name.span.start, second.span.start + 1)
        if isinstance(first, Definition):
            # `let x = y` may well stand before a schedule in brackets, unless y takes arguments.
            known = library.find(name.id) or name.id in FUNCTIONS
            called = keywords.get(name.id, "def" if known else "let") in {"def", "shape"}
            if not called or "\n" in span.text:
                continue
        message = f"the `(` of a call touches its name, as in `{name.id}(`"
        checker.report("detached-call", span, message, "remove the space")
        kept[place] = replace(first, body=None) if isinstance(first, Definition) else None
        kept[place + 1] = None
    left = tuple(statement for statement in kept if statement is not None)
    return replace(checker.module, statements=left) if len(left) < len(kept) else checker.module


def _define(checker: Checker) -> None:
    for statement in checker.module.statements:
        if not isinstance(statement, Definition):
            continue
        name, span = statement.name, statement.name_span
        if name in WORDS or name in LOCAL_WORDS:
            message = f"`{name}` has a meaning of its own and cannot be defined"
            checker.report("reserved-name", span, message, "choose another name")
        elif name in checker.definitions:
            line = checker.definitions[name].name_span.source.position(
                checker.definitions[name].name_span.start
            )[0]
            message = f"`{name}` is defined already, on line {line}"
            checker.report("repeated-definition", span, message, "choose another name")
        else:
            checker.definitions[name] = statement
        _check_parameters(checker, statement)


def _check_parameters(checker: Checker, definition: Definition) -> None:
    seen: set[str] = set()
    for parameter in definition.parameters:
        if parameter.name in seen:
            message = f"`{definition.name}` has two parameters `{parameter.name}`"
            checker.report("repeated-definition", parameter.span, message, "choose another name")
        seen.add(parameter.name)
        # An ease is naturally a function of `u`; in a shape that is the clock.
        clock = {"t", "u", "v"} if definition.keyword == "shape" else set()
        if parameter.name in {*WORDS, *clock}:
            message = f"`{parameter.name}` has a meaning of its own and cannot be a parameter"
            checker.report("reserved-name", parameter.span, message, "choose another name")
        if parameter.kind and parameter.kind not in KINDS:
            message = f"there is no kind `{parameter.kind}` of parameter"
            help = "write `steps` for a length, `[steps]` for a list of them, nothing for a number"
            checker.report("unknown-kind", parameter.kind_span or parameter.span, message, help)


def _check_unused(checker: Checker, definition: Definition) -> None:
    """Checks what the schedule does not use, as far as can be without arguments."""
    if definition.body is None:
        return
    if definition.keyword == "shape":
        check_unused(checker, definition)
    else:
        given = {p.name: unknown(p.span) for p in definition.parameters if p.default is None}
        local = with_defaults(checker, definition, given)
        with checker.expanding(definition, definition.name_span) as ends:
            if ends:
                for node in (*definition.guards, definition.body):
                    evaluate(checker, node, Scope(checker.module.source, local))
