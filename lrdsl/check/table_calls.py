"""The tables that a step can be, from their calls: ``stairs(…)`` and ``ramp(…)`` in a ``run``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.arguments import bind
from lrdsl.check.conversions import as_kind, as_length, as_lengths
from lrdsl.check.interfaces import Interfaces
from lrdsl.check.problems import Refusal, refuse, together
from lrdsl.check.state import State
from lrdsl.check.table import Table, stairs
from lrdsl.check.values import Length, LengthValue, Value
from lrdsl.text.nodes import Call, Definition, Module
from lrdsl.text.numbers import divide
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.text.numbers import Rational

# Their parameters, as those of a `def`.
_DEFINED = """
def stairs(milestones: [steps], sizes: [steps]) = 0
def ramp(start: steps, end: steps, *, by: steps, over: steps) = 0
"""


def table_of(call: Call, values: Mapping[int, Value], module: Module) -> Table | Refusal:
    """The table that a call makes.

    Args:
        call: the call of one of ``TABLES``.
        values: the values of its arguments, by the identity of their nodes.
        module: the text.
    """
    interface = Interfaces(State(module)).of(_definitions()[call.id])
    bound, problems = bind(interface, call.arguments, call.span)
    if problems:
        return Refusal(tuple(problems))
    given: dict[str, Value] = {}
    refusals: list[Refusal] = []
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        name = parameter.name
        what = f"`{name}` of `{call.id}`"
        value = as_kind(values[id(bound[name])], kind, what)
        if isinstance(value, Refusal):
            refusals.append(value)
        else:
            given[name] = value
    if refusals:
        return together(refusals)
    return TABLES[call.id](given, call.span)


@lru_cache(1)
def _definitions() -> dict[str, Definition]:
    module, _ = parse_module(Source("<run>", _DEFINED))
    return {s.name: s for s in module.statements if isinstance(s, Definition)}


def relative(length: Length, what: str) -> Refusal | None:
    """Refuses a length that is a share of another one, or what others leave over.

    Args:
        length: the length.
        what: it in words.
    """
    for unit, _ in length.amounts:
        if unit in {"%", "rest"}:
            message = f"{what} cannot be `{shown(length.span)}`: nothing is around it"
            return refuse("bad-run", length.span, message, "write it in steps, or another unit")
    return None


def one_unit(length: Length, what: str) -> tuple[str, Rational] | Refusal:
    """The unit and the amount of a length above 0 that has one unit only.

    Args:
        length: the length.
        what: it in words.
    """
    if refusal := relative(length, what):
        return refusal
    if len(length.amounts) > 1:
        message = f"{what} is in one unit, and this is in {len(length.amounts)}"
        return refuse("bad-run", length.span, message, "write it in one of them")
    ((unit, amount),) = length.amounts
    if not amount:
        return refuse("bad-run", length.span, f"{what} is above 0")
    return unit, amount


def _sizes(lengths: Iterable[Length]) -> tuple[str, list[Rational]] | Refusal:
    """The unit and the sizes of the steps of a table."""
    unit, sizes = "", []
    for length in lengths:
        found = one_unit(length, "the size of a step")
        if isinstance(found, Refusal):
            return found
        if found[0] == "st":
            message = "the size of a step is in another unit than steps"
            return refuse("bad-run", length.span, message, "write it as in `2Mtok`")
        if unit not in {"", found[0]}:
            message = f"the sizes of a table are in one unit, and this is in `{found[0]}`"
            return refuse("bad-run", length.span, message, f"write it in `{unit}`")
        unit = found[0]
        sizes.append(found[1])
    return unit, sizes


def _lengths(value: Value) -> tuple[Length, ...]:
    """The lengths of an argument that was found to be one length, or a list of them."""
    found = (as_length(value, ""),) if isinstance(value, LengthValue) else as_lengths(value, "")
    assert not isinstance(found, Refusal)
    return tuple(length for length in found if isinstance(length, Length))


def _stairs(given: dict[str, Value], span: Span) -> Table | Refusal:
    milestones, lengths = _lengths(given["milestones"]), _lengths(given["sizes"])
    if len(lengths) != len(milestones) + 1:
        divide = "milestone divides" if len(milestones) == 1 else "milestones divide"
        message = f"{len(milestones)} {divide} a run into {len(milestones) + 1} stretches"
        help = f"give as many sizes, not {len(lengths)}"
        return refuse("bad-run", given["sizes"].span, message, help)
    if len(lengths) > limits.SIZES:
        message = f"a table has at most {limits.SIZES:,} sizes"
        return refuse("too-many-parts", span, message)
    sizes = _sizes(lengths)
    if isinstance(sizes, Refusal):
        return sizes
    places: list[tuple[Rational, bool]] = []
    for milestone in milestones:
        found = one_unit(milestone, "a milestone of a table")
        if isinstance(found, Refusal):
            return found
        if found[0] not in {"st", sizes[0]}:
            message = f"a milestone of this table is in steps or in `{sizes[0]}`"
            return refuse("bad-run", milestone.span, message)
        places.append((found[1], found[0] != "st"))
    return _rising(*sizes, places, span, [milestone.span for milestone in milestones])


def _rising(
    unit: str,
    sizes: list[Rational],
    places: list[tuple[Rational, bool]],
    span: Span,
    spans: Sequence[Span] = (),
) -> Table | Refusal:
    """The table of some sizes; those of a ramp rise, and have no milestones to point to."""
    try:
        table = stairs(unit, sizes, places)
    except ValueError as error:
        (which,) = error.args
        message = "the milestones of a table rise, and this one does not"
        return refuse("bad-run", spans[which], message)
    except OverflowError:
        digits = f"{limits.EXACT_DIGITS:,} digits"
        message = f"what this table adds up to has more than {digits} when it is exact"
        return refuse("bad-number", span, message, "write its sizes as decimal numbers")
    if table.starts[-1] > limits.STEPS:
        message = "this table changes after more steps than can be counted"
        return refuse("too-many-steps", span, message, "the limit is 2^53 steps, about 9e15")
    return table


def _ramp(given: dict[str, Value], span: Span) -> Table | Refusal:
    """Stairs as high as ``by``, all of which are as long, ``over`` in all."""
    order = ("start", "end", "by", "over")
    sizes = _sizes([length for name in order for length in _lengths(given[name])])
    if isinstance(sizes, Refusal):
        return sizes
    unit, (first, last, by, over) = sizes
    count = divide(last - first, by)
    if count.denominator != 1 or count < 1:
        rises = f"{number(float(first))} to {number(float(last))}"
        message = f"from {rises}, no whole number of rises by {number(float(by))} leads"
        return refuse("bad-run", given["by"].span, message)
    if count > limits.SIZES:
        message = f"a table has at most {limits.SIZES:,} sizes"
        return refuse("too-many-parts", span, message, "let `by` be larger")
    steps = range(int(count) + 1)
    places = [(divide(over * k, count), True) for k in steps[1:]]
    return _rising(unit, [first + k * by for k in steps], places, span)


def shown(span: Span) -> str:
    """What is written at a place, on one line and not too long."""
    text = " ".join(span.text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"


TABLES: dict[str, Callable[[dict[str, Value], Span], Table | Refusal]] = {
    "stairs": _stairs,
    "ramp": _ramp,
}
