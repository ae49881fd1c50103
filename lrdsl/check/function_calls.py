"""Calls of the functions of formulas: ``cos(x)``, ``if(c, a, b)``, ``passed(list, t)``."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.check import operators
from lrdsl.check.conversions import as_number, as_numbers, as_truth
from lrdsl.check.problems import REPORTED, Refusal, refuse, together
from lrdsl.check.tree import Through
from lrdsl.check.values import (
    ListValue,
    NumberValue,
    ScheduleValue,
    TruthValue,
    Unknown,
    Value,
    used_at,
)
from lrdsl.formula.formula import Const, Formula
from lrdsl.formula.functions import Function
from lrdsl.text.nodes import Call
from lrdsl.text.source import Span
from lrdsl.wording import plural


def call_function(
    name: str,
    function: Function,
    node: Call,
    values: Sequence[Value],
    place: Span,
    through: Through,
) -> Value | Refusal:
    """The value of a call of a formula function; ``min`` and ``max`` also take schedules.

    Args:
        name: the function's, which a parameter may stand for in the call.
        function: its signature.
        node: the call.
        values: its arguments.
        place: where a user has to look for a schedule that it makes.
        through: the definitions of the text that it came through, and their calls.
    """
    if wrong := _wrong_count(name, function, node):
        return wrong
    if chosen := _chosen(name, values, node.span):
        return chosen
    if name in {"min", "max"} and any(isinstance(value, ScheduleValue) for value in values):
        if all(isinstance(v, ScheduleValue | NumberValue | Unknown) for v in values):
            return operators.pointwise(name, values, node.span, place, through)
        if any(isinstance(value, Unknown) for value in values):
            return REPORTED
    return _computed(name, function, values, node.span)


def _chosen(name: str, values: Sequence[Value], span: Span) -> Value | Refusal | None:
    """The value of a function that only chooses among its arguments, of any kind."""
    match name, values[0]:
        case "if", TruthValue(formula=Const(value=condition)):
            return used_at(values[1] if condition else values[2], span)
        case "last", ListValue(items=items):
            if items:
                return used_at(items[-1], span)
            return refuse("no-value", span, "an empty list has no last item")
    return None


def _computed(
    name: str, function: Function, values: Sequence[Value], span: Span
) -> Value | Refusal:
    """The value of a function of numbers and of lists of them."""
    formulas: list[Formula] = []
    refusals: list[Refusal] = []
    for index, value in enumerate(values):
        if isinstance(value, NumberValue) and index not in function.lists and name != "if":
            formulas.append(value.formula)  # as most are
            continue
        what = f"argument {index + 1} of `{name}`"
        if index in function.lists:
            found = as_numbers(value, what)
        else:
            found = as_truth(value, what) if (name, index) == ("if", 0) else as_number(value, what)
        if isinstance(found, Refusal):
            refusals.append(found)
        else:
            formulas.append(found)
    if refusals:
        return together(refusals)
    result = operators.computed(name, tuple(formulas), span)
    if function.truth and isinstance(result, NumberValue):
        return TruthValue(result.formula, span)
    return result


def _wrong_count(name: str, function: Function, node: Call) -> Refusal | None:
    """Refuses arguments by name, and too few or too many of them."""
    help = f"call it as `{function.signature}`"
    for argument in node.arguments:
        if argument.name is not None:
            message = f"`{name}` has no argument `{argument.name}`"
            return refuse("unknown-argument", argument.span, message, help)
    count, least, most = len(node.arguments), function.least, function.most
    if count < least:
        span = Span(node.span.source, node.span.end - 1, node.span.end)
        message = f"`{name}` needs {plural(least, 'argument')}"
        return refuse("missing-argument", span, message, help)
    if most is not None and count > most:
        message = f"`{name}` takes at most {plural(most, 'argument')}"
        return refuse("surplus-argument", node.arguments[most].span, message, help)
    return None
