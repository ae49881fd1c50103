"""Calls: functions computed, definitions expanded, combinators applied."""

from __future__ import annotations

from collections.abc import Sequence

from lrdsl.check import evaluate as expressions
from lrdsl.check import library, operators, specialize
from lrdsl.check.arguments import LENGTHS, bind, signature
from lrdsl.check.conversions import as_formula, as_length, as_lengths
from lrdsl.check.state import WORDS, Checker, Scope
from lrdsl.check.values import Value, unknown
from lrdsl.formula.formula import Const
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.text.nodes import Argument, Call, Definition
from lrdsl.text.source import Span


def call(checker: Checker, node: Call, scope: Scope) -> Value:
    """The value of a call."""
    local = scope.local.get(node.id)
    if local is not None and local.kind == "function":
        return _apply(checker, local.it, node, scope)
    definition = checker.find(node.id, scope)
    # A parameter that is no function does not hide one: `warmup(warmup)`.
    if local is not None and (definition is None or local.kind == "unknown"):
        arguments(checker, node.arguments, scope)
        if local.kind != "unknown":
            _not_callable(checker, node)
        return unknown(node.span)
    if definition:
        return _apply(checker, definition, node, scope)
    if node.id in FUNCTIONS:
        return _apply(checker, node.id, node, scope)
    arguments(checker, node.arguments, scope)
    if node.id in WORDS:
        _not_callable(checker, node)
    else:
        checker.report_unknown(node.id, node.callee, scope)
    return unknown(node.span)


def arguments(checker: Checker, given: Sequence[Argument], scope: Scope) -> list[Value]:
    """The values of arguments, in the order in which they are written."""
    return [expressions.evaluate(checker, argument.value, scope) for argument in given]


def _apply(checker: Checker, function: Definition | str, node: Call, scope: Scope) -> Value:
    if isinstance(function, str):
        return _function(checker, function, node, scope)
    if function.keyword in {"let", "param"}:
        arguments(checker, node.arguments, scope)
        _not_callable(checker, node)
        return unknown(node.span)
    return expand(checker, function, node.arguments, node.span, scope)


def _not_callable(checker: Checker, node: Call) -> None:
    message = f"`{node.id}` is a value, and a value cannot be called"
    help = f"write `{node.id}` alone" + ("" if node.id in WORDS else ", or define it with `def`")
    checker.report("not-callable", node.callee, message, help)


def _function(checker: Checker, name: str, node: Call, scope: Scope) -> Value:
    """A function of formulas; ``min`` and ``max`` also take schedules."""
    function = FUNCTIONS[name]
    values = arguments(checker, node.arguments, scope)
    if not _counted(checker, name, node):
        return unknown(node.span)
    if chosen := _chosen(checker, name, values, node):
        return chosen
    kinds = {value.kind for value in values}
    if name in {"min", "max"} and "schedule" in kinds:
        if kinds <= {"schedule", "number"}:
            return operators.pointwise(checker, name, values, node.span)
        if "unknown" in kinds:
            return unknown(node.span)
    formulas = []
    for place, value in enumerate(values):
        wanted = "list" if place in function.lists else "number"
        if name == "if" and place == 0:
            wanted = "truth"
        formulas.append(as_formula(checker, value, f"argument {place + 1} of `{name}`", wanted))
    if None in formulas:
        return unknown(node.span)
    found = operators.number(checker, name, tuple(formulas), node.span)  # type: ignore[arg-type]
    return Value("truth", found.it, found.span) if function.truth and found.it else found


def _chosen(checker: Checker, name: str, values: list[Value], node: Call) -> Value | None:
    """What a function gives that only chooses among its arguments, of whatever kind they are."""
    first = values[0]
    if name == "if" and first.kind == "truth" and isinstance(first.it, Const):
        chosen = values[1] if first.it.value else values[2]
        return Value(chosen.kind, chosen.it, node.span)
    if name == "last" and first.kind == "list" and isinstance(first.it, tuple):
        if first.it:
            return Value(first.it[-1].kind, first.it[-1].it, node.span)
        checker.report("no-value", node.span, "an empty list has no last item")
        return unknown(node.span)
    return None


