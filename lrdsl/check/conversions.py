"""Values to what a parameter takes: lengths, numbers, lists, conditions, functions."""

from __future__ import annotations

from typing import Literal

from lrdsl.check.kinds import Kind
from lrdsl.check.problems import REPORTED, Refusal, refuse, together, wrong_kind
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
    steps,
)
from lrdsl.formula.formula import Const, Formula, Var, apply
from lrdsl.limits import STEPS
from lrdsl.text import numbers
from lrdsl.text.nodes import Number
from lrdsl.text.numbers import whole
from lrdsl.text.source import Span
from lrdsl.wording import number

# Spellings of the built-in units that people try; none of them can be a unit of the caller.
MISSPELLED = {
    "epoch": "ep", "epochs": "ep", "step": "st", "steps": "st", "s": "st", "e": "ep",
    "percent": "%", "pct": "%",
}  # fmt: skip


# Variables of formulas that are no parameters.
_WORDS = frozenset({"t", "u", "v", "base", "prev", "next"})


def as_length(value: Value, what: str) -> Length | Refusal:
    """The length that a value gives: one with a unit, or a bare whole number of steps.

    Args:
        value: what was given.
        what: the parameter, for messages.
    """
    match value:
        case LengthValue():
            length = value.length
            if len(length.amounts) == 1 and not length.amounts[0][1] >= 0:
                return refuse("negative-length", value.span, f"{what} cannot be negative")
            return length
        case NumberValue(formula=Const(value=amount)):
            return _bare_steps(amount, value.span, what)
        case NumberValue():
            message = f"{what} must be known before training, and this depends on the run's rates"
            return refuse(
                "wrong-kind", value.span, message, "lengths are made of numbers and units"
            )
        case Unknown():
            return REPORTED
    return wrong_kind(value, what, "a length", "write a number of steps, or `5ep`, `10%`")


def _bare_steps(amount: float, span: Span, what: str) -> Length | Refusal:
    if amount < 0:
        message = f"{what} is {number(amount)}, and a length cannot be negative"
        return refuse("negative-length", span, message)
    if not amount < STEPS and not _is_limit(amount, span):
        message = f"{what} is more steps than can be counted"
        return refuse("too-many-steps", span, message, "the limit is 2^53 steps, about 9e15")
    count = whole(amount)
    if count is None:
        if amount < 1:
            help = f"for a share of the enclosing length write `{number(amount * 100, 12)}%`"
        else:
            help = f"write whole steps, `{amount:.0f}`, or a unit, `{number(amount, 12)}ep`"
        message = f"{what} is {number(amount)}, and a bare number counts whole steps"
        return refuse("fractional-length", span, message, help)
    return steps(count, span)


def _is_limit(amount: float, span: Span) -> bool:
    """Whether a number is the limit itself; as a float, one more than the limit looks the same."""
    try:
        return amount == STEPS == numbers.read(span.text).exact
    except ValueError:
        return False


def as_lengths(value: Value, what: str) -> tuple[Length, ...] | Refusal:
    """The lengths in a list."""
    match value:
        case ListValue():
            found = [as_length(item, f"an item of {what}") for item in value.items]
            refusals = [item for item in found if isinstance(item, Refusal)]
            lengths = tuple([item for item in found if isinstance(item, Length)])
            return together(refusals) if refusals else lengths
        case Unknown():
            return REPORTED
        case LengthValue() | NumberValue():
            help = f"write a list: `[{value.span.text}]`"
            return wrong_kind(value, what, "a list of lengths", help)
    return wrong_kind(value, what, "a list of lengths")


def as_number(value: Value, what: str) -> Formula | Refusal:
    """The formula of a number."""
    match value:
        case NumberValue():
            return value.formula
        case Unknown():
            return REPORTED
    return wrong_kind(value, what, "a number", _number_instead(value))


def _number_instead(value: Value) -> str:
    """What to write instead of a value that is no number."""
    match value:
        case LengthValue():
            return "write a plain number without a unit, such as 0.1"
        case TruthValue():
            return "`if(condition, a, b)` chooses between two numbers"
        case ScheduleValue():
            return "a schedule is made of parts; here one number is needed"
        case FunctionValue():
            return f"call it: `{value.span.text}(…)`"
        case ListValue() | NumbersValue():
            return "here one number is needed"
    return ""


