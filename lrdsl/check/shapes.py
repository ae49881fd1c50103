"""Shapes: their formulas made ready, and parts made of them."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check import evaluate as expressions
from lrdsl.check.arguments import signature
from lrdsl.check.checker import Checker, Scope
from lrdsl.check.coerce import as_formula, as_length, as_lengths, wrong_kind
from lrdsl.check.tree import Guard, Part
from lrdsl.check.values import Length, Value, unknown
from lrdsl.formula.formula import Const, Formula, Var, substitute, variables
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.formula.kernel import Kernel
from lrdsl.record import record
from lrdsl.text.nodes import Argument, Call, Definition, Expression, Items, Name, Operation
from lrdsl.text.source import Span


@record
class _Special:
    """A shape whose functions are known: its formula, and its guards with their texts."""

    kernel: Kernel
    guards: tuple[tuple[Formula, str], ...]


def part(
    checker: Checker,
    definition: Definition,
    local: dict[str, Value],
    given: dict[str, Argument],
    span: Span,
) -> Value:
    """A shape with its arguments, as a schedule of one part."""
    uses = parameter_uses(definition)
    numbers: dict[str, Formula] = {}
    steps: dict[str, Length | tuple[Length, ...]] = {}
    before = checker.reported
    broken = False
    for parameter in signature(definition):
        value = local[parameter.name]
        what = f"`{parameter.name}` of `{definition.name}`"
        wanted = uses[parameter.name]
        if parameter.kind:
            read = as_length if parameter.kind == "steps" else as_lengths
            length = read(checker, value, what)
            if length is not None:
                steps[parameter.name] = length
            broken = broken or length is None
        elif wanted == "function":
            if value.kind != "function":
                broken = True
                if value.kind != "unknown":
                    help = "name one without calling it, such as `half_cosine`"
                    wrong_kind(checker, value, what, "a function", help)
        else:
            formula = as_formula(checker, value, what, value.kind if wanted == "any" else wanted)
            if formula is not None:
                numbers[parameter.name] = formula
            broken = broken or formula is None
    if broken or checker.reported > before:
        return unknown(span)
    special = _specialise(checker, definition, local, uses)
    if special is None:
        return unknown(span)
    return _part(checker, definition, special, numbers, steps, given, span)


def _part(
    checker: Checker,
    definition: Definition,
    special: _Special,
    numbers: dict[str, Formula],
    steps: dict[str, Length | tuple[Length, ...]],
    given: dict[str, Argument],
    span: Span,
) -> Value:
    guards = []
    for condition, text in special.guards:
        names = tuple(dict.fromkeys(variables(condition)))
        decided = substitute(condition, _constants(numbers))
        blamed = next((given[name].span for name in names if name in given), span)
        guard = Guard(condition, text, blamed, names)
        if isinstance(decided, Const):
            if not decided.value:
                values = {
                    n: f.value for n, f in numbers.items() if n in names and isinstance(f, Const)
                }
                checker.report("guard", blamed, *guard.refusal(definition.name, values))
                return unknown(span)
        else:
            guards.append(guard)
    length = steps.pop("length")
    assert isinstance(length, Length)
    for word in ("base", "prev", "next"):
        if word in special.kernel.parameters:
            numbers[word] = Var(word)
    tree = Part(
        span, definition.name, special.kernel, length,
        tuple(numbers.items()), tuple(steps.items()), tuple(guards),
    )  # fmt: skip
    return Value("schedule", tree, span)


def _constants(numbers: dict[str, Formula]) -> dict[str, Formula]:
    return {name: formula for name, formula in numbers.items() if not any(variables(formula))}


def _specialise(
    checker: Checker, definition: Definition, local: dict[str, Value], uses: dict[str, str]
) -> _Special | None:
    """The shape's formula in terms of its parameters, worked out once for each set of functions."""
    functions = {n: v for n, v in local.items() if v.kind == "function"}
    kinds = tuple((n, v.kind) for n, v in local.items() if uses.get(n) == "any")
    # The definitions are kept in the key, so that their ids stay theirs.
    key = (id(definition), kinds, *((n, _identity(v.it)) for n, v in functions.items()))
    if key not in checker.kernels:
        checker.kernels[key] = _formula(checker, definition, local, uses)
    found: _Special | None = checker.kernels[key]
    return found


