"""Values to what a parameter takes: lengths, numbers, lists, conditions, functions."""

from __future__ import annotations

import re
from typing import Literal

from lrdsl.check.kinds import Kind
from lrdsl.check.problems import REPORTED, Refusal, refuse, together, unquoted, wrong_kind
from lrdsl.check.values import (
    FunctionValue,
    Length,
    LengthValue,
    ListValue,
    NumbersValue,
    NumberValue,
    ScheduleValue,
    TextValue,
    TruthValue,
    Unknown,
    Value,
    steps,
)
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.formula.formula import Const, Formula, Var, apply
from lrdsl.limits import STEPS
from lrdsl.text import numbers
from lrdsl.text.nodes import Number
from lrdsl.text.numbers import whole
from lrdsl.text.source import Span
from lrdsl.wording import number, on_one_line

# Spellings of the built-in units that people try; none of them can be a unit of the caller.
_MISSPELLED = {**numbers.SPELLED, "s": "st", "e": "ep", "mio": "M"}


def respelled(unit: str) -> str | None:
    """The spelling of a unit or suffix that people spell differently; None if it is not one.

    >>> respelled("epochs"), respelled("EP"), respelled("K"), respelled("Ksteps"), respelled("tok")
    ('ep', 'ep', 'k', 'kst', None)
    """
    if unit in {"ep", "st", "%"}:
        return None
    if unit[:1] == "K":
        after = unit[1:]
        if after in {"", "ep", "st"} or respelled(after):
            return "k" + (respelled(after) or after if after else "")
    return _MISSPELLED.get(unit.lower())


# Variables of formulas that are no parameters.
_WORDS = frozenset({"t", "u", "v", "base", "prev", "next"})


