"""A run as plain data, made of the arguments that describe it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

from lrdsl.check.conversions import respelled
from lrdsl.check.values import Length, LengthValue, NumberValue, Value
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Const
from lrdsl.record import record
from lrdsl.resolve.run_arguments import UNITS, RunArguments
from lrdsl.resolve.run_rules import amount, literal, param, total, unit
from lrdsl.text import numbers
from lrdsl.text.source import Said, Span
from lrdsl.wording import did_you_mean

if TYPE_CHECKING:
    from lrdsl.check.table import Table
    from lrdsl.schedule.ticks import Ticks
    from lrdsl.text.numbers import Rational

    _T = TypeVar("_T")

# What messages call what was said of a run.
RUN = "the run"
# How much of a value that is refused is shown.
_LONGEST = 200


@record
class Run:
    """The run a program is resolved for.

    Attributes:
        total: length of the run, or None if it is not known.
        units: steps in one of each unit that is known: ``st``, and ``ep`` or the caller's own.
        params: values that override ``param`` statements.
        ramp: the units whose steps change in size, if there are some.
        overridden: notes on what the text says otherwise.
        clock: what curves follow, if that is another unit than steps.
        tick: the unit that is laid out in whole numbers.
        ticks: how such a run came of one on a clock: the ticks in one of its units.
    """

    total: Length | None = None
    units: Mapping[str, Rational] = MappingProxyType({"st": 1})
    params: Mapping[str, Value] = MappingProxyType({})
    ramp: Ramp | None = None
    overridden: tuple[Diagnostic, ...] = ()
    clock: Clock | None = None
    tick: str = "st"
    ticks: Ticks | None = None

    def steps(self, amount: Rational, unit: str) -> Rational | None:
        """The steps of an amount from the start of the run; None if the unit is not known."""
        worth = self.units.get(unit)
        if worth is not None:
            return amount * worth
        if self.ramp is None or unit not in self.ramp.units:
            return None
        return self.ramp.table.reached(amount * self.ramp.units[unit])


@record
class Ramp:
    """Units whose steps change in size during the run.

    Attributes:
        table: the sizes.
        units: what one of each of these units is in that of the table.
        total: the length of the run in it; None if it is given in other units.
    """

    table: Table
    units: Mapping[str, Rational]
    total: Rational | None = None


@record
class Clock:
    """What curves follow instead of steps.

    Attributes:
        unit: the unit, such as ``tok``.
        sizes: one of each unit that is known in it.
        table: what was taken of it before each update; None if only ``step(at=…)`` says so.
        total: the length of the run in it; None if that is not known.
    """

    unit: str
    sizes: Mapping[str, Rational]
    table: Table | None
    total: Length | None


@record
class Description:
    """The arguments of a run, each value as it is written into a state.

    Attributes:
        total: a length as the language spells it.
        steps_per: updates in one of each unit of the language, by the argument that says so.
        per_step: units in a step.
        params: numbers and lengths as the language spells them.
    """

    total: str | None
    steps_per: dict[str, float]
    per_step: dict[str, float]
    params: dict[str, str]


def described(arguments: RunArguments) -> Description:
    """Checks what a caller said about a run.

    Args:
        arguments: the arguments that were given; others are missing or None.

    Raises:
        LrsError: with one diagnostic for everything that is wrong.
    """
    refused: list[Diagnostic] = []
    said = cast("Mapping[str, object]", arguments)
    counts = {name: _checked(name, said.get(name), amount, refused) for name, _ in UNITS.values()}
    description = Description(
        _checked("total", arguments.get("total"), total, refused),
        {name: count for name, count in counts.items() if count is not None},
        _table("per_step", arguments.get("per_step"), unit, amount, refused),
        _table("params", arguments.get("params"), param, literal, refused),
    )
    if refused:
        raise LrsError(refused)
    return description


def _checked(
    name: str, value: object, rule: Callable[[object], _T], refused: list[Diagnostic]
) -> _T | None:
    if value is None:
        return None
    try:
        return rule(value)
    except ValueError as error:
        refused.append(_bad_value((name,), value, error))
        return None


def _table(
    argument: str,
    table: object,
    name_rule: Callable[[object], str],
    rule: Callable[[object], _T],
    refused: list[Diagnostic],
) -> dict[str, _T]:
    checked: dict[str, _T] = {}
    if table is None:
        return checked
    if not isinstance(table, Mapping):
        error = ValueError("input should be a valid dictionary")
        refused.append(_bad_value((argument,), table, error))
        return checked
    for key, value in table.items():
        try:
            name = name_rule(key)
        except ValueError as error:
            refused.append(_bad_name(argument, key, value, name_rule.__name__, error))
            name = _shortened(key if isinstance(key, str) else _written(key))
        try:
            checked[name] = rule(value)
        except ValueError as error:
            refused.append(_bad_value((argument, name), value, error))
    return checked


def _bad_value(path: tuple[str, ...], value: object, error: ValueError) -> Diagnostic:
    shown = f"{' '.join(path)} = {_written(value)}"
    message = f"`{path[-1]}` cannot be {_written(value)}: {error}"
    return Diagnostic("bad-run", message, "", Span(Said(RUN, shown), 0, len(shown)))


def _bad_name(
    argument: str, name: object, value: object, kind: str, error: ValueError
) -> Diagnostic:
    text = _shortened(name if isinstance(name, str) else _written(name))
    start = len(argument) + 1
    source = Said(RUN, f"{argument} {text} = {_written(value)}")
    message = f"`{text}` cannot name a {kind}: {error}"
    return Diagnostic("bad-run", message, "", Span(source, start, start + len(text)))


def _written(value: object) -> str:
    """A value from outside as Python writes it, if that is short."""
    try:
        return _shortened(repr(value))
    except (ValueError, RecursionError):  # an integer of too many digits; a list in itself
        return f"this {type(value).__name__}"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def make_run(arguments: RunArguments, stated: Container[str] = ()) -> Run:
    """The run that the arguments describe.

    Args:
        arguments: the arguments that were given; others are missing or None.
        stated: the units that the program's text speaks of.

    Raises:
        LrsError: with one diagnostic for everything that is wrong.
    """
    description = described(arguments)
    units: dict[str, Rational] = {"st": 1}
    for name, count in description.per_step.items():
        units[name] = numbers.divide(1, numbers.exact(count))
    for name, (argument, _) in UNITS.items():
        if argument in description.steps_per:
            units[name] = numbers.exact(description.steps_per[argument])
    params = {
        name: _value(f"params {name} = {text}", text) for name, text in description.params.items()
    }
    foreign = [_foreign_unit(name, value, units, stated) for name, value in params.items()]
    if unknown := [diagnostic for diagnostic in foreign if diagnostic]:
        raise LrsError(unknown)
    length = description.total
    return Run(None if length is None else _length(f"total = {length}", length), units, params)


def _value(shown: str, text: str) -> NumberValue | LengthValue:
    """A literal as a value of the language, placed in a line that says where it came from."""
    source = Said(RUN, shown)
    span = Span(source, len(shown) - len(text), len(shown))
    quantity = numbers.read(text.removeprefix("-"))
    sign = -1 if text.startswith("-") else 1
    if quantity.unit:
        return LengthValue(Length(((quantity.unit, sign * quantity.exact),), span), span)
    return NumberValue(Const(sign * quantity.nearest), span)


def _foreign_unit(
    name: str,
    value: NumberValue | LengthValue,
    units: Mapping[str, Rational],
    stated: Container[str],
) -> Diagnostic | None:
    """The diagnostic for a value with an unknown unit; None if its unit is known."""
    if isinstance(value, NumberValue):
        return None
    ((unit, _),) = value.length.amounts
    if unit in {"%", *UNITS, *units} or unit in stated:
        return None
    message = f"`{name}` cannot be `{value.span.text}`: there is no unit `{unit}`"
    if ours := respelled(unit):
        text = value.span.text.removesuffix(unit) + ours
        return Diagnostic("bad-run", message, f"write `{text}`", value.span)
    known = [name for name in units if name not in UNITS]
    own = f'pass how many one step takes: `per_step={{"{unit}": …}}` (`--per-step {unit}=…`)'
    near = did_you_mean(unit, [*UNITS, *known])
    help = f"{near} Or {own}" if near else f"to give a length in `{unit}`, {own}"
    return Diagnostic("bad-run", message, help, value.span)


def _length(shown: str, text: str) -> Length:
    value = _value(shown, text)
    if isinstance(value, LengthValue):
        return value.length
    return Length((("st", int(numbers.read(text).exact)),), value.span)
