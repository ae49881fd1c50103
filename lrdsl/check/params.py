"""The values of ``param`` statements as plain data, for a log."""

from __future__ import annotations

from collections.abc import Mapping

from lrdsl.check.expander import Expander
from lrdsl.check.state import Scope
from lrdsl.check.values import LengthValue, NumberValue, TruthValue, Value
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.formula import Const
from lrdsl.text.canonical import expression
from lrdsl.text.nodes import Definition, Module, Name, Number
from lrdsl.text.source import Span
from lrdsl.wording import did_you_mean


def params(module: Module, given: Mapping[str, Value]) -> dict[str, float | str]:
    """The value of every ``param``.

    Args:
        module: a text without errors.
        given: the values that a run gives, by name.

    Returns:
        Numbers as numbers; lengths, and what depends on ``base``, as the language writes it.
    """
    expander = Expander(module, given)
    known = [s for s in module.statements if isinstance(s, Definition)]
    expander.state.definitions = {s.name: s for s in known}
    found: dict[str, float | str] = {}
    for statement in known:
        if statement.keyword == "param":
            name = Name(statement.name_span, statement.name)
            value = expander.evaluate(name, Scope(module.source))
            found[statement.name] = _plain(value, statement, given.get(statement.name))
    return found


def _plain(value: Value, statement: Definition, given: Value | None) -> float | str:
    if isinstance(value, NumberValue | TruthValue) and isinstance(value.formula, Const):
        return value.formula.value
    if given is not None:
        return given.span.text
    body = statement.body
    assert body is not None
    # A length that was computed says its sum; one that was written says what was written.
    if isinstance(value, LengthValue) and not isinstance(body, Name | Number):
        return str(value.length)
    return expression(body)


def unknown_param(name: str, value: Value, known: list[str]) -> Diagnostic:
    """The error of a value for a ``param`` that a program does not have.

    Args:
        name: the name that was given.
        value: the value.
        known: the names that there are.
    """
    listed = ", ".join(f"`{k}`" for k in known)
    others = f"it has {listed}" if known else "it has none: declare one with `param name = value`"
    help = did_you_mean(name, known, others)
    source = value.span.source
    start = source.text.index(name, len("params"))
    span = Span(source, start, start + len(name))
    return Diagnostic("unknown-param", f"the program has no param `{name}`", help, span)
