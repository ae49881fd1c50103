"""The text of a chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrdsl.check import library
from lrdsl.fitting.families import END, LENGTH, START, VALUE, number_of
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.fitting.chain import Chain, Piece, Slot
    from lrdsl.text.nodes import Parameter

# As many digits as a number of a text has at most.
_DIGITS = 17
# The shape that ends where the next one begins, unless it says otherwise.
_RISE = "warmup"
# The value that the shape before has reached.
_PREV = "prev"
# Parameters that are rates, and may be written in terms of the optimizer's own.
_RATES = {START, END, VALUE, "peak"}


def written(chain: Chain, x: Sequence[float], base: float | None) -> str:
    """A chain as text.

    Args:
        chain: the chain.
        x: its numbers.
        base: the optimizer's own rate, which is written ``base``; None if it is unknown.
    """
    parts: list[str] = []
    begin = 0.0
    before: Piece | None = None
    first_cycle = None if chain.cycle is None else chain.pieces[chain.cycle[0]]
    for piece, after in zip(chain.pieces, (*chain.pieces[1:], None), strict=True):
        if piece is first_cycle:
            parts.append(_cycles(chain, piece, x, base))
            break
        finish = None if piece.finish is None else round(piece.finish.read(x, 0.0))
        length = None if finish is None else finish - round(begin)
        if length == 0 and parts and after is None:
            break
        hidden = {name for name in (START, VALUE) if before is not None and _meets(before, piece)}
        if before is not None and before.family.name == _RISE:
            hidden = set()
        if piece.family.name == _RISE and after is not None and _meets(piece, after):
            hidden.add(END)
        parts.append(f"{piece.family.name}{_arguments(piece, x, length, hidden, base)}")
        begin, before = finish or begin, piece
    return " >> ".join(parts)


def _cycles(chain: Chain, piece: Piece, x: Sequence[float], base: float | None) -> str:
    """Cycles of half a cosine."""
    assert chain.cycle is not None and piece.finish is not None and piece.finish.cycles is not None
    length, stretch = x[piece.finish.cycles[0]], chain.cycle[1]
    start, end = (piece.slots[name].read(x, 0.0) for name in (START, END))
    words = [f"{round(length)}", spelled(stretch), spelled(start, base), spelled(end, base)]
    return f"restarts({', '.join(words if end else words[:3])})"


def _meets(before: Piece, after: Piece) -> bool:
    """True if a shape begins with the value that the one before ends with."""
    first = after.slots.get(START) or after.slots.get(VALUE)
    last = before.slots.get(END) or before.slots.get(VALUE)
    return first is not None and (first.is_reached or first == last)


def _arguments(
    piece: Piece, x: Sequence[float], length: int | None, hidden: set[str], base: float | None
) -> str:
    """The arguments of a shape, by their names after the first that is left out."""
    family = piece.family
    words: list[str] = []
    is_named = False
    for parameter in family.parameters:
        name = parameter.name
        if name == LENGTH:
            text = None if length is None else f"{length}"
        else:
            text = _argument(parameter, piece.slots[name], x, name in hidden, base)
        is_named = is_named or text is None or parameter.keyword_only
        if text is not None:
            words.append(f"{name} = {text}" if is_named else text)
    if family.ease:
        words.append(f"{_ease_of(piece)} = {family.ease}" if is_named else family.ease)
    return f"({', '.join(words)})" if words else ""


def _argument(
    parameter: Parameter, slot: Slot, x: Sequence[float], is_met: bool, base: float | None
) -> str | None:
    """An argument; None if it can be left out, as where a neighbor has the same value."""
    if is_met and (parameter.name == END or getattr(parameter.default, "id", "") == _PREV):
        return None
    if slot.is_reached:
        return _PREV
    value = slot.read(x, 0.0)
    if value == number_of(parameter):
        return None
    if parameter.kind == "steps":
        return f"{round(value)}"
    return spelled(value, base if parameter.name in _RATES else None)


def _ease_of(piece: Piece) -> str:
    """The parameter that takes the ease."""
    definition = library.find(piece.family.name)
    assert definition is not None
    return next(p.name for p in definition.parameters if p.kind == "function")


def spelled(value: float, base: float | None = None) -> str:
    """A number as a text has it.

    >>> spelled(3e-4), spelled(0.25), spelled(3e-5, base=3e-4), spelled(0.1, base=0.1)
    ('3e-4', '0.25', 'base / 10', 'base')

    Args:
        value: the number.
        base: the optimizer's own rate; None if it is unknown.
    """
    if base and value:
        ratio = base / value
        if abs(ratio - 1) < 1e-12:
            return "base"
        if abs(ratio - round(ratio)) < 1e-9 and round(ratio) in (2, 3, 4, 5, 10, 20, 50, 100, 1000):
            return f"base / {round(ratio)}"
    return next(
        text for digits in range(1, _DIGITS + 1)
        if float(text := number(value, digits)) == value or digits == _DIGITS
    )  # fmt: skip
