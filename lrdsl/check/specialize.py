"""Shapes: their formulas made ready, and parts made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lrdsl import limits
from lrdsl.check import evaluate as expressions
from lrdsl.check import library, operators
from lrdsl.check.arguments import LENGTHS, signature
from lrdsl.check.conversions import as_formula, as_length, as_lengths, wrong_kind
from lrdsl.check.state import Checker, Scope
from lrdsl.check.tree import Guard, Shape
from lrdsl.check.values import Length, Value, unknown
from lrdsl.formula.formula import Const, Formula, Var, substitute, variables
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.formula.kernel import Kernel
from lrdsl.record import record
from lrdsl.text.nodes import Argument, Call, Definition, Expression, Items, Name, Operation, walk
from lrdsl.text.source import Span


@record
class _Special:
    """A shape whose functions are known: its formula, and its guards in terms of its parameters."""

    kernel: Kernel
    guards: tuple[Guard, ...]


def part(
    checker: Checker,
    definition: Definition,
    local: dict[str, Value],
    given: dict[str, Argument],
    span: Span,
) -> Value:
    """A shape with its arguments, as a schedule of one part."""
    wanted_as = parameter_uses(checker, definition)
    numbers: dict[str, Formula] = {}
    steps: dict[str, Length | tuple[Length, ...]] = {}
    before = checker.reported
    broken = False
    for parameter in signature(definition):
        value = local[parameter.name]
        what = f"`{parameter.name}` of `{definition.name}`"
        wanted = wanted_as[parameter.name]
        if parameter.kind in LENGTHS:
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
    special = _specialise(checker, definition, local, wanted_as)
    if special is None:
        return unknown(span)
    functions = function_names(local)
    return _part(checker, definition, special, numbers, steps, functions, given, span)


def _part(
    checker: Checker,
    definition: Definition,
    special: _Special,
    numbers: dict[str, Formula],
    steps: dict[str, Length | tuple[Length, ...]],
    functions: tuple[tuple[str, str], ...],
    given: dict[str, Argument],
    span: Span,
) -> Value:
    size = 1 + _operations(special, numbers, steps) // limits.OPERATIONS_A_PART
    checker.spend(size, span)
    guards, constants = [], _constants(numbers)
    for wanted in special.guards:
        condition = substitute(wanted.condition, constants)
        if isinstance(condition, Const) and condition.value:
            continue
        found = blamed(wanted, condition, given, span)
        if not isinstance(condition, Const):
            guards.append(found)
        else:
            known = {n: f.value for n, f in numbers.items() if isinstance(f, Const)}
            checker.report("guard", found.span, *found.refusal(known))
            return unknown(span)
    length = steps.pop("length")
    assert isinstance(length, Length)
    for word in ("base", "prev", "next"):
        if word in special.kernel.parameters:
            numbers[word] = Var(word)
    tree = Shape(
        checker.place(span), definition.name, special.kernel, length,
        tuple(numbers.items()), tuple(steps.items()), tuple(guards),
        definition=definition, functions=functions, size=size, through=checker.through(own=True),
    )  # fmt: skip
    return operators.schedule(checker, tree)


def _operations(
    special: _Special,
    numbers: Mapping[str, Formula],
    steps: Mapping[str, Length | tuple[Length, ...]],
) -> int:
    """What a part costs, in operations: guards and lengths are worked out for each of them."""
    lists = sum(len(lengths) for lengths in steps.values() if isinstance(lengths, tuple))
    guards = sum(guard.condition.size for guard in special.guards)
    arguments = sum(formula.size for formula in numbers.values())
    return special.kernel.formula.size + arguments + 48 * (lists + guards)


def function_names(local: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """The arguments that are functions, as pairs of parameter and name."""
    functions = ((name, v.it) for name, v in local.items() if v.kind == "function")
    return tuple((name, it if isinstance(it, str) else it.name) for name, it in functions)


def guard(
    definition: Definition, node: Expression, condition: Formula, names: Iterable[str]
) -> Guard:
    """A ``where`` condition, where it stands in its definition.

    Args:
        definition: the definition.
        node: as the definition words it.
        condition: as far as it is known.
        names: the parameters it is about.
    """
    text = " ".join(node.span.text.split())
    return Guard(definition, condition, text, node.span, tuple(dict.fromkeys(names)))


def blamed(wanted: Guard, condition: Formula, given: Mapping[str, Argument], span: Span) -> Guard:
    """A ``where`` condition of one call, at the first of its parameters that was given there.

    Args:
        wanted: the condition.
        condition: what is known of it for this call.
        given: the arguments of the call.
        span: the call.
    """
    place = next((given[name].span for name in wanted.names if name in given), span)
    return Guard(wanted.definition, condition, wanted.text, place, wanted.names)


def known_numbers(local: Mapping[str, Value]) -> dict[str, float]:
    """The arguments that are plain numbers."""
    return {
        name: value.it.value
        for name, value in local.items()
        if value.kind == "number" and isinstance(value.it, Const)
    }


def _constants(numbers: dict[str, Formula]) -> dict[str, Formula]:
    return {name: formula for name, formula in numbers.items() if not any(variables(formula))}


def _specialise(
    checker: Checker, definition: Definition, local: dict[str, Value], wanted_as: dict[str, str]
) -> _Special | None:
    """The shape's formula in terms of its parameters, worked out once for each set of functions."""
    functions = {n: v for n, v in local.items() if v.kind == "function"}
    kinds = tuple((n, v.kind) for n, v in local.items() if wanted_as.get(n) == "any")
    # The definitions are kept in the key, so that their ids stay theirs.
    key = (id(definition), kinds, *((n, _identity(v.it)) for n, v in functions.items()))
    if key in _OF_THE_LIBRARY:
        return _OF_THE_LIBRARY[key]
    if key not in checker.kernels:
        before = checker.reported
        checker.kernels[key] = _formula(checker, definition, local, wanted_as)
        if checker.reported == before and _of_the_library(definition, functions):
            _OF_THE_LIBRARY[key] = checker.kernels[key]
    found: _Special | None = checker.kernels[key]
    return found


