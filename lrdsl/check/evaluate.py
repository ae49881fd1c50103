"""Expressions to values: names looked up, definitions expanded, kinds checked."""

from __future__ import annotations

from lrdsl.check import calls, operators
from lrdsl.check.conversions import MISSPELLED
from lrdsl.check.state import WORDS, Checker, Scope
from lrdsl.check.values import REST_AMOUNTS, Length, Value, unknown
from lrdsl.formula.formula import Const, Var
from lrdsl.formula.functions import CONSTANTS, FUNCTIONS
from lrdsl.text import numbers
from lrdsl.text.nodes import Call, Definition, Expression, Items, Name, Number


def evaluate(checker: Checker, node: Expression, scope: Scope) -> Value:
    """The value of an expression. What is wrong with it is reported, and then it is unknown."""
    checker.spend(1, node.span)
    if isinstance(node, Number):
        return number(checker, node)
    if isinstance(node, Name):
        return name(checker, node, scope)
    if isinstance(node, Items):
        return Value(
            "list", tuple(evaluate(checker, item, scope) for item in node.items), node.span
        )
    if isinstance(node, Call):
        return calls.call(checker, node, scope)
    operands = [evaluate(checker, operand, scope) for operand in node.operands]
    return operators.apply_operator(checker, node, operands)


def number(checker: Checker, node: Number) -> Value:
    """The value of a number: a length where it carries a unit."""
    try:
        quantity = numbers.read(node.spelling)
        amount = quantity.nearest
    except (ValueError, OverflowError) as error:
        checker.report(
            "bad-number", node.span, f"`{_short(node.spelling)}` cannot be read: {error}"
        )
        return unknown(node.span)
    if not quantity.unit:
        return Value("number", Const(amount), node.span)
    if quantity.unit in MISSPELLED:
        unit = MISSPELLED[quantity.unit]
        message = f"there is no unit `{quantity.unit}`"
        plain = node.spelling.removesuffix(quantity.unit)
        checker.report("unknown-unit", node.span, message, f"write `{plain}{unit}`")
        return unknown(node.span)
    return Value(
        "length", Length(((quantity.unit, quantity.exact),), checker.place(node.span)), node.span
    )


def _short(spelling: str) -> str:
    return spelling if len(spelling) <= 24 else spelling[:20] + "…"


def name(checker: Checker, node: Name, scope: Scope) -> Value:
    """The value of a name that stands alone."""
    if node.id in scope.local:
        return scope.local[node.id]
    if node.id in CONSTANTS:
        value = CONSTANTS[node.id]
        return Value("truth" if isinstance(value, bool) else "number", Const(value), node.span)
    if node.id == "rest":
        return Value("length", Length(REST_AMOUNTS, checker.place(node.span)), node.span)
    if node.id in WORDS:
        return Value("number", Var(node.id), node.span)
    definition = checker.find(node.id, scope)
    if definition:
        return _defined(checker, definition, node, scope)
    if node.id in FUNCTIONS:
        return Value("function", node.id, node.span)
    checker.report_unknown(node.id, node.span, scope)
    return unknown(node.span)


def _defined(checker: Checker, definition: Definition, node: Name, scope: Scope) -> Value:
    if definition.keyword in {"let", "param"}:
        return _named(checker, definition, node)
    if definition.keyword == "def" and any(p.default is None for p in definition.parameters):
        return Value("function", definition, node.span)
    return calls.expand(checker, definition, (), node.span, scope)


def _named(checker: Checker, definition: Definition, node: Name) -> Value:
    """The value of a ``let`` or ``param``, worked out once; it is placed where it is used."""
    known = checker.values.get(definition.name)
    if known is None:
        with checker.expanding(definition, node.span) as ends:
            if not ends or definition.body is None:
                return unknown(node.span)
            known = evaluate(checker, definition.body, Scope(definition.span.source))
            if definition.keyword == "param" and definition.name in checker.overrides:
                known = _overridden(checker, definition, known)
        checker.values[definition.name] = known
    return Value(known.kind, known.it, node.span)


def _overridden(checker: Checker, definition: Definition, default: Value) -> Value:
    """What the run gives a ``param``; where its default has a unit, that must have one too."""
    given = checker.overrides[definition.name]
    if default.kind == "length" and given.kind == "number":
        message = f"`{definition.name}` is a length, and a unit is never guessed"
        text = given.span.text
        help = f"write `{text}st`, or `{text}ep`, as the program has `{default.span.text}`"
        checker.report("wrong-kind", given.span, message, help)
        return unknown(given.span)
    return given
