"""Where a scheduler of torch stands among others, and what has been said of it in lrdsl."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lrdsl.importers.symbols import Number, Real, Whole, is_known

_BASE = Real(1.0, "base")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scheduler stands.

    Attributes:
        group: the parameter group, counted from 0.
        base: the rate that it starts from: ``base``, a number that another scheduler has put in
            its place, or 1 for a factor of a product.
        is_begun: True if the rate just before is ``base`` too, so that it need not be written.
        room: the steps that it has, or None if it goes on to the end.
        run: the length of the whole run; 0 if it is not known.
        is_later: True if a ``SequentialLR`` starts it at a milestone, by its closed form.
        is_before_base: True if what follows starts at ``base``, or nothing follows.
        is_chained: True for a part of a product.
        depth: how many ``SequentialLR`` have stepped, when they were made, what it is in.
        notes: what was assumed; sentences are added to it.
    """

    group: int = 0
    base: Number = _BASE
    is_begun: bool = True
    room: Number | None = None
    run: int = 0
    is_later: bool = False
    is_before_base: bool = True
    is_chained: bool = False
    depth: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def is_scaled(self) -> bool:
        """True if its rates are in proportion to the optimizer's own."""
        return not is_known(self.base)

    @property
    def start(self) -> str:
        """The rate it starts from, as an argument; empty if the default says it."""
        return "" if self.is_begun and self.is_scaled else str(self.base)

    def scaled(self, factor: Number) -> str:
        """The rate it starts from, times a number.

        Args:
            factor: the number.
        """
        if factor == 0 and is_known(factor):
            return "0"
        if factor == 1 and is_known(factor):
            return str(self.base)
        parts = round(1 / factor) if is_known(factor) else 0
        if self.is_scaled and len(str(factor)) > 8 and parts and factor == 1 / parts:
            return str(self.base / Whole(parts))
        return str(self.base * factor)

    def but(self, **changes: object) -> Place:
        """The same place, but for some of its attributes."""
        return replace(self, **changes)  # type: ignore[arg-type]  # by their names


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a scheduler.

    Attributes:
        text: its schedule.
        length: the steps that are in it; None if it has no end, or just the room that it has.
        then: what comes after them: ``const``, and the value if it is not the last one.
        is_told: True if ``then`` has to be written where nothing follows.
        ends: True if it ends at ``base``.
    """

    text: str
    length: Number | None = None
    then: str = ""
    is_told: bool = False
    ends: bool = False


def call(name: str, *values: object, **named: object) -> str:
    """A call, as lrdsl writes it; what is empty is left out.

    Args:
        name: what is called.
        values: the arguments without a name.
        named: those with one.
    """
    items = [str(value) for value in values if str(value)]
    items += [f"{key} = {value}" for key, value in named.items() if str(value)]
    return f"{name}({', '.join(items)})" if items else name


def ending(name: str, length: Number, place: Place, end: str, **named: object) -> str:
    """A call of a shape that goes from one rate to another.

    Args:
        name: the shape.
        length: its steps.
        place: where it stands, with the rate that it starts from.
        end: the rate that it ends with.
        named: its other arguments.
    """
    start = place.start
    if end == "0":
        return call(name, length, start, **named)
    return (
        call(name, length, start, end, **named) if start else call(name, length, end=end, **named)
    )


def fitted(said: Said, place: Place) -> Said:
    """A schedule that lasts for just the room that it has.

    Args:
        said: the schedule.
        place: where it stands.
    """
    room, length = place.room, said.length
    if room is None:
        text = f"{said.text} >> {call('const', said.then)}" if said.is_told else said.text
        return Said(text, ends=said.ends)
    if length is None:
        return said
    if room == length:
        is_back = said.ends and not said.then.startswith("value")
        return Said(said.text, ends=is_back)
    if room < length:
        return Said(f"until({room}, {said.text})")
    value = said.then.removeprefix("value = ")
    return Said(f"{said.text} >> {call('const', room - length, value)}", ends=said.ends)