# The shapes of the library with functions of its own: the same for every text.
_OF_THE_LIBRARY: dict[Any, _Special | None] = {}


def _of_the_library(definition: Definition, functions: Mapping[str, Value]) -> bool:
    used = [definition, *(v.it for v in functions.values() if not isinstance(v.it, str))]
    return all(library.find(found.name) is found for found in used)


def _identity(function: object) -> object:
    return function if isinstance(function, str) else id(function)


def _formula(
    checker: Checker, definition: Definition, local: dict[str, Value], wanted_as: dict[str, str]
) -> _Special | None:
    assert definition.body is not None
    bound: dict[str, Value] = {}
    for parameter in signature(definition):
        given = local[parameter.name]
        wanted = wanted_as[parameter.name]
        kind = given.kind if wanted == "any" else wanted
        if parameter.kind in LENGTHS:
            kind = "list" if parameter.kind == "[steps]" else "number"
        variable = Value(kind, Var(parameter.name), parameter.span)
        bound[parameter.name] = given if kind in {"function", "unknown"} else variable
    guards = []
    for node in definition.guards:
        found = expressions.evaluate(checker, node, Scope(definition.span.source, bound))
        condition = as_formula(checker, found, f"the guard of `{definition.name}`", "truth")
        if condition is not None:
            guards.append(guard(definition, node, condition, variables(condition)))
    clock = {word: Value("number", Var(word), definition.span) for word in ("t", "u", "v")}
    scope = Scope(definition.span.source, {**clock, **bound})
    wrong = _has_schedules(checker, definition, scope)
    value = None if wrong else expressions.evaluate(checker, definition.body, scope)
    if value is None or value.kind == "schedule":
        message = f"the formula of `{definition.name}` is made of schedules, not of numbers"
        checker.report("wrong-kind", definition.body.span, message, "define it with `def`")
        return None
    formula = as_formula(checker, value, f"the formula of `{definition.name}`", "number")
    if formula is None or len(guards) < len(definition.guards):
        return None
    used = {*variables(formula)} - {"t", "u", "v"}
    if {"u", "v"} & {*variables(formula)}:
        used.add("length")
    return _Special(Kernel(definition.name, sorted(used), formula), tuple(guards))


