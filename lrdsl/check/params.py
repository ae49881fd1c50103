"""The ``param`` statements of a program, and their values as plain data, for a log."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from lrdsl.check.expander import Expander
from lrdsl.check.state import Scope
from lrdsl.check.values import LengthValue, NumberValue, TruthValue, Value
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.formula.formula import Const
from lrdsl.record import record
from lrdsl.text.canonical import expression
from lrdsl.text.nodes import Definition, Module, Name, Number
from lrdsl.text.source import Span
from lrdsl.wording import did_you_mean, number


@record
class Param:
    """One ``param`` statement of a program, which ``params={…}`` may give another value.

    Attributes:
        name: its name.
        default: its value in the text: a number; a length, or what depends on ``base``, is a
            string such as ``"5ep"``.
        kind: what it is: ``"number"``, ``"length"``, ``"condition"``, ``"list"`` or ``"schedule"``.
        documentation: the ``##`` lines directly above it.
    """

    name: str
    default: float | str
    kind: str
    documentation: str


def declared(module: Module) -> tuple[Param, ...]:
    """The ``param`` statements of a text.

    Args:
        module: a text without errors.
    """
    return tuple(
        Param(one.name, _plain(value, one, None), value.noun.removeprefix("a "), one.doc)
        for one, value in _evaluated(module, {})
    )


def params(module: Module, given: Mapping[str, Value]) -> dict[str, float | str]:
    """The value of every ``param``.

    Args:
        module: a text without errors.
        given: the values that a run gives, by name.

    Returns:
        Numbers as numbers; lengths, and what depends on ``base``, as the language writes it.
    """
    found = _evaluated(module, given)
    return {one.name: _plain(value, one, given.get(one.name)) for one, value in found}


def values(module: Module) -> dict[str, str]:
    """The value of every ``let`` and ``param`` that is a number, a condition or a length.

    Args:
        module: a text without errors.
    """
    found: dict[str, str] = {}
    for one, value in _evaluated(module, {}, ("let", "param")):
        if isinstance(value, NumberValue | TruthValue) and isinstance(value.formula, Const):
            found[one.name] = number(value.formula.value)
        elif isinstance(value, LengthValue):
            found[one.name] = str(value.length)
    return found


def _evaluated(
    module: Module, given: Mapping[str, Value], keywords: Collection[str] = ("param",)
) -> Iterator[tuple[Definition, Value]]:
    """Every ``param`` statement, or those of other keywords too, and its value."""
    expander = Expander(module, given)
    known = [s for s in module.statements if isinstance(s, Definition)]
    expander.state.definitions = {s.name: s for s in known}
    for statement in known:
        if statement.keyword in keywords:
            name = Name(statement.name_span, statement.name)
            yield statement, expander.evaluate(name, Scope(module.source))


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
