"""What is told about a run, checked by pydantic on its way in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from lrdsl import limits
from lrdsl.check.conversions import MISSPELLED
from lrdsl.check.values import Length, LengthValue, NumberValue
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import Const
from lrdsl.resolve.run import Run
from lrdsl.text import numbers
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational

# The bits of an integer of as many digits as a number may have.
_MOST_BITS = (10**limits.DIGITS).bit_length()
_UNIT = re.compile(r"[A-Za-z_]\w*")


def _literal(value: Any) -> str:
    """A number or a length, as the language spells it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("this is neither a number nor a length")
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ValueError(f"a number has at most {limits.DIGITS} digits")
    text = value.strip() if isinstance(value, str) else repr(value)
    numbers.read(text.removeprefix("-"))
    return text


def _total(text: str) -> str:
    quantity = numbers.read(text.removeprefix("-"))
    if quantity.unit == "%":
        raise ValueError("the length of the run cannot be a share of itself")
    if text.startswith("-") or not quantity.exact:
        raise ValueError("the length of the run is above 0")
    if not quantity.unit and quantity.exact.denominator != 1:
        raise ValueError("a bare number counts whole steps")
    return text


def _unit(name: str) -> str:
    if name == "ep":
        raise ValueError("give `steps_per_epoch` instead")
    if name == "st" or name in MISSPELLED:
        raise ValueError("it stands for a unit of the language already")
    if not _UNIT.fullmatch(name):
        raise ValueError("a name is made of the letters a to z, digits and `_`")
    if name[0] in numbers.SUFFIXES:
        raise ValueError("a unit cannot start with k, M or B, which stand for thousands and more")
    return name


Literal = Annotated[str, BeforeValidator(_literal)]
Worth = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class RunContext(BaseModel):
    """What a program has to be told about the run it is resolved for.

    Attributes:
        total: length of the run: whole steps, or a length such as ``"90ep"``.
        steps_per_epoch: optimizer updates in one epoch.
        units: steps in one of each unit of the caller's: ``{"tok": 2.4e-7}``.
        params: values for ``param`` statements; strings such as ``"1e-5"`` or ``"10ep"`` are read
            as the language reads them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: Annotated[Literal, AfterValidator(_total)] | None = None
    steps_per_epoch: Worth | None = None
    units: dict[Annotated[str, AfterValidator(_unit)], Worth] = Field(default_factory=dict)
    params: dict[str, Literal] = Field(default_factory=dict)

    def run(self) -> Run:
        """The run, as the stages behind this one take it."""
        units = {"st": 1, **{n: numbers.exact(worth) for n, worth in self.units.items()}}
        if self.steps_per_epoch is not None:
            units["ep"] = numbers.exact(self.steps_per_epoch)
        params = {n: _value(f"params {n} = {text}", text) for n, text in self.params.items()}
        found = [_unknown_unit(n, value, units) for n, value in params.items()]
        if unknown := [diagnostic for diagnostic in found if diagnostic]:
            raise LrsError(unknown)
        total = None if self.total is None else _total_length(self.total)
        return Run(total, units, params)


def _value(shown: str, text: str) -> NumberValue | LengthValue:
    """A literal as a value of the language, placed in a line that says where it came from."""
    source = Source("run", shown)
    span = Span(source, len(shown) - len(text), len(shown))
    quantity = numbers.read(text.removeprefix("-"))
    sign = -1 if text.startswith("-") else 1
    if quantity.unit:
        return LengthValue(Length(((quantity.unit, sign * quantity.exact),), span), span)
    return NumberValue(Const(sign * quantity.nearest), span)


def _unknown_unit(
    name: str, value: NumberValue | LengthValue, units: Mapping[str, Rational]
) -> Diagnostic | None:
    """What is said of a value with a unit that nothing knows."""
    if isinstance(value, NumberValue):
        return None
    ((unit, _),) = value.length.amounts
    if unit in {"ep", "%", *units}:
        return None
    message = f"`{name}` cannot be `{value.span.text}`: there is no unit `{unit}`"
    help = "write a number such as 1e-5, or a length such as 5ep"
    return Diagnostic("bad-run", message, help, value.span)


def _total_length(text: str) -> Length:
    value = _value(f"total = {text}", text)
    if isinstance(value, LengthValue):
        return value.length
    amount = value.formula
    assert isinstance(amount, Const)
    return Length((("st", int(amount.value)),), value.span)


def to_json(given: Mapping[str, Any]) -> str:
    """The keyword arguments of ``resolve`` as one line of JSON, the same however they were given.

    >>> to_json({"total": 100, "steps_per_epoch": 10})
    '{"steps_per_epoch": 10.0, "total": "100"}'
    """
    if not given:
        return "{}"
    plain = RunContext.model_validate(dict(given)).model_dump(exclude_defaults=True)
    return json.dumps(plain, sort_keys=True)


def from_json(text: str) -> dict[str, Any]:
    """The keyword arguments in a line of JSON that :func:`to_json` wrote.

    Raises:
        ValueError: it is no such line.
    """
    if text == "{}":
        return {}
    context = RunContext.model_validate_json(text)
    return context.model_dump(exclude_defaults=True)


def make_run(given: Mapping[str, Any]) -> Run:
    """The run for what was given; what was not given is left out or None.

    Raises:
        LrsError: with one diagnostic for everything that is wrong.
    """
    try:
        return RunContext.model_validate(dict(given)).run()
    except ValidationError as error:
        raise LrsError(_diagnostic(given, dict(e)) for e in error.errors()) from None


def _written(value: Any) -> str:
    """A value from outside as Python writes it, if that is short."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of too many digits; a list in itself
        return f"this {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


_LONGEST = 200


def _diagnostic(given: Mapping[str, Any], error: Mapping[str, Any]) -> Diagnostic:
    path = [str(word) for word in error["loc"] if not str(word).startswith(("function", "["))]
    named = "[key]" in error["loc"]  # what is wrong is the name of a unit, not its worth
    value = given.get(path[0]) if not named else given[path[0]][error["input"]]
    value = error["input"] if len(path) > 1 and not named else value
    written = _written(value)
    shown = f"{' '.join(path[:2])} = {written}"
    reason = str(error["msg"]).removeprefix("Value error, ")
    name = path[1] if len(path) > 1 else path[0]
    cannot = "cannot name a unit" if named else f"cannot be {written}"
    message = f"`{name}` {cannot}: {reason[0].lower()}{reason[1:]}"
    start = len(path[0]) + 1 if named else 0
    span = Span(Source("run", shown), start, start + len(name) if named else len(shown))
    return Diagnostic("bad-run", message, "", span)
