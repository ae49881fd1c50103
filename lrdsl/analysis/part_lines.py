"""What the parts of a picture do: a line for each in a hover, and a short remark in the text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lrdsl.analysis.places import Hint, located, placed
from lrdsl.wording import plural

if TYPE_CHECKING:
    from lrdsl.analysis.picture import Picture
    from lrdsl.schedule.parts import Part
    from lrdsl.text.source import Source


def every_part(parts: Sequence[Part]) -> Iterator[Part]:
    """Parts, and the parts inside them.

    Args:
        parts: the parts of a schedule.
    """
    for part in parts:
        yield part
        if part.children:
            yield from every_part(part.children)


def line(part: Part, picture: Picture) -> str:
    """The steps and the values of a part, in a line.

    Args:
        part: the part.
        picture: what it is a part of.
    """
    first = picture.label(part.start_step)
    in_unit = picture.unit is not None and picture.unit.is_assumed
    if part.length == math.inf:
        steps = f"from {first} on" if in_unit else f"from step {first} on"
    else:
        last = picture.label(part.start_step + int(part.length))
        length = picture.label(int(part.length)) if in_unit else plural(int(part.length), "step")
        own = part.written_length
        written = f", {own}" if own is not None and not in_unit else ""
        steps = f"{'' if in_unit else 'steps '}{first} … {last} ({length}{written})"
    return f"**{part.name}** {steps}: {_values(part)}"


def hints(picture: Picture, source: Source) -> Iterator[Hint]:
    """A short remark after each part: where it starts, and the values at its ends.

    Args:
        picture: what can be drawn of the text.
        source: the text, and where it stands.
    """
    parts = [p for curve in picture.curves for p in curve.schedule.parts_at(curve.base)]
    own = [p for p in parts if placed(p.span, source.whole) is not None]
    # Of parts that end at one place, the first one is told.
    found = {located(p.span, source).end: p for p in reversed(own)}
    for offset, part in sorted(found.items(), key=lambda pair: pair[0]):
        yield Hint(offset, f"at {picture.label(part.start_step)}: {_values(part)}")


def _values(part: Part) -> str:
    """The values of a part at its ends: ``0 → base``, or one that is held."""
    start, end = part.start, part.end
    return start if end is None or end == start else f"{start} → {end}"