def _has_schedules(checker: Checker, definition: Definition, scope: Scope) -> bool:
    """Whether something in a shape's formula can only be a schedule: another shape, or `>>`."""
    assert definition.body is not None
    for node in walk(definition.body):
        if isinstance(node, Operation) and node.op == ">>":
            return True
        if isinstance(node, Name | Call) and node.id not in scope.local:
            found = checker.find(node.id, scope)
            if found and found is not definition and found.keyword == "shape":
                return True
    return False


def parameter_uses(checker: Checker, definition: Definition) -> dict[str, str]:
    """What a definition takes each parameter for: function, list, truth, number or any.

    A parameter that is called is a function; one given to a list argument of a formula function is
    a list; one that is handed on is what the other definition takes it for.
    """
    key = ("uses", id(definition))
    if key not in checker.kernels:
        checker.kernels[key] = {}  # for a definition in terms of itself, which is an error
        found: dict[str, set[str]] = {p.name: set() for p in signature(definition)}
        roots = [*definition.guards, *([definition.body] if definition.body else [])]
        scope = Scope(definition.span.source)
        for root in roots:
            for name, use in uses(checker, root, "number", scope):
                if name in found:
                    found[name].add(use)
        order = ("function", "list", "truth", "number", "any")
        checker.kernels[key] = {
            name: next((use for use in order if use in given), "number")
            for name, given in found.items()
        }
    known: dict[str, str] = checker.kernels[key]
    return known


def uses(checker: Checker, node: Expression, use: str, scope: Scope) -> Iterator[tuple[str, str]]:
    """The names in an expression, each with what it is taken for there."""
    if isinstance(node, Name):
        yield node.id, use
    elif isinstance(node, Items):
        for item in node.items:
            yield from uses(checker, item, "number", scope)
    elif isinstance(node, Operation):
        for operand in node.operands:
            yield from uses(checker, operand, "number", scope)
    elif isinstance(node, Call):
        yield node.id, "function"
        wanted = _wanted(checker, node, scope)
        for argument, given in zip(node.arguments, wanted, strict=True):
            yield from uses(checker, argument.value, given, scope)


def _wanted(checker: Checker, node: Call, scope: Scope) -> Iterator[str]:
    """What a call takes each of its arguments for."""
    definition = checker.find(node.id, scope)
    known = parameter_uses(checker, definition) if definition else {}
    names = [parameter.name for parameter in signature(definition)] if definition else []
    function = FUNCTIONS.get(node.id)
    for place, argument in enumerate(node.arguments):
        if definition is not None:
            name = argument.name or (names[place] if place < len(names) else "")
            yield known.get(name, "any")
        elif function is None:
            yield "any"
        elif place in function.lists:
            yield "list"
        else:
            yield "truth" if (node.id, place) == ("if", 0) else "number"


def check_unused(checker: Checker, definition: Definition) -> None:
    """Checks the formula, the guards and the defaults of a shape that nothing uses."""
    local: dict[str, Value] = {}
    inner = Scope(definition.span.source, local)
    for parameter in signature(definition):
        local[parameter.name] = unknown(parameter.span)
        if parameter.default is not None:
            expressions.evaluate(checker, parameter.default, inner)
    with checker.expanding(definition, definition.name_span) as ends:
        if ends:
            _formula(checker, definition, local, parameter_uses(checker, definition))
