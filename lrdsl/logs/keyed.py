"""Logs of lines in which each number stands after its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs.cells import Cells, as_bytes
from lrdsl.logs.decimals import LONGEST
from lrdsl.logs.lines import chunks
from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, whole
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Source, Wanted
from lrdsl.record import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lrdsl.logs.decimals import Flags, Places


# What ends a number too, but does not follow a whole one. After the text there are zeros.
_SPACES = b" \t\r\n\0"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


@record
class Key:
    """How a number is marked in a line.

    Attributes:
        before: what stands before it.
        after: the characters of which one follows it. It has to be there, so that a line that is
            being written gives no number with half its digits.
        between: the characters that may stand between ``before`` and the number, and in JSON
            between the number and what follows it.
        is_json: True if the line is a JSON object, of which other objects in it are no part.
    """

    before: bytes
    after: bytes
    between: bytes = b" "
    is_json: bool = False


def blocks_of(
    path: Path,
    wanted: Wanted,
    step: str,
    rates: Iterable[str],
    key: Callable[[str], Key],
    precision: Precision,
    of_step: Key | None = None,
) -> Iterator[Block]:
    """The rates of such a log and the metric that is wanted.

    Args:
        path: the file.
        wanted: which of its numbers to read.
        step: the name of the steps, unless another one is wanted.
        rates: the names of the rates, unless others are wanted.
        key: a function from a name to how its number is marked.
        precision: how exactly numbers are written.
        of_step: how the steps are marked, if that is in another way.
    """
    counted = of_step if of_step and wanted.step is None else key(wanted.step or step)
    numbers = [(Number(path, name, wanted, precision), key(name)) for name in wanted.columns(rates)]
    for piece in chunks(path, printed=True):
        lines = Lines(piece)
        counts = lines.marked(counted)
        for number, marked in numbers:
            texts, values = shared(counts, lines.marked(marked))
            if block := number.block(whole(path, wanted.step or step, texts), values):
                yield block


class Lines:
    """Some lines of a log.

    Args:
        piece: the text.
    """

    def __init__(self, piece: bytes) -> None:
        import numpy as np

        self._piece = piece
        self._text = as_bytes(piece)
        self._ends = np.flatnonzero(self._text == ord("\n"))

    def marked(self, key: Key) -> tuple[Cells, Places]:
        """The numbers that are marked in some way, and for each the line in which it is."""
        import numpy as np

        lengths = np.fromiter(map(len, self._piece.split(key.before)), np.int64)
        starts = np.cumsum(lengths[:-1] + len(key.before)) + LONGEST
        between, after = _table(key.between), _table(key.after)
        while (is_between := between[self._text[starts]]).any():
            starts = starts + is_between
        ends = stops = self._ends_of(starts, after)
        while key.is_json and (is_between := between[self._text[stops]]).any():
            stops = stops + is_between
        is_one = after[self._text[stops]]
        if key.is_json and self._piece.count(b"{") > len(self._ends) + 1:
            is_one &= self._are_outside(starts)
        starts, ends = starts[is_one], ends[is_one]
        return Cells(self._text, starts, ends), np.searchsorted(self._ends, starts)

    def _are_outside(self, starts: Places) -> Flags:
        """For each of some places whether it lies in the object of its line, and in no other."""
        import numpy as np

        before = np.concatenate(([LONGEST - 1], self._ends))[np.searchsorted(self._ends, starts)]
        return np.array(
            [
                _depth(self._text[a + 1 : b].tobytes()) == 1
                for a, b in zip(before, starts, strict=True)
            ],
            bool,
        )

    def _ends_of(self, starts: Places, after: Flags) -> Places:
        """The first characters from some places on that may follow a number, or end a line."""
        import numpy as np

        is_end = after | _table(_SPACES)
        windows: NDArray[np.void] = np.ndarray(
            (len(self._text) - LONGEST + 1,), f"V{LONGEST}", buffer=self._text, strides=(1,)
        )
        rows = windows[starts].view(np.uint8).reshape(-1, LONGEST)
        ends: Places = starts + is_end[rows].argmax(axis=1)
        for place in np.flatnonzero(~is_end[self._text[ends]]):
            ends[place] += int(is_end[self._text[ends[place] :]].argmax())
        return ends


def _depth(text: bytes) -> int:
    """How many objects and lists of JSON are open at the end of a text."""
    plain = _STRING.sub(b"", text)
    return sum(plain.count(mark) for mark in (b"{", b"[")) - sum(
        plain.count(mark) for mark in (b"}", b"]")
    )


@cache
def _table(characters: bytes) -> Flags:
    """For each byte whether it is one of some characters."""
    import numpy as np

    return np.isin(np.arange(256), np.frombuffer(characters, np.uint8))


def shared(first: tuple[Cells, Places], second: tuple[Cells, Places]) -> tuple[Cells, Cells]:
    """Two columns of numbers, as far as both have one in a line."""
    import numpy as np

    (ones, of_ones), (others, of_others) = first, second
    if np.array_equal(of_ones, of_others):
        return ones, others
    _, there, here = np.intersect1d(of_ones, of_others, return_indices=True)
    return ones.kept(there), others.kept(here)


def in_json(name: str) -> Key:
    """How a number is marked in a line of JSON."""
    return Key(json.dumps(name).encode() + b":", b",}", b" \t", is_json=True)


def keys_in_json(source: Source) -> list[str]:
    """The names in the first lines of a file of JSON lines."""
    return list(dict.fromkeys(re.findall(r'"([^"\\\n]+)": ?', source.text)))
