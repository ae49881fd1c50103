"""What an expression can stand for while a program is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.record import record
from lrdsl.text.source import Span

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational

# The kinds of values, in the words of messages.
KINDS = {
    "number": "a number",
    "length": "a length",
    "list": "a list",
    "truth": "a condition",
    "schedule": "a schedule",
    "function": "a function",
    "unknown": "unknown",
}


@record
class Length:
    """A length as written: exact amounts of units, or ``rest``.

    Attributes:
        amounts: unit and amount, sorted by unit; ``st`` and ``%`` among them.
        span: where it was written.
    """

    amounts: tuple[tuple[str, Rational], ...]
    span: Span

    @property
    def is_rest(self) -> bool:
        """Whether it is what the other parts leave over."""
        return self.amounts == REST_AMOUNTS

    @property
    def in_steps(self) -> bool:
        """Whether it is a plain number of steps."""
        return all(unit == "st" for unit, _ in self.amounts)

    def times(self, factor: Rational, span: Span) -> Length:
        """The length, stretched."""
        return Length(tuple((unit, amount * factor) for unit, amount in self.amounts), span)

    def plus(self, other: Length, span: Span) -> Length:
        """The sum of two lengths."""
        total = dict(self.amounts)
        for unit, amount in other.amounts:
            total[unit] = total.get(unit, 0) + amount
        return Length(tuple(sorted(total.items())), span)

    def __str__(self) -> str:
        return " + ".join(f"{_decimal(amount)}{unit}" for unit, amount in self.amounts)


REST_AMOUNTS = (("rest", 1),)


def steps(amount: Rational, span: Span) -> Length:
    """A length in steps."""
    return Length((("st", amount),), span)


def _decimal(amount: Rational) -> str:
    if amount.denominator == 1:
        return str(amount.numerator)
    try:
        return f"{float(amount):.6g}"
    except OverflowError:
        return str(amount.numerator // amount.denominator)


@record
class Value:
    """A value, its kind, and the text it came from.

    Attributes:
        kind: one of :data:`KINDS`.
        it: a Formula for a number, a list or a truth; a Length; a tuple of Values for a list that
            holds lengths; a tree for a schedule; a Definition or a function's name for a function.
        span: where it was written.
    """

    kind: str
    it: Any
    span: Span


def unknown(span: Span) -> Value:
    """The value of something that was already reported: it fits everywhere."""
    return Value("unknown", None, span)
