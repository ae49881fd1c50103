"""Shapes: their formulas in terms of their parameters, and parts made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lrdsl import limits
from lrdsl.check import library, operators
from lrdsl.check.conversions import as_formula, as_function, as_length, as_lengths, as_number
from lrdsl.check.kinds import Kind
from lrdsl.check.problems import REPORTED, Problem, Refusal, refuse, together
from lrdsl.check.signatures import Interface
from lrdsl.check.tree import Guard, Shape, Through
from lrdsl.check.values import (
    FunctionValue,
    Length,
    LengthValue,
    ListValue,
    NumbersValue,
    NumberValue,
    ScheduleValue,
    TruthValue,
    Unknown,
    Value,
)
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.formula.formula import Const, Formula, Var, substitute, variables
from lrdsl.formula.kernel import Kernel
from lrdsl.record import record, replace
from lrdsl.text.nodes import Argument, Call, Definition, Expression, Name, Operation, walk
from lrdsl.text.source import Span


@record
class Template:
    """A shape whose functions are known: its formula, and its guards in terms of its parameters."""

    kernel: Kernel
    guards: tuple[Guard, ...]


@record
class Given:
    """The arguments of a shape, sorted by what they are in its formula."""

    numbers: dict[str, Formula]
    steps: dict[str, Length | tuple[Length, ...]]
    functions: dict[str, FunctionValue]


# What tells the formulas of one shape from each other: the functions it was given, by parameter.
Key = tuple[int, tuple[tuple[str, int], ...]]

# The shapes of the library with functions of its own: the same for every text.
_OF_THE_LIBRARY: dict[Key, Template] = {}


def key_of(definition: Definition, functions: Mapping[str, FunctionValue]) -> Key:
    """The key of a shape's template, valid as long as the definitions live."""
    return id(definition), tuple([(name, id(f.function)) for name, f in functions.items()])


def from_library(key: Key) -> Template | None:
    """The template of a shape of the library, if it was made before."""
    return _OF_THE_LIBRARY.get(key)


def keep(key: Key, template: Template, definition: Definition, given: Given) -> None:
    """Keeps a template if it is of the library, whose definitions live as long."""
    used = [definition, *[f.function for f in given.functions.values()]]
    own = [found for found in used if isinstance(found, Definition)]
    if all(library.find(found.name) is found for found in own):
        _OF_THE_LIBRARY[key] = template


def sort(interface: Interface, local: Mapping[str, Value]) -> Given | Refusal:
    """The arguments of a shape by what its parameters take.

    Args:
        interface: the parameters of the shape.
        local: its arguments.
    """
    given = Given({}, {}, {})
    refusals: list[Refusal] = []
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        name = parameter.name
        value = local[name]
        if kind == "number" and isinstance(value, NumberValue):
            given.numbers[name] = value.formula  # as most are
            continue
        found = _read(value, kind, f"`{name}` of `{interface.definition.name}`")
        match found:
            case Refusal():
                unsaid = kind == "number" and not parameter.kind and parameter.default is None
                refusals.append(_annotated(found, name, parameter.span, value) if unsaid else found)
            case FunctionValue():
                given.functions[name] = found
            case Length() | tuple():
                given.steps[name] = found
            case _:
                given.numbers[name] = found
    return together(refusals) if refusals else given


def _read(
    value: Value, kind: Kind, what: str
) -> Formula | Length | tuple[Length, ...] | FunctionValue | Refusal:
    """An argument of a shape as its parameter takes it."""
    match kind:
        case "steps":
            return as_length(value, what)
        case "[steps]":
            return as_lengths(value, what)
        case "function":
            return as_function(value, what)
        case "number" | "[number]" | "truth":
            return as_formula(value, kind, what)
        case "schedule" | "any":
            raise AssertionError(f"a shape takes no {kind}")


def _annotated(refusal: Refusal, name: str, span: Span, value: Value) -> Refusal:
    """A refusal that says how a parameter takes what is no number."""
    match value:
        case ListValue():
            lengths = any(isinstance(item, LengthValue) for item in value.items)
            kind, what = ("[steps]" if lengths else "[number]"), "a list"
        case TruthValue():
            kind, what = "truth", "a condition"
        case FunctionValue():
            kind, what = "function", "a function"
        case _:
            return refusal
    help = f"for {what}, write `{name}: {kind}` in the definition"
    place = Span(span.source, span.start + len(name), span.start + len(name))
    own = (fix(place, f": {kind}", f"write `{name}: {kind}`"),)
    return Refusal(tuple(replace(found, help=help, fixes=own) for found in refusal.problems))


def variables_of(interface: Interface, local: Mapping[str, Value]) -> dict[str, Value]:
    """The values of a shape's parameters in its formula: words, except for functions.

    Args:
        interface: the parameters of the shape.
        local: its arguments.
    """
    found: dict[str, Value] = {}
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        name, span = parameter.name, parameter.span
        match kind:
            case "function":
                given = local[name]
                found[name] = given if isinstance(given, FunctionValue) else Unknown(span)
            case "truth":
                found[name] = TruthValue(Var(name), span)
            case "[steps]" | "[number]":
                found[name] = NumbersValue(Var(name), span)
            case _:
                found[name] = NumberValue(Var(name), span)
    return found


def template(
    definition: Definition, value: Value, conditions: Iterable[Formula]
) -> Template | Refusal:
    """A shape's formula and guards, in terms of its parameters.

    Args:
        definition: the shape.
        value: the value of its formula.
        conditions: what its guards come to, as far as they come to something.
    """
    assert definition.body is not None
    if isinstance(value, ScheduleValue):
        return of_schedules(definition)
    formula = as_number(value, f"the formula of `{definition.name}`")
    if isinstance(formula, Refusal):
        return formula
    given = list(conditions)
    if len(given) < len(definition.guards):
        return REPORTED
    guards = [
        guard(definition, node, condition, variables(condition))
        for node, condition in zip(definition.guards, given, strict=True)
    ]
    used = formula.names - {"t", "u", "v"}
    if "u" in formula.names or "v" in formula.names:
        used |= {"length"}
    return Template(Kernel(definition.name, sorted(used), formula), tuple(guards))


