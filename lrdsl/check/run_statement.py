"""What a text says of its run: its length, and how long units are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from lrdsl.check import library
from lrdsl.check.conversions import as_length, read_number
from lrdsl.check.problems import Refusal, refuse
from lrdsl.check.table import Table
from lrdsl.check.table_calls import TABLES, one_unit, relative, shown, table_of
from lrdsl.check.values import Length, LengthValue, Value
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.record import record
from lrdsl.text.nodes import Call, Expression, Items, Name, Number, RunItem, RunStatement
from lrdsl.text.numbers import divide
from lrdsl.text.source import Span
from lrdsl.wording import closest, listed

if TYPE_CHECKING:
    from lrdsl.check.expander import Expander
    from lrdsl.check.state import Scope
    from lrdsl.text.numbers import Rational

# The items that have a name. Every other one says how long a unit is.
ITEMS = ("total", "clock")
# So many items are named that say together what another one repeats.
_NAMED = 3
_UNITS = "how long a unit is, as in `1ep = 1251st`"


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
        if refusal := self._of_python(item):
            return refusal
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
        help = "write the unit alone, as in `clock = tok`"
        if isinstance(value, Number):
            unit = value.spelling.lstrip("0123456789._kMB")
            if unit.isidentifier():
                own, help = (fix(value.span, unit),), f"write `clock = {unit}`"
        message = f"a clock is a unit, and `{shown(value.span)}` is not one"
        return refuse("bad-run", value.span, message, help, own)

    def _total(self, item: RunItem) -> Refusal | None:
        length = as_length(self._value(item.value), "`total`")
        if isinstance(length, Refusal):
            return length
        if refusal := relative(length, "`total`"):
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
        if isinstance(value, Call) and value.id in TABLES and self._is_free(value):
            if (unit, count) != ("st", 1):
                message = "a table says how much one step takes"
                return refuse("bad-run", key.span, message, f"write `1st = {value.id}(…)`")
            return self._table(item, value)
        if (unit, count) == ("st", 1) and (refusal := self._no_table(value)):
            return refusal
        length = as_length(self._value(value), f"the length of `{key.spelling}`")
        if isinstance(length, Refusal):
            return length
        found = one_unit(length, f"the length of `{key.spelling}`")
        if isinstance(found, Refusal):
            return found
        other, amount = found
        if other == unit:
            message = f"both sides are in `{unit}`"
            return refuse("bad-run", item.span, message, f"the items of a `run` say {_UNITS}")
        return self._relate(Ratio(unit, other, divide(amount, count), item.span))

    def _no_table(self, value: Expression) -> Refusal | None:
        """Refuses a schedule, or a list, for the size of a step that changes."""
        text = shown(value.span)
        if isinstance(value, Items):
            message = "a list of sizes does not say when they change"
            help = f"write `stairs([…], {text})`, with the first step of each size after the first"
            return refuse("bad-run", value.span, message, help)
        shape = library.find(value.id) if isinstance(value, Call) and self._is_free(value) else None
        if shape is None or shape.keyword != "shape":
            return None
        message = f"`{shape.name}` is a schedule, and the size of a step is a table"
        help = "write `ramp(start, end, by = …, over = …)`, or `stairs(milestones, sizes)`"
        return refuse("bad-run", value.span, message, help)

    def _of_python(self, item: RunItem) -> Refusal | None:
        """Refuses ``1ep = len(loader)``, which only Python knows."""
        text = shown(item.value.span)
        found = re.search(r"\blen\(", item.value.span.text)
        if found is None or "len" in self._expander.state.definitions:
            return None
        argument = f"per_step={{…: {text}}}"
        if isinstance(item.key, Name):
            argument = f"{item.key.id}={text}"
        elif item.key.spelling == "1ep":
            argument = f"steps_per_epoch={text}"
        start = item.value.span.start + found.start()
        span = Span(item.value.span.source, start, start + len("len"))
        help = f"write the number, or pass `{argument}` to `lrdsl.compile`"
        return refuse("unknown-name", span, "there is no `len`: a program sees no Python", help)

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
            said = [f"`{shown(one.span)}`" for one in way[:_NAMED]]
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

    def _table(self, item: RunItem, call: Call) -> Refusal | None:
        if self.table is not None:
            message = "a program has one table"
            return refuse("stated-twice", item.span, message, "remove one of them")
        values = {id(a): self._value(a.value) for a in call.arguments}
        made = table_of(call, values, self._expander.state.module)
        if isinstance(made, Refusal):
            return made
        refusal = self._relate(Ratio("st", made.unit, None, item.span))
        if refusal is None:
            self.table = made
        return refusal


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
