"""The values of expressions while a program is checked: one small class for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.record import record, replace
from lrdsl.text.source import Span
from lrdsl.wording import number, short_count

if TYPE_CHECKING:
    from lrdsl.check.tree import Event, Tree
    from lrdsl.formula.formula import Formula
    from lrdsl.formula.functions import Function
    from lrdsl.text.nodes import Definition
    from lrdsl.text.numbers import Rational


@record
class Length:
    """A length as written: exact amounts of units, or ``rest``.

    Attributes:
        amounts: unit and amount, sorted by unit; ``st`` and ``%`` among them.
        span: where it was written.
        told: what to show of it, if that is not its amounts: it depended on its place.
    """

    amounts: tuple[tuple[str, Rational], ...]
    span: Span
    told: str = ""

    @property
    def is_rest(self) -> bool:
        """True if it is the length that the other parts leave over."""
        return self.amounts == REST_AMOUNTS

    @property
    def in_steps(self) -> bool:
        """True if it is a plain number of steps."""
        return not self.told and all(unit == "st" for unit, _ in self.amounts)

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
        return self.told or " + ".join(f"{_decimal(amount)}{unit}" for unit, amount in self.amounts)


REST_AMOUNTS = (("rest", 1),)


def steps(amount: Rational, span: Span) -> Length:
    """A length in steps."""
    return Length((("st", amount),), span)


def _decimal(amount: Rational) -> str:
    if amount.denominator == 1:
        return _brief(amount.numerator)
    try:
        return number(float(amount))
    except OverflowError:
        return str(amount.numerator // amount.denominator)


def _brief(amount: int) -> str:
    """A whole amount in the language's k, M or B where that is shorter: ``2B`` of tokens."""
    short = short_count(amount, 9)
    return short if short[-1].isalpha() else str(amount)


# The span of a value is where it is used; that of the length or the schedule in it, where a user
# has to look when a run does not suit it.


@record
class NumberValue:
    """A number, known or in terms of words such as ``base``."""

    formula: Formula
    span: Span
    noun = "a number"


@record
class TruthValue:
    """A condition: ``true``, or a comparison of numbers."""

    formula: Formula
    span: Span
    noun = "a condition"


@record
class LengthValue:
    """A length that has a unit, or is ``rest``; a bare number of steps is still a number."""

    length: Length
    span: Span
    noun = "a length"


@record
class ListValue:
    """A list as it was written."""

    items: tuple[Value, ...]
    span: Span
    noun = "a list"


@record
class NumbersValue:
    """A list of numbers as one word: a parameter, inside the formula of its shape."""

    formula: Formula
    span: Span
    noun = "a list"


@record
class ScheduleValue:
    """A schedule."""

    tree: Tree
    span: Span
    noun = "a schedule"


@record
class FunctionValue:
    """A function that is handed on: a ``def``, or a function of formulas."""

    name: str
    function: Definition | Function
    span: Span
    noun = "a function"


@record
class EventValue:
    """What an ``until`` waits for."""

    event: Event
    span: Span
    noun = "an event"


@record
class TextValue:
    """A text in double quotes, which only names something outside: a number of the groups."""

    text: str
    span: Span
    noun = "a text"


@record
class Unknown:
    """The value of something that was already reported: it fits everywhere."""

    span: Span
    noun = "unknown"


Value = (
    NumberValue
    | TruthValue
    | LengthValue
    | ListValue
    | NumbersValue
    | ScheduleValue
    | FunctionValue
    | TextValue
    | EventValue
    | Unknown
)


def used_at(value: Value, span: Span) -> Value:
    """A value where a name or a call stands for it."""
    return value if value.span is span else replace(value, span=span)
