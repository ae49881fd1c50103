"""Places in a piece of a log that hold numbers, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING, TypeAlias

from lrdsl.logs.decimals import LONGEST, floats

if TYPE_CHECKING:
    from lrdsl.logs.decimals import Bytes, Flags, Floats, Places

# What a reader gives for a number: places in a text, or what a document holds.
Values: TypeAlias = "Cells | Sequence[object]"


def as_bytes(piece: bytes) -> Bytes:
    """A piece of text as an array, with room before and after, in which `Cells` are places."""
    import numpy as np

    room = bytes(LONGEST)
    return np.frombuffer(room + piece + room, np.uint8)


class Cells:
    """Texts in a piece, without spaces around them.

    Args:
        text: the piece, as `as_bytes` gives it.
        starts: where each text starts.
        ends: where it ends.
    """

    def __init__(self, text: Bytes, starts: Places, ends: Places) -> None:
        # Spaces, tabs and line ends are the only bytes up to 32 of a text.
        while (is_space := (text[ends - 1] <= 32) & (ends > starts)).any():
            ends = ends - is_space
        while (is_space := (text[starts] <= 32) & (starts < ends)).any():
            starts = starts + is_space
        self.text, self.starts, self.ends = text, starts, ends

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: int) -> str:
        start, end = self.starts[place], self.ends[place]
        return self.text[start:end].tobytes().decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    @property
    def is_filled(self) -> Flags:
        """Which of them are not empty."""
        filled: Flags = self.ends > self.starts
        return filled

    def kept(self, those: Flags | Places) -> Cells:
        """Some of them."""
        return Cells(self.text, self.starts[those], self.ends[those])

    def sample(self, amount: int) -> list[str]:
        """About so many texts from all over the piece, and the longest one."""
        places = [*range(0, len(self), len(self) // amount + 1)]
        if len(self):
            places.append(int((self.ends - self.starts).argmax()))
        return [self[place] for place in places]


def present(values: Values) -> Flags:
    """For each of some values whether there is one: no empty text, and not None."""
    import numpy as np

    if isinstance(values, Cells):
        return values.is_filled
    return np.array([value is not None and value != "" for value in values], bool)


def chosen(values: Values, those: Flags) -> Values:
    """Some of the values."""
    if isinstance(values, Cells):
        return values.kept(those)
    return [*compress(values, those)]


def as_floats(values: Values) -> tuple[Floats, Flags]:
    """The values as floats, and which of them plainly are numbers."""
    import numpy as np

    if isinstance(values, Cells):
        return floats(values.text, values.starts, values.ends)
    is_known = np.array([isinstance(value, int | float) for value in values], bool)
    if is_known.all():
        return np.array([*map(float, values)]), is_known  # type: ignore[arg-type]
    plain = [float(value) if known else 0.0 for value, known in zip(values, is_known, strict=True)]  # type: ignore[arg-type]
    return np.array(plain), is_known
