"""Values to what a parameter takes: lengths, numbers, lists."""

from __future__ import annotations

from lrdsl.check.state import Checker
from lrdsl.check.values import KINDS, Length, Value, steps
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.formula.formula import Const, Formula, apply
from lrdsl.limits import STEPS
from lrdsl.text.source import Span

# Spellings of the built-in units that people try; none of them can be a unit of the caller.
MISSPELLED = {
    "epoch": "ep", "epochs": "ep", "step": "st", "steps": "st", "s": "st", "e": "ep",
    "percent": "%", "pct": "%",
}  # fmt: skip


def as_length(checker: Checker, value: Value, what: str) -> Length | None:
    """The length a value gives, or None where it is none (which is reported).

    Args:
        checker: takes the errors.
        value: a length, or a bare whole number of steps.
        what: the parameter, for messages.
    """
    if value.kind == "length":
        length: Length = value.it
        if not all(amount >= 0 for _, amount in length.amounts) and len(length.amounts) == 1:
            return _refuse(checker, "negative-length", value.span, f"{what} cannot be negative")
        return length
    if value.kind != "number":
        if value.kind != "unknown":
            wrong_kind(checker, value, what, "a length", "write a number of steps, or `5ep`, `10%`")
        return None
    if not isinstance(value.it, Const):
        message = f"{what} must be known before training, and this depends on the run's rates"
        return _refuse(
            checker, "wrong-kind", value.span, message, "lengths are made of numbers and units"
        )
    return _bare(checker, value, what)


def _bare(checker: Checker, value: Value, what: str) -> Length | None:
    amount = value.it.value
    if amount < 0:
        message = f"{what} is {amount:g}, and a length cannot be negative"
        return _refuse(checker, "negative-length", value.span, message)
    if not amount <= STEPS:
        message = f"{what} is more steps than can be counted"
        return _refuse(
            checker, "too-many-steps", value.span, message, "the limit is 2^53 steps, about 9e15"
        )
    if not float(amount).is_integer():
        if amount < 1:
            help = f"for a share of the enclosing length write `{amount * 100:g}%`"
        else:
            help = f"write whole steps, `{amount:.0f}`, or a unit, `{amount:g}ep`"
        message = f"{what} is {amount:g}, and a bare number counts whole steps"
        return _refuse(checker, "fractional-length", value.span, message, help)
    return steps(int(amount), value.span)


def as_lengths(checker: Checker, value: Value, what: str) -> tuple[Length, ...] | None:
    """The lengths in a list, or None where it is none (which is reported)."""
    if value.kind != "list" or not isinstance(value.it, tuple):
        if value.kind != "unknown":
            help = (
                f"write a list: `[{value.span.text}]`" if value.kind in {"length", "number"} else ""
            )
            wrong_kind(checker, value, what, "a list of lengths", help)
        return None
    found = [as_length(checker, item, f"an item of {what}") for item in value.it]
    return None if None in found else tuple(found)  # type: ignore[arg-type]


def as_formula(checker: Checker, value: Value, what: str, wanted: str) -> Formula | None:
    """The formula of a number or of a list of numbers, or None (which is reported)."""
    if value.kind == "unknown":
        return None
    if wanted == "list" and value.kind == "list":
        if not isinstance(value.it, tuple):
            return value.it  # type: ignore[no-any-return]
        items = [as_formula(checker, item, f"an item of {what}", "number") for item in value.it]
        return None if None in items else apply("list", *items)  # type: ignore[arg-type]
    if value.kind == wanted:
        return value.it  # type: ignore[no-any-return]
    help = {
        "length": "write a plain number without a unit, such as 0.1",
        "list": "here one number is needed",
        "truth": "`if(condition, a, b)` chooses between two numbers",
        "schedule": "a schedule is made of parts; here one number is needed",
        "function": f"call it: `{value.span.text}(…)`",
    }.get(value.kind, "")
    if wanted == "truth":
        help = "write `true`, `false` or a comparison, such as `x > 0`"
    wrong_kind(checker, value, what, KINDS[wanted], help)
    return None


def wrong_kind(checker: Checker, value: Value, what: str, wanted: str, help: str) -> None:
    """Reports a value of the wrong kind at its own place."""
    text = value.span.text
    shown = f"`{text}`" if len(text) <= 40 and "\n" not in text else "this"
    checker.report(
        "wrong-kind", value.span, f"{what} is {wanted}, and {shown} is {KINDS[value.kind]}", help
    )


def _refuse(
    checker: Checker, slug: Slug, span: Span, message: str, help: str = ""
) -> Length | None:
    checker.report(slug, span, message, help)
    return None