def _identity(function: object) -> object:
    return function if isinstance(function, str) else id(function)


def _formula(
    checker: Checker, definition: Definition, local: dict[str, Value], uses: dict[str, str]
) -> _Special | None:
    assert definition.body is not None
    bound: dict[str, Value] = {}
    for parameter in signature(definition):
        value = local[parameter.name]
        wanted = uses[parameter.name]
        kind = value.kind if wanted == "any" else wanted
        if parameter.kind:
            kind = "list" if parameter.kind == "[steps]" else "number"
        variable = Value(kind, Var(parameter.name), parameter.span)
        bound[parameter.name] = value if kind in {"function", "unknown"} else variable
    guards = []
    for guard in definition.guards:
        found = expressions.evaluate(checker, guard, Scope(definition.span.source, bound))
        condition = as_formula(checker, found, f"the guard of `{definition.name}`", "truth")
        if condition is not None:
            guards.append((condition, " ".join(guard.span.text.split())))
    clock = {word: Value("number", Var(word), definition.span) for word in ("t", "u", "v")}
    scope = Scope(definition.span.source, {**clock, **bound})
    found = expressions.evaluate(checker, definition.body, scope)
    if found.kind == "schedule":
        message = f"the formula of `{definition.name}` is made of schedules, not of numbers"
        checker.report("wrong-kind", definition.body.span, message, "define it with `def`")
        return None
    formula = as_formula(checker, found, f"the formula of `{definition.name}`", "number")
    if formula is None or len(guards) < len(definition.guards):
        return None
    used = {*variables(formula)} - {"t", "u", "v"}
    if {"u", "v"} & {*variables(formula)}:
        used.add("length")
    return _Special(Kernel(definition.name, sorted(used), formula), tuple(guards))


def parameter_uses(definition: Definition) -> dict[str, str]:
    """What the body of a definition takes each parameter for: number, list, function or any.

    A parameter that is called is a function; one given to a list argument of a formula function is
    a list; one that is only handed on to another definition may be any of them.
    """
    found: dict[str, set[str]] = {p.name: set() for p in signature(definition)}
    roots = [*definition.guards, *([definition.body] if definition.body else [])]
    for root in roots:
        for name, use in _uses(root, "number"):
            if name in found:
                found[name].add(use)
    order = ("function", "list", "number", "any")
    return {
        name: next((use for use in order if use in uses), "number") for name, uses in found.items()
    }


def _uses(node: Expression, use: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Name):
        yield node.id, use
    elif isinstance(node, Items):
        for item in node.items:
            yield from _uses(item, "number")
    elif isinstance(node, Operation):
        for operand in node.operands:
            yield from _uses(operand, "number")
    elif isinstance(node, Call):
        yield node.id, "function"
        function = FUNCTIONS.get(node.id)
        for place, argument in enumerate(node.arguments):
            given = "any" if function is None else "list" if place in function.lists else "number"
            yield from _uses(argument.value, given)


def check_unused(checker: Checker, definition: Definition) -> None:
    """Checks the formula, the guards and the defaults of a shape that nothing uses."""
    local: dict[str, Value] = {}
    for parameter in signature(definition):
        local[parameter.name] = unknown(parameter.span)
        if parameter.default is not None:
            inner = Scope(definition.span.source, dict(local))
            expressions.evaluate(checker, parameter.default, inner)
    with checker.expanding(definition, definition.name_span) as ends:
        if ends:
            _formula(checker, definition, local, parameter_uses(definition))