def has_schedules(formula: Expression, is_shape: Callable[[str], bool]) -> bool:
    """True if something in a shape's formula can only be a schedule: another shape, or `>>`."""
    for node in walk(formula):
        if isinstance(node, Operation) and node.op == ">>":
            return True
        if isinstance(node, Name | Call) and is_shape(node.id):
            return True
    return False


def of_schedules(definition: Definition) -> Refusal:
    """Refuses a shape that should be a ``def``."""
    assert definition.body is not None
    message = f"the formula of `{definition.name}` is made of schedules, not of numbers"
    help = "define it with `def`"
    own = with_def(definition, help)
    return refuse("wrong-kind", definition.body.span, message, help, own)


def with_def(definition: Definition, title: str) -> tuple[Fix, ...]:
    """The fix that makes a ``def`` of a ``shape``; none if its formula has the shape's clock."""
    span, body = definition.span, definition.body
    names = {node.id for node in walk(body) if isinstance(node, Name)} if body else set()
    if names & {"t", "u", "v"}:
        return ()
    start = fix(Span(span.source, span.start, span.start + len("shape")), "def", title)
    return (start,)


def size_of(template: Template, given: Given) -> int:
    """The number of parts that a part counts as, by its guards and lengths."""
    operations = template.kernel.formula.size
    for formula in given.numbers.values():
        operations += formula.size
    for guard in template.guards:
        operations += 48 * guard.condition.size
    for lengths in given.steps.values():
        operations += 48 * len(lengths) if isinstance(lengths, tuple) else 0
    return 1 + operations // limits.OPERATIONS_A_PART


def part(
    definition: Definition,
    template: Template,
    given: Given,
    arguments: Mapping[str, Argument],
    size: int,
    span: Span,
    place: Span,
    through: Through,
) -> ScheduleValue | Refusal:
    """A shape with its arguments, as a schedule of one part.

    Args:
        definition: the shape.
        template: its formula and its guards.
        given: its arguments.
        arguments: those that the call names, to blame.
        size: the number of parts it counts as.
        span: the call.
        place: where a user has to look for it.
        through: the definitions of the text that it came through, and their calls.
    """
    numbers, steps = given.numbers, given.steps
    constants = {name: formula for name, formula in numbers.items() if not formula.names}
    guards: list[Guard] = []
    for wanted in template.guards:
        condition = substitute(wanted.condition, constants)
        if isinstance(condition, Const) and condition.value:
            continue
        found = blamed(wanted, condition, arguments, span)
        if isinstance(condition, Const):
            known = {n: f.value for n, f in numbers.items() if isinstance(f, Const)}
            message, help = found.refusal(known)
            return refuse("guard", found.span, message, help)
        guards.append(found)
    length = steps["length"]
    assert isinstance(length, Length)
    parameters = template.kernel.parameters
    words = [word for word in parameters if word not in numbers and word not in steps]
    arguments_and_words = (*numbers.items(), *[(word, Var(word)) for word in words])
    others = [(name, lengths) for name, lengths in steps.items() if name != "length"]
    tree = Shape(
        place, definition.name, template.kernel, length, arguments_and_words,
        tuple(others), tuple(guards), definition=definition,
        functions=named(given.functions), size=size, through=through,
    )  # fmt: skip
    return operators.schedule(tree)


def named(functions: Mapping[str, FunctionValue]) -> tuple[tuple[str, str], ...]:
    """Functions that were handed on, as pairs of parameter and name."""
    return tuple([(name, found.name) for name, found in functions.items()])


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


def blamed(
    wanted: Guard, condition: Formula, arguments: Mapping[str, Argument], span: Span
) -> Guard:
    """A ``where`` condition of one call, at the first of its parameters that was given there.

    Args:
        wanted: the condition.
        condition: its value for this call, as far as it is known.
        arguments: the arguments of the call.
        span: the call.
    """
    place = span
    for name in wanted.names:
        if name in arguments:
            place = arguments[name].span
            break
    return Guard(wanted.definition, condition, wanted.text, place, wanted.names)


def unmet(guard: Guard, local: Mapping[str, Value]) -> Problem:
    """The problem of a call of a ``def`` whose ``where`` condition does not hold, or is not known.

    Args:
        guard: the condition, at the argument to blame.
        local: the values of the parameters.
    """
    known: dict[str, float] = {}
    if not isinstance(guard.condition, Const):
        message, help = guard.refusal(known)
        message += ", which must be known before training"
        return Problem("guard", guard.span, message, help)
    for name, value in local.items():
        if isinstance(value, NumberValue) and isinstance(value.formula, Const):
            known[name] = value.formula.value
    return Problem("guard", guard.span, *guard.refusal(known))


def compared(node: Expression, interface: Interface) -> list[str]:
    """The parameters without a kind that a guard compares or calculates with, each once.

    Args:
        node: the guard.
        interface: the parameters of its definition.
    """
    kinds = zip(interface.parameters, interface.kinds, strict=True)
    free = {parameter.name for parameter, kind in kinds if kind == "any"}
    operations = [part for part in walk(node) if isinstance(part, Operation)]
    operands = [operand for operation in operations for operand in operation.operands]
    names = [operand.id for operand in operands if isinstance(operand, Name)]
    return [name for name in dict.fromkeys(names) if name in free]