def as_length(value: Value, what: str) -> Length | Refusal:
    """The length that a value gives: one with a unit, or a bare whole number of steps.

    Args:
        value: the argument.
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
    if what == "`length` of `until`" and isinstance(value, TextValue | FunctionValue):
        return _no_event(value, what)
    return wrong_kind(value, what, "a length", "write a number of steps, or `5ep`, `10%`")


def _no_event(value: TextValue | FunctionValue, what: str) -> Refusal:
    """Refuses ``until("cooldown", …)``, which names no kind of event, and ``until(signal, …)``."""
    text = value.span.text
    if isinstance(value, TextValue):
        event = f"signal({text})"
    else:
        event = 'signal("cooldown")' if text == "signal" else f"{text}(…)"
    own = () if "…" in event else (fix(value.span, event, f"write `{event}`"),)
    message = f"{what} is a length or an event, and `{text}` is {value.noun}"
    return refuse("wrong-kind", value.span, message, f"write `{event}`", own)


def _bare_steps(amount: float, span: Span, what: str) -> Length | Refusal:
    if amount < 0:
        message = f"{what} is {number(amount)}, and a length cannot be negative"
        if amount == -1:
            help = "for what is left of the run, write `rest`"
            return refuse("negative-length", span, message, help, (fix(span, "rest"),))
        return refuse("negative-length", span, message)
    if not amount < STEPS and not _is_limit(amount, span):
        message = f"{what} is more steps than can be counted"
        return refuse("too-many-steps", span, message, "the limit is 2^53 steps, about 9e15")
    count = whole(amount)
    if count is None:
        if amount < 1:
            texts = [f"{number(amount * 100, 12)}%"]
            help = f"for a share of the enclosing length write `{texts[0]}`"
        else:
            texts = [f"{amount:.0f}", f"{number(amount, 12)}ep"]
            help = f"write whole steps, `{texts[0]}`, or a unit, `{texts[1]}`"
        message = f"{what} is {number(amount)}, and a bare number counts whole steps"
        fixes = tuple([fix(span, text) for text in texts])
        return refuse("fractional-length", span, message, help, fixes)
    return steps(count, span)


def _is_limit(amount: float, span: Span) -> bool:
    """True if a number is the limit itself; as a float, one more than the limit looks the same."""
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
            text = f"[{value.span.text}]"
            help = f"write a list: `{text}`"
            return wrong_kind(value, what, "a list of lengths", help, (fix(value.span, text),))
    return wrong_kind(value, what, "a list of lengths")


def as_number(value: Value, what: str) -> Formula | Refusal:
    """The formula of a number."""
    match value:
        case NumberValue():
            return value.formula
        case Unknown():
            return REPORTED
    return wrong_kind(value, what, "a number", *number_instead(value, what))


# Parameters of the library that are no rates: a percentage for one is a plain number.
_PLAIN = (
    "gamma factor decay mult stretch power exponent k alpha beta rate periods"
    " pct_start div final_div cut ratio init_scale final_scale threshold"
)
_FACTORS = frozenset(_PLAIN.split())
_COUNTS = frozenset(["times", "cycles", "patience", "cooldown"])


def number_instead(value: Value, what: str) -> tuple[str, tuple[Fix, ...]]:
    """What to write instead of a value that is not a number, and the edits.

    Args:
        value: the argument.
        what: the parameter, as messages have it.
    """
    match value:
        case LengthValue():
            if share := as_share(value):
                if not _COUNTS.isdisjoint(what.split("`")[1:2]):
                    return "write how many, a plain number such as `3`", ()
                if not _FACTORS.isdisjoint(what.split("`")[1:2]):
                    return f"a share is a number here: write `{share}`", (fix(value.span, share),)
                texts = (f"{share} * base", share)
                help = f"write `{texts[0]}` for a share of the optimizer's rate, or `{share}`"
                return help, tuple([fix(value.span, text) for text in texts])
            return "write a plain number without a unit, such as 0.1", ()
        case TruthValue():
            return "`if(condition, a, b)` chooses between two numbers", ()
        case ScheduleValue():
            return "a schedule is made of parts; here one number is needed", ()
        case FunctionValue():
            return f"call it: `{value.span.text}(…)`", ()
        case ListValue() | NumbersValue():
            return "here one number is needed", ()
    return "", ()


def as_share(value: LengthValue) -> str | None:
    """The number that a percentage is, where that is what was written."""
    text = value.span.text
    if not re.fullmatch(r"[0-9]*\.?[0-9]+%", text):
        return None
    return number(float(text[:-1]) / 100, 12)


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
            place = Span(
                value.span.source, value.span.start + len(name), value.span.start + len(name)
            )
            own = fix(place, ": [number]", f"write `{name}: [number]`")
            known = value.span.text.startswith(name)
            return wrong_kind(value, what, "a list", help, (own,) if known else ())
    return wrong_kind(value, what, "a list", number_instead(value, what)[0])


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
    if isinstance(value, ScheduleValue) and (ease := EASES.get(value.span.text)):
        help = f"the ease is called `{ease}`"
        return wrong_kind(value, what, "a function", help, (fix(value.span, ease),))
    called = re.fullmatch(r"(\w+)\((?:.|\n)*\)", value.span.text)
    if called is None or isinstance(value, ScheduleValue):
        return wrong_kind(value, what, "a function", help)
    help = f"name one without calling it: write `{called[1]}`"
    return wrong_kind(value, what, "a function", help, (fix(value.span, called[1]),))


# The eases of shapes, which people call by the shape.
EASES = {
    "cosine": "half_cosine", "linear": "straight", "exponential": "exponential_ease",
    "poly": "square",
}  # fmt: skip


def as_schedule(value: Value, what: str) -> ScheduleValue | Refusal:
    """A schedule."""
    match value:
        case ScheduleValue():
            return value
        case Unknown():
            return REPORTED
    return wrong_kind(value, what, "a schedule", *schedule_instead(value))


def schedule_instead(value: Value) -> tuple[str, tuple[Fix, ...]]:
    """What to write instead of a value that is not a schedule, and the edit."""
    text = value.span.text
    match value:
        case NumberValue():
            called = re.fullmatch(r"(\w+)\((-?)([0-9.]+(?:ep|st|%)?)\)", text)
            named = called and _NAMESAKES.get(called[1] + called[2])
            if called and named:
                program = f"{named}({called[3]})"
                help = f"`{called[1]}` is a function of numbers: write `{program}`"
            else:
                program = f"const(value = {text})"
                help = f"to hold a value, write `{program}`"
        case LengthValue():
            program = f"const({text})"
            help = f"to hold the rate for that long, write `{program}`"
        case ListValue(items=[NumberValue() as first, *_, NumberValue() as last]) if (
            "." in text or "e-" in text
        ):
            return one_after_another(first.span.text, last.span.text), ()
        case ListValue(items=items) if items and all(isinstance(x, ScheduleValue) for x in items):
            program = " >> ".join([item.span.text for item in items])
            help = f"parts follow each other with `>>`: write `{on_one_line(program)}`"
        case TextValue():
            return unquoted(value) or ("", ())
        case _:
            return "", ()
    return help, (fix(value.span, program),)


def one_after_another(first: str, last: str) -> str:
    """What to do about values in a row.

    Args:
        first: the first of them.
        last: the last one.
    """
    held = f"`const(20, {first}) >> const(value = {last})`"
    return f"give each value the length for which it is held, as in {held}"


# Shapes that have a function of formulas for a namesake; `-` for one of a negative number.
_NAMESAKES = {
    "exp": "exponential", "exp-": "natural_exponential", "cos": "cosine", "tanh": "tanh_decay",
    "half_cosine": "cosine", "straight": "linear",
}  # fmt: skip


def as_kind(value: Value, kind: Kind, what: str) -> Value | Refusal:
    """An argument of a ``def`` as its parameter takes it, which turns bare numbers into lengths.

    Args:
        value: the argument.
        kind: the kind of the parameter.
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
        message = f"`{shown}` cannot be read: {error}"
        # As other languages write 1 and 5e-3.
        if (text := re.sub(r"(?<![.eE])(?<=[0-9])\.(?![0-9.])", "", spelling)) != spelling:
            return refuse(
                "bad-number", span, message, f"write `{text}`", (fix(span, text, safe=True),)
            )
        from lrdsl.check.misspelled import as_meant

        return refuse("bad-number", span, message, *as_meant(spelling, span))
    unit = quantity.unit
    if not unit:
        return NumberValue(Const(amount), span)
    if ours := respelled(unit):
        text = f"{spelling.removesuffix(unit)}{ours}"
        message, help = f"there is no unit `{unit}`", f"write `{text}`"
        return refuse("unknown-unit", span, message, help, (fix(span, text, safe=True),))
    return LengthValue(Length(((unit, quantity.exact),), place), span)


def overridden(name: str, default: Value, given: Value) -> Value | Refusal:
    """What the run gives a ``param``; where its default has a unit, that must have one too."""
    if isinstance(default, LengthValue) and isinstance(given, NumberValue):
        message = f"`{name}` is a length, and a unit is never guessed"
        text = given.span.text
        help = f"write `{text}st`, or `{text}ep`, as the program has `{default.span.text}`"
        return refuse("wrong-kind", given.span, message, help)
    return given
