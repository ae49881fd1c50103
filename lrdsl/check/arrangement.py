"""Arguments that are all there, in another order or without the name that they need.

Loaded only to report a call. Where the values fit the parameters in another order, or with a name,
that is the one mistake of the call, whatever else follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

from lrdsl.check import library
from lrdsl.check.arguments import is_mode
from lrdsl.check.conversions import EASES, as_kind, as_share
from lrdsl.check.modes import by_place
from lrdsl.check.problems import REPORTED, Problem, Refusal, together
from lrdsl.check.signatures import Interface
from lrdsl.check.values import (
    EventValue,
    FunctionValue,
    LengthValue,
    ListValue,
    NumberValue,
    ScheduleValue,
    TextValue,
    TruthValue,
    Unknown,
    Value,
)
from lrdsl.diagnostics.fix import Edit, Fix, fix
from lrdsl.formula.formula import Const
from lrdsl.record import record, replace
from lrdsl.text.nodes import Argument, Parameter
from lrdsl.text.source import Span
from lrdsl.wording import listed, on_one_line

# More arguments have too many orders, and no call of the library needs them.
_MOST = 5
_LONGEST = 60
# What is below this share of a length was meant as a rate.
_SHARE = 0.01


@record
class Placed:
    """An argument by position: the parameter it came to, what that takes, and its value."""

    parameter: str
    kind: str
    argument: Argument
    value: Value


def arranged(
    interface: Interface,
    local: Mapping[str, Value],
    bound: Mapping[str, Argument],
    refusal: Refusal,
    call: Span,
) -> Refusal:
    """The error of a call, in one sentence if its arguments are only in the wrong order.

    Args:
        interface: the parameters of the definition.
        local: the values of its parameters.
        bound: the arguments that the call gives.
        refusal: their errors, one by one.
        call: the call.
    """
    first = refusal.problems[0]
    placed = [
        Placed(parameter.name, kind, bound[parameter.name], local[parameter.name])
        for parameter, kind in zip(interface.parameters, interface.kinds, strict=True)
        if parameter.name in bound and bound[parameter.name].name is None
    ]
    source = first.span.source
    if any(isinstance(p.value, Unknown) or p.argument.span.source is not source for p in placed):
        return refusal
    problem = (
        _named(interface, placed, bound, first)
        or _of_shares(interface, placed, first)
        or _of_a_list(interface, placed, first, call)
        or _reordered(interface, placed, first)
        or _of_rates(interface, placed, bound, first)
    )
    return Refusal((problem,)) if problem else refusal


def loose(
    interface: Interface,
    arguments: Sequence[Argument],
    values: Sequence[Value],
    bound: Mapping[str, Argument],
    problems: Sequence[Problem],
    call: Span,
) -> Refusal:
    """The errors of a call whose arguments have no parameters, and of values in quotes beside them.

    Args:
        interface: the parameters of the definition.
        arguments: those of the call.
        values: their values.
        bound: those that have a parameter.
        problems: what is wrong with the others.
        call: the call.
    """
    modes = [v for a, v in zip(arguments, values, strict=True) if is_mode(interface, a, v)]
    if modes:
        unknown = any(isinstance(value, Unknown) for value in modes)
        return REPORTED if unknown else Refusal((by_place(interface, arguments, call),))
    known = {id(argument): value for argument, value in zip(arguments, values, strict=True)}
    kinds = {p.name: kind for p, kind in zip(interface.parameters, interface.kinds, strict=True)}
    texts = [
        as_kind(value, kinds[name], f"`{name}` of `{interface.definition.name}`")
        for name, argument in bound.items()
        if isinstance(value := known[id(argument)], TextValue)
    ]
    return together([Refusal(tuple(problems)), *[t for t in texts if isinstance(t, Refusal)]])


def _named(
    interface: Interface, placed: Sequence[Placed], bound: Mapping[str, Argument], first: Problem
) -> Problem | None:
    """The problem of a last argument that goes by name: a rate to hold, an ease."""
    if not placed or first.span != placed[-1].argument.span:
        return None
    last = placed[-1]
    if _fits(interface, last.kind, last.value):
        return None
    name = None
    ease = EASES.get(last.argument.span.text) if isinstance(last.value, ScheduleValue) else None
    if isinstance(last.value, FunctionValue) or ease:
        functions = [
            parameter.name
            for parameter, kind in zip(interface.parameters, interface.kinds, strict=True)
            if kind == "function" and parameter.name not in bound
        ]
        name = functions[0] if len(functions) == 1 else None
    elif interface.definition is library.find("const") and isinstance(last.value, NumberValue):
        name = "value" if last.parameter == "length" and "value" not in bound else None
    if name is None:
        return None
    span = last.argument.span
    text = f"{name} = {ease or span.text}"
    whole = f"{interface.definition.name}({text})" if len(placed) == 1 else text
    help = f"write `{whole}`"
    share = first.help.rpartition("write ")[2]
    if share.endswith("%`"):
        help += f"; for a share of the enclosing length, {share}"
    own = fix(span, text, f"write `{whole}`")
    return replace(first, help=help, fixes=(own, *first.fixes))


def _of_rates(
    interface: Interface, placed: Sequence[Placed], bound: Mapping[str, Argument], first: Problem
) -> Problem | None:
    """The problem of a rate in the place of the length, which comes first: ``cosine(3e-4)``."""
    name, share = interface.definition.name, first.help.rpartition("write ")[2]
    if library.find(name) is not interface.definition or not share.endswith("%`"):
        return None
    match placed[0] if placed else None:
        case Placed(parameter="length", value=NumberValue(formula=Const(value=amount))) if (
            amount < _SHARE
        ):
            pass
        case _:
            return None
    help = f"; for a share of the enclosing length, {share}"
    length, *others = interface.parameters
    if length.default is None:
        rate = f"`end = {placed[0].argument.span.text}`" if "end" in interface.names else ""
        return replace(first, help=f"a rate goes by its name, as {rate}{help}") if rate else None
    moved = list(zip(placed, others, interface.kinds[1:], strict=False))
    fits = all(
        _fits(interface, kind, p.value) and not (other.keyword_only or _is_named(other, bound))
        for p, other, kind in moved
    )
    if len(moved) < len(placed) or not fits:
        return None
    start = placed[0].argument.span.start
    texts = ", ".join(["rest", *(a.span.text for a in bound.values())])
    title = f"write `{name}({on_one_line(texts)})`"
    own = fix(Span(first.span.source, start, start), "rest, ", title)
    return replace(first, help=f"the length comes first: {title}{help}", fixes=(own, *first.fixes))


def _is_named(parameter: Parameter, bound: Mapping[str, Argument]) -> bool:
    """True if a call gives a parameter by its name."""
    return parameter.name in bound and bound[parameter.name].name is not None


def _of_a_list(
    interface: Interface, placed: Sequence[Placed], first: Problem, call: Span
) -> Problem | None:
    """The problem of a `step` that is given the milestones of a `multistep`."""
    name = interface.definition.name
    if interface.definition is not library.find("step") or not placed:
        return None
    if not _fits(interface, "[steps]", placed[0].value):
        return None
    rest = call.text.removeprefix(name)
    help = f"a list of milestones is for `multistep`: write `multistep{on_one_line(rest)}`"
    own = fix(Span(call.source, call.start, call.start + len(name)), "multistep")
    return replace(first, help=help, fixes=(own,))


def _of_shares(interface: Interface, placed: Sequence[Placed], first: Problem) -> Problem | None:
    """The problem of rates that are given as percentages: ``stairs([30], [100%, 10%])``."""
    wrong = [p for p in placed if not (_fits(interface, p.kind, p.value) or _is_places(p))]
    for one in wrong if len(wrong) == 1 else ():
        value = one.value
        if one.kind != "[number]" or not isinstance(value, ListValue) or not value.items:
            continue
        shares = [as_share(x) if isinstance(x, LengthValue) else None for x in value.items]
        if None in shares:
            continue
        rates = [{"0": "0", "1": "base"}.get(str(share), f"{share} * base") for share in shares]
        text = f"[{', '.join(rates)}]"
        help = f"for shares of the optimizer's rate, write `{text}`"
        own = fix(one.argument.value.span, text, f"write `{text}`")
        return replace(first, help=help, fixes=(own,))
    return None


def _is_places(placed: Placed) -> bool:
    """True for a list of steps of which one is 0, which is no length."""
    return (
        placed.kind == "[steps]"
        and isinstance(placed.value, ListValue)
        and all(_is_length(item) or item.span.text == "0" for item in placed.value.items)
    )


def _reordered(interface: Interface, placed: Sequence[Placed], first: Problem) -> Problem | None:
    """The problem of arguments that fit in another order."""
    if not 2 <= len(placed) <= _MOST:
        return None
    kinds = [p.kind for p in placed]
    orders = permutations(placed)
    next(orders)  # as they are
    if all(_fits(interface, p.kind, p.value) or _is_rate(p) for p in placed):
        return None
    for order in orders:
        if not _keeps_numbers(placed, order):
            continue
        if all(_fits(interface, kind, p.value) for kind, p in zip(kinds, order, strict=True)):
            return _problem(interface, placed, order, first)
    return None


def _is_rate(placed: Placed) -> bool:
    """True if an argument is a number where one belongs, however large."""
    return placed.kind == "number" and isinstance(placed.value, NumberValue)


def _keeps_numbers(before: Sequence[Placed], after: Sequence[Placed]) -> bool:
    """True if the numbers that are not lengths come in the order that they had."""
    rates = [p for p in after if isinstance(p.value, NumberValue) and not _is_length(p.value)]
    places = [before.index(p) for p in rates]
    return places == sorted(places)


def _problem(
    interface: Interface, placed: Sequence[Placed], order: Sequence[Placed], first: Problem
) -> Problem:
    texts = [p.argument.span.text for p in order]
    names = [p.parameter for p in placed]
    definition = interface.definition
    # A rate beside the length of a warm-up is where it leads, not where it starts.
    if definition is library.find("warmup") and len(placed) == 2:
        texts[1], names[1] = f"end = {texts[1]}", "end"
    edits = tuple(
        Edit(p.argument.span, text)
        for p, text in zip(placed, texts, strict=True)
        if p.argument.span.text != text
    )
    title = f"write `{definition.name}({', '.join(texts)})`"
    if len(title) > _LONGEST or "\n" in title:
        title = "put them in this order"
    order_of_names = listed(f"`{name}`" for name in names)
    help = f"the order is {order_of_names}: {title}"
    return replace(first, help=help, fixes=(Fix(title, edits),))


def _fits(interface: Interface, kind: str, value: Value) -> bool:
    """True if a value is what a parameter takes."""
    match kind:
        case "steps":
            ends = interface.definition.name == "until" and isinstance(value, EventValue)
            return ends or _is_length(value)
        case "number":
            return isinstance(value, NumberValue) and not _is_many(value)
        case "[steps]":
            return isinstance(value, ListValue) and all(map(_is_length, value.items))
        case "[number]":
            return isinstance(value, ListValue) and all(
                isinstance(item, NumberValue) for item in value.items
            )
        case "truth":
            return isinstance(value, TruthValue)
        case "function":
            return isinstance(value, FunctionValue)
        case "schedule":
            return isinstance(value, ScheduleValue)
    if library.is_native(interface.definition):
        return isinstance(value, NumberValue | LengthValue)
    return True


def _is_many(value: NumberValue) -> bool:
    """True if a number is unlikely to be a rate, because it counts something."""
    return isinstance(value.formula, Const) and value.formula.value > 1 and _is_length(value)


def _is_length(value: Value) -> bool:
    """True if a value is a length: one with a unit, or whole steps."""
    match value:
        case LengthValue():
            return True
        case NumberValue(formula=Const(value=amount)):
            return amount >= 1 and float(amount).is_integer()
    return False
