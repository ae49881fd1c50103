"""What a text says of its run: its length, and how long units are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl import limits
from lrdsl.check.arguments import bind
from lrdsl.check.conversions import as_kind, as_length, as_lengths, read_number
from lrdsl.check.interfaces import Interfaces
from lrdsl.check.problems import Refusal, refuse, together
from lrdsl.check.state import State
from lrdsl.check.table import Table, stairs
from lrdsl.check.values import Length, LengthValue, Value
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.record import record
from lrdsl.text.nodes import Call, Definition, Expression, Name, Number, RunItem, RunStatement
from lrdsl.text.numbers import divide
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span
from lrdsl.wording import closest, listed, number

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander
    from lrdsl.check.state import Scope
    from lrdsl.text.numbers import Rational

# The items that have a name. Every other one says how long a unit is.
ITEMS = ("total", "clock")
# So many items are named that say together what another one repeats.
_NAMED = 3
_UNITS = "how long a unit is, as in `1ep = 1251st`"
# The tables that a step can be: their parameters, as those of a `def`.
_TABLES = """
def stairs(milestones: [steps], sizes: [steps]) = 0
def ramp(start: steps, end: steps, *, by: steps, over: steps) = 0
"""


@record
class Ratio:
    """One item that relates two units.

    Attributes:
        unit: one of them.
        other: the other.
        ratio: how many of the other one there are in the first; None if a table says it.
        span: the item.
    """

    unit: str
    other: str
    ratio: Rational | None
    span: Span


@record
class Stated:
    """What the ``run`` statements of a text say.

    Attributes:
        total: the length of the run, if they say it.
        item: where they do.
        ratios: what they say of units, in their order.
        table: the size of a step, if it changes.
        clock: the unit that curves follow, if they say it.
        clocked: where they do.
    """

    total: Length | None
    item: Span | None
    ratios: tuple[Ratio, ...]
    table: Table | None
    clock: str | None = None
    clocked: Span | None = None

    @property
    def units(self) -> frozenset[str]:
        """The units that it speaks of."""
        units = {unit for ratio in self.ratios for unit in (ratio.unit, ratio.other)}
        return frozenset(units if self.clock is None else {*units, self.clock})


def read(expander: Expander, runs: Iterable[RunStatement], scope: Scope) -> Stated:
    """Reads the ``run`` statements of a text, and reports what is wrong with them.

    Args:
        expander: knows the definitions of the text.
        runs: the statements.
        scope: what they see besides.
    """
    reader = _Reader(expander, scope)
    for run in runs:
        for item in run.items:
            refusal = reader.item(item)
            for problem in refusal.problems if refusal is not None else ():
                expander.state.report(problem)
    places = reader.places
    return Stated(
        reader.total,
        places.get("total"),
        tuple(reader.ratios),
        reader.table,
        reader.clock,
        places.get("clock"),
    )


class _Reader:
    """Collects items."""

    def __init__(self, expander: Expander, scope: Scope) -> None:
        self._expander, self._scope = expander, scope
        self.total: Length | None = None
        self.clock: str | None = None
        # Where the items are that have a name.
        self.places: dict[str, Span] = {}
        self.ratios: list[Ratio] = []
        self.table: Table | None = None
        # The units that are related, each with one that stands for all it is related to.
        self._leaders: dict[str, str] = {}

    def item(self, item: RunItem) -> Refusal | None:
        """Takes one item; a refusal says what is wrong with it."""
        if isinstance(item.key, Name):
            return self._named(item, item.key)
        return self._equation(item, item.key)

    def _named(self, item: RunItem, name: Name) -> Refusal | None:
        if name.id not in ITEMS:
            if of_others := self._of_others(item, name):
                return of_others
            near = closest(name.id, ITEMS)
            known = f"it has {listed([*(f'`{known}`' for known in ITEMS), _UNITS])}"
            own: tuple[Fix, ...] = (fix(name.span, near),) if near else ()
            help = f"did you mean `{near}`?" if near else known
            return refuse("bad-run", name.span, f"a `run` has no `{name.id}`", help, own)
        if name.id in self.places:
            line = self.places[name.id].place[0]
            message = f"`{name.id}` is stated already, on line {line}"
            return refuse("stated-twice", item.span, message, "remove one of them")
        self.places[name.id] = item.span
        return self._clock(item.value) if name.id == "clock" else self._total(item)

    def _clock(self, value: Expression) -> Refusal | None:
        """Takes the unit that curves follow."""
        if isinstance(value, Name) and value.id not in {"rest", "base", "prev", "next"}:
            self.clock = value.id
            return None
        own: tuple[Fix, ...] = ()
        shown, help = _shown(value.span), "write the unit alone, as in `clock = tok`"
        if isinstance(value, Number):
            unit = value.spelling.lstrip("0123456789._kMB")
            if unit.isidentifier():
                own, help = (fix(value.span, unit),), f"write `clock = {unit}`"
        return refuse("bad-run", value.span, f"a clock is a unit, and `{shown}` is none", help, own)

    def _total(self, item: RunItem) -> Refusal | None:
        length = as_length(self._value(item.value), "`total`")
        if isinstance(length, Refusal):
            return length
        if refusal := _relative(length, "`total`"):
            return refusal
        if not any(amount for _, amount in length.amounts):
            return refuse("bad-run", length.span, "the length of the run is above 0")
        self.total = length
        return None

    def _of_others(self, item: RunItem, name: Name) -> Refusal | None:
        """``steps_per_epoch = 1251``: what other systems call it."""
        from lrdsl.text.statement_words import item as written

        text = written(name.id, item.value.span.text) if isinstance(item.value, Number) else None
        if text is None:
            return None
        own = (fix(item.span, text, f"write `{text}`"),)
        return refuse("bad-run", name.span, f"a `run` has no `{name.id}`", f"write `{text}`", own)

    def _equation(self, item: RunItem, key: Number) -> Refusal | None:
        of = read_number(key, key.span)
        if isinstance(of, Refusal):
            return of
        if not isinstance(of, LengthValue) or of.length.amounts[0][0] == "%":
            message = f"`{key.spelling}` has no unit whose length could be said"
            return refuse("bad-run", key.span, message, "write it as in `1ep = 1251st`")
        ((unit, count),) = of.length.amounts
        if not count:
            return refuse("bad-run", key.span, f"nothing can be said of `{key.spelling}`")
        value = item.value
        if isinstance(value, Call) and (table := _tables().get(value.id)) and self._is_free(value):
            if (unit, count) != ("st", 1):
                message = "a table says how much one step takes"
                return refuse("bad-run", key.span, message, f"write `1st = {value.id}(…)`")
            return self._table(item, value, table)
        length = as_length(self._value(value), f"the length of `{key.spelling}`")
        if isinstance(length, Refusal):
            return length
        found = _one_unit(length, f"the length of `{key.spelling}`")
        if isinstance(found, Refusal):
            return found
        other, amount = found
        if other == unit:
            message = f"both sides are in `{unit}`"
            return refuse("bad-run", item.span, message, f"the items of a `run` say {_UNITS}")
        return self._relate(Ratio(unit, other, divide(amount, count), item.span))

    def _value(self, node: Expression) -> Value:
        return self._expander.evaluate(node, self._scope)

    def _is_free(self, call: Call) -> bool:
        """True if the text does not define what is called."""
        return call.id not in self._expander.state.definitions

    def _relate(self, ratio: Ratio) -> Refusal | None:
        """Adds what an item says of two units; refuses it if others say it already."""
        first, second = self._leader(ratio.unit), self._leader(ratio.other)
        if first == second:
            way = path(self.ratios, ratio.unit, {ratio.other})
            said = [f"`{_shown(one.span)}`" for one in way[:_NAMED]]
            said += [f"{len(way) - _NAMED} more"] if len(way) > _NAMED else []
            follows = "is" if len(said) == 1 else "follows from"
            what = f"the length of `{ratio.unit}` in `{ratio.other}`"
            message = f"{what} {follows} {listed(said)} already"
            return refuse("stated-twice", ratio.span, message, "remove one of them")
        self._leaders[first] = second
        self.ratios.append(ratio)
        return None

    def _leader(self, unit: str) -> str:
        while (other := self._leaders.get(unit, unit)) != unit:
            self._leaders[unit] = self._leaders.get(other, other)
            unit = other
        return unit

    def _table(self, item: RunItem, call: Call, definition: Definition) -> Refusal | None:
        if self.table is not None:
            message = "a program has one table"
            return refuse("stated-twice", item.span, message, "remove one of them")
        values = {id(a): self._value(a.value) for a in call.arguments}
        interface = Interfaces(State(self._expander.state.module)).of(definition)
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
        made = (_stairs if call.id == "stairs" else _ramp)(given, call.span)
        if isinstance(made, Refusal):
            return made
        refusal = self._relate(Ratio("st", made.unit, None, item.span))
        if refusal is None:
            self.table = made
        return refusal


@lru_cache(1)
def _tables() -> dict[str, Definition]:
    module, _ = parse_module(Source("<run>", _TABLES))
    return {s.name: s for s in module.statements if isinstance(s, Definition)}


def path(ratios: Iterable[Ratio], first: str, last: Collection[str]) -> list[Ratio]:
    """What leads from one unit to another; empty if nothing does.

    Args:
        ratios: what is known of units, without circles.
        first: a unit.
        last: others, one of which is looked for.
    """
    beside: dict[str, list[tuple[str, Ratio]]] = {}
    for ratio in ratios:
        beside.setdefault(ratio.unit, []).append((ratio.other, ratio))
        beside.setdefault(ratio.other, []).append((ratio.unit, ratio))
    before: dict[str, tuple[str, Ratio] | None] = {first: None}
    pending = [first]
    end: str | None = None
    while pending and end is None:
        unit = pending.pop()
        end = unit if unit in last else None
        for other, ratio in beside.get(unit, ()):
            if other not in before:
                before[other] = unit, ratio
                pending.append(other)
    found: list[Ratio] = []
    step = None if end is None else before[end]
    while step is not None:
        unit, ratio = step
        found.append(ratio)
        step = before[unit]
    return found[::-1]


def _relative(length: Length, what: str) -> Refusal | None:
    """Refuses a length that is a share of another one, or what others leave over."""
    for unit, _ in length.amounts:
        if unit in {"%", "rest"}:
            message = f"{what} cannot be `{_shown(length.span)}`: nothing is around it"
            return refuse("bad-run", length.span, message, "write it in steps, or another unit")
    return None


def _one_unit(length: Length, what: str) -> tuple[str, Rational] | Refusal:
    if refusal := _relative(length, what):
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
        found = _one_unit(length, "the size of a step")
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
        message = f"{len(milestones)} milestones divide a run into {len(milestones) + 1} stretches"
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
        found = _one_unit(milestone, "a milestone of a table")
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


def _shown(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
