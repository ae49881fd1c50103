"""The values of ``param`` statements as plain data, for a log."""

from __future__ import annotations

from collections.abc import Mapping

from lrdsl.check.expander import Expander
from lrdsl.check.state import Scope
from lrdsl.check.values import LengthValue, NumberValue, TruthValue, Value
from lrdsl.formula.formula import Const
from lrdsl.text.canonical import expression
from lrdsl.text.nodes import Definition, Module, Name, Number


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