def as_numbers(value: Value, what: str) -> Formula | Refusal:
    """The formula of a list of numbers."""
    match value:
        case NumbersValue():
            return value.formula
        case ListValue():
            found = [as_number(item, f"an item of {what}") for item in value.items]
            refusals = [item for item in found if isinstance(item, Refusal)]
            if refusals:
                return together(refusals)
            return apply("list", *[item for item in found if not isinstance(item, Refusal)])
        case Unknown():
            return REPORTED
        case NumberValue(formula=Var(name=name)) if name not in _WORDS:
            help = f"for a list, write `{name}: [number]` where the parameter is defined"
            return wrong_kind(value, what, "a list", help)
    return wrong_kind(value, what, "a list", _number_instead(value))


def as_truth(value: Value, what: str) -> Formula | Refusal:
    """The formula of a condition."""
    match value:
        case TruthValue():
            return value.formula
        case Unknown():
            return REPORTED
    help = "write `true`, `false` or a comparison, such as `x > 0`"
    return wrong_kind(value, what, "a condition", help)


def as_function(value: Value, what: str) -> FunctionValue | Refusal:
    """A function, as it was named."""
    match value:
        case FunctionValue():
            return value
        case Unknown():
            return REPORTED
    help = "name one without calling it, such as `half_cosine`"
    return wrong_kind(value, what, "a function", help)


def as_schedule(value: Value, what: str) -> ScheduleValue | Refusal:
    """A schedule."""
    match value:
        case ScheduleValue():
            return value
        case Unknown():
            return REPORTED
        case NumberValue():
            help = f"to hold a value, write `const(value = {value.span.text})`"
            return wrong_kind(value, what, "a schedule", help)
    return wrong_kind(value, what, "a schedule")


def as_kind(value: Value, kind: Kind, what: str) -> Value | Refusal:
    """An argument of a ``def`` as its parameter takes it, which turns bare numbers into lengths.

    Args:
        value: what was given.
        kind: what the parameter takes.
        what: the parameter, for messages.
    """
    match kind:
        case "any":
            return value
        case "steps":
            length = as_length(value, what)
            return LengthValue(length, value.span) if isinstance(length, Length) else length
        case "function":
            return as_function(value, what)
        case "schedule":
            return as_schedule(value, what)
        case "[steps]":
            lengths = as_lengths(value, what)
            return lengths if isinstance(lengths, Refusal) else value
        case "number" | "[number]" | "truth":
            formula = as_formula(value, kind, what)
            return formula if isinstance(formula, Refusal) else value


def as_formula(
    value: Value, kind: Literal["number", "[number]", "truth"], what: str
) -> Formula | Refusal:
    """The formula of a number, of a list of numbers or of a condition."""
    match kind:
        case "number":
            return as_number(value, what)
        case "[number]":
            return as_numbers(value, what)
        case "truth":
            return as_truth(value, what)


def read_number(node: Number, place: Span) -> NumberValue | LengthValue | Refusal:
    """The value of a number: a length where it carries a unit."""
    spelling, span = node.spelling, node.span
    try:
        quantity = numbers.read(spelling)
        amount = quantity.nearest
    except (ValueError, OverflowError) as error:
        shown = spelling if len(spelling) <= 24 else spelling[:20] + "…"
        return refuse("bad-number", span, f"`{shown}` cannot be read: {error}")
    unit = quantity.unit
    if not unit:
        return NumberValue(Const(amount), span)
    if unit in MISSPELLED:
        help = f"write `{spelling.removesuffix(unit)}{MISSPELLED[unit]}`"
        return refuse("unknown-unit", span, f"there is no unit `{unit}`", help)
    return LengthValue(Length(((unit, quantity.exact),), place), span)


def overridden(name: str, default: Value, given: Value) -> Value | Refusal:
    """What the run gives a ``param``; where its default has a unit, that must have one too."""
    if isinstance(default, LengthValue) and isinstance(given, NumberValue):
        message = f"`{name}` is a length, and a unit is never guessed"
        text = given.span.text
        help = f"write `{text}st`, or `{text}ep`, as the program has `{default.span.text}`"
        return refuse("wrong-kind", given.span, message, help)
    return given