def _counted(checker: Checker, name: str, node: Call) -> bool:
    """Whether a function has as many arguments as it takes, all by position."""
    function = FUNCTIONS[name]
    help = f"call it as `{function.signature}`"
    for argument in node.arguments:
        if argument.name is not None:
            message = f"`{name}` has no argument `{argument.name}`"
            checker.report("unknown-argument", argument.span, message, help)
            return False
    if len(node.arguments) < function.least:
        span = Span(node.span.source, node.span.end - 1, node.span.end)
        message = f"`{name}` needs {function.least} argument{'s' * (function.least != 1)}"
        checker.report("missing-argument", span, message, help)
        return False
    if function.most is not None and len(node.arguments) > function.most:
        extra = node.arguments[function.most]
        message = f"`{name}` takes at most {function.most} argument{'s' * (function.most != 1)}"
        checker.report("surplus-argument", extra.span, message, help)
        return False
    return True


def expand(
    checker: Checker, definition: Definition, given: Sequence[Argument], span: Span, scope: Scope
) -> Value:
    """A ``def`` or ``shape`` with its arguments."""
    values = {
        id(argument): value
        for argument, value in zip(given, arguments(checker, given, scope), strict=True)
    }
    # A definition that was called wrongly is still to be checked by itself.
    bound = bind(checker, definition, given, span) if definition.body is not None else None
    if bound is None or definition.body is None:
        return unknown(span)
    with checker.expanding(definition, span) as ends:
        if not ends:
            return unknown(span)
        local = {name: values[id(argument)] for name, argument in bound.items()}
        local = with_defaults(checker, definition, local)
        if definition.keyword == "shape":
            return specialize.part(checker, definition, local, bound, span)
        if not _annotated(checker, definition, local):
            return unknown(span)
        if not _guarded(checker, definition, local, bound, span):
            return unknown(span)
        if library.is_native(definition):
            from lrdsl.check.combinators import NATIVES

            return NATIVES[definition.name](checker, local, span)
        inner = Scope(definition.span.source, local)
        found = expressions.evaluate(checker, definition.body, inner)
        return Value(found.kind, found.it, span)


def with_defaults(
    checker: Checker, definition: Definition, given: dict[str, Value]
) -> dict[str, Value]:
    """The arguments, the defaults filled in; a default may refer to parameters before it."""
    local: dict[str, Value] = {}
    seen = dict(given)
    inner = Scope(definition.span.source, seen)
    for parameter in signature(definition):
        name = parameter.name
        if name in given:
            local[name] = given[name]
        elif parameter.default is not None:
            seen[name] = local[name] = expressions.evaluate(checker, parameter.default, inner)
    return local


def _guarded(
    checker: Checker,
    definition: Definition,
    local: dict[str, Value],
    given: dict[str, Argument],
    span: Span,
) -> bool:
    """Whether the guards of a ``def`` hold, which are decided before any run."""
    good = True
    scope = Scope(definition.span.source, local)
    for node in definition.guards:
        uses = [use for use in specialize.uses(checker, node, "truth", scope) if use[0] in local]
        if not _numbers(checker, definition, local, uses):
            good = False
            continue
        found = expressions.evaluate(checker, node, scope)
        condition = as_formula(checker, found, f"the guard of `{definition.name}`", "truth")
        if condition is None:
            good = False
        elif not (isinstance(condition, Const) and condition.value):
            guard = specialize.guard(definition, node, condition, [name for name, _ in uses])
            guard = specialize.blamed(guard, condition, given, span)
            message, help = guard.refusal(specialize.known_numbers(local))
            if not isinstance(condition, Const):
                message += ", which must be known before training"
            checker.report("guard", guard.span, message, help)
            good = False
    return good


def _numbers(
    checker: Checker,
    definition: Definition,
    local: dict[str, Value],
    uses: Sequence[tuple[str, str]],
) -> bool:
    """Whether the arguments that a guard takes for numbers are some; others are reported."""
    lengths = {parameter.name for parameter in definition.parameters if parameter.kind in LENGTHS}
    names = dict.fromkeys(n for n, use in uses if use == "number" and n not in lengths)
    formulas = [
        as_formula(checker, local[name], f"`{name}` of `{definition.name}`", "number")
        for name in names
    ]
    return None not in formulas


def _annotated(checker: Checker, definition: Definition, local: dict[str, Value]) -> bool:
    """Turns the arguments of annotated parameters into lengths, in place."""
    good = True
    for parameter in definition.parameters:
        value = local[parameter.name]
        what = f"`{parameter.name}` of `{definition.name}`"
        if parameter.kind == "steps":
            length = as_length(checker, value, what)
            good = good and length is not None
            local[parameter.name] = Value("length", length, value.span)
        elif parameter.kind == "[steps]":
            good = good and as_lengths(checker, value, what) is not None
    return good
