"""Tables of delimited text: their header, and their columns in pieces."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import Path

from lrdsl.logs.cells import Cells, as_bytes
from lrdsl.logs.decimals import LONGEST
from lrdsl.logs.lines import chunks
from lrdsl.logs.log import Axis, Block
from lrdsl.logs.numbers import Number, whole
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Unreadable, Wanted, missing
from lrdsl.record import entity

DELIMITERS = ",;\t"
# Columns that count no updates.
EPOCHS = ("epoch", "epochs")
# Rows that tell whether a text is a table.
_LOOKED_AT = 20
# More than this belongs to no cell.
_LONGEST = 1 << 26


@entity
class Table:
    """The header of a table.

    Attributes:
        names: the columns.
        delimiter: what stands between two cells.
        line: the header as written, without its end.
    """

    names: tuple[str, ...]
    delimiter: str
    line: str


def table_of(head: str) -> Table | None:
    r"""The header of a table, by its first lines; None for another text.

    >>> table_of("step;lr\n0;0.1\n").names
    ('step', 'lr')
    >>> table_of("0,0.1\n1,0.2\n"), table_of("epoch 1 of 3\n")
    (None, None)
    """
    line, end, rest = head.lstrip("\r\n").partition("\n")
    if not end or "\0" in line or line.lstrip().startswith(("{", "[", "<")):
        return None
    line = line.removesuffix("\r")
    names: list[str] = []
    for mark in DELIMITERS:
        cells = [cell.strip() for cell in _cells(line, mark)]
        if len(cells) > len(names):
            names, delimiter = cells, mark
    if len(names) < 2 or any(map(_is_number, names)):
        return None
    # The first row may be being written, and some may lack cells.
    widths = [len(row) for row in _rows(rest, delimiter, _LOOKED_AT)]
    is_table = len(names) in widths or "\n" not in rest
    return Table(tuple(names), delimiter, line) if is_table else None


def nameless(head: str) -> int:
    r"""How many columns a table without a header has, by its first lines; 0 for another text.

    >>> nameless("0,0.1\n1,0.2\n"), nameless("step,lr\n0,0.1\n"), nameless("1\n2\n")
    (2, 0, 0)
    """
    line, _, rest = head.partition("\n")
    for mark in DELIMITERS:
        cells = _cells(line.removesuffix("\r"), mark)
        if len(cells) < 2 or not all(map(_is_number, filter(None, cells))):
            continue
        if any(cells) and len(_cells(rest, mark)) in (len(cells), 0):
            return len(cells)
    return 0


def _cells(text: str, delimiter: str) -> list[str]:
    """The cells of the first row of a text."""
    return next(iter(_rows(text, delimiter, 1)), [])


def _rows(text: str, delimiter: str, amount: int) -> list[list[str]]:
    """The first rows of a text."""
    try:
        return [*islice(csv.reader(StringIO(text, newline=""), delimiter=delimiter), amount)]
    except csv.Error:
        return []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def rates_of(
    path: Path,
    table: Table,
    wanted: Wanted,
    step: str,
    rates: Iterable[str],
    precision: Precision | None = None,
    axis: Axis = "step",
) -> Iterator[Block]:
    """The rates of a table and the metric that is wanted.

    Args:
        path: the file.
        table: its header.
        wanted: which of its columns to read.
        step: the column with the steps, unless another one is wanted.
        rates: the columns with rates, unless others are wanted.
        precision: how exactly it holds them; None to infer it from the texts.
        axis: what its steps count.

    Raises:
        Unreadable: there is no such column, or a cell is no number.
        OSError: it cannot be read.
    """
    names = wanted.columns(rates)
    numbers = [Number(path, name, wanted, precision, axis=axis) for name in names]
    columns = [(_place(path, table, number.name), number) for number in numbers]
    yield from blocks_of(path, table, wanted.step or step, columns)


def _place(path: Path, table: Table, name: str) -> int:
    """The place of a column."""
    if name not in table.names:
        raise missing(path, name, list(table.names))
    if (amount := table.names.count(name)) > 1:
        raise Unreadable(
            f"{path}: {amount} columns are called `{name}`: rename those not to be read"
        )
    return table.names.index(name)


def blocks_of(
    path: Path, table: Table, step: str, columns: Sequence[tuple[int, Number]]
) -> Iterator[Block]:
    """The readings of some columns of a table.

    A row without a step gives none. A row that repeats the header belongs to a run that was
    resumed, and a last one without a line end is left out, since it may be half written.

    Args:
        path: the file.
        table: its header.
        step: the column with the steps.
        columns: the place of each other column, and what is read from it.

    Raises:
        Unreadable: a cell is no number.
        OSError: it cannot be read.
    """
    places = [_place(path, table, step), *(column for column, _ in columns)]
    for texts, *others in _pieces(path, table, places):
        there = texts.is_filled
        steps = whole(path, step, texts if (is_all := there.all()) else texts.kept(there))
        for (_, number), cells in zip(columns, others, strict=True):
            if block := number.block(steps, cells if is_all else cells.kept(there)):
                yield block


def _pieces(path: Path, table: Table, places: Sequence[int]) -> Iterator[list[Cells]]:
    """Some columns of a table, many rows at a time."""
    header, sign = _header(table), max(table.names, key=len).encode()
    held = b""
    for piece in chunks(path, printed=False):
        whole = held + (piece.replace(b"\r\n", b"\n") if b"\r" in piece else piece)
        if sign in whole:
            whole = header.sub(b"", whole)
        plain = _unquoted(path, whole, table.delimiter)
        # A cell of several lines goes on in the next piece.
        held = whole if plain is None else b""
        if len(held) > _LONGEST:
            break
        if plain:
            yield cut(plain, table.delimiter, places)
    if held:
        raise Unreadable(f"{path}: a quotation mark opens a cell, and none closes it")


def _header(table: Table) -> re.Pattern[bytes]:
    """A line that names the columns again, perhaps with a mark of UTF-8, spaces or quotes."""
    mark = re.escape(table.delimiter).encode()
    names = [rb' *"? *' + re.escape(name).encode() + rb' *"? *' for name in table.names]
    written = re.escape(table.line).encode()
    return re.compile(rb"^(?:\xef\xbb\xbf)?(?:" + mark.join(names) + b"|" + written + rb")\n", re.M)


def cut(piece: bytes, delimiter: str, places: Sequence[int]) -> list[Cells]:
    """Some columns of the rows of a table. A row that lacks a cell has an empty one.

    Args:
        piece: the rows, each with its line end, and without quotes.
        delimiter: what stands between two cells.
        places: the columns.
    """
    import numpy as np

    text = as_bytes(piece)
    is_end = text == ord("\n")
    marks = np.flatnonzero(is_end | (text == ord(delimiter)))
    last = np.flatnonzero(is_end[marks])
    first = np.concatenate(([0], last[:-1] + 1))
    before = np.concatenate(([LONGEST - 1], marks))
    found = []
    for place in places:
        mark = np.minimum(first + place, last)
        ends = marks[mark]
        # A cell that is missing ends where it starts.
        starts = np.where(first + place > last, ends, before[mark] + 1)
        found.append(Cells(text, starts, ends))
    return found


def _unquoted(path: Path, piece: bytes, delimiter: str) -> bytes | None:
    """The rows without quotes, and with spaces for marks in cells; None if a cell is open."""
    import numpy as np

    if b'"' not in piece:
        return piece
    text = np.frombuffer(piece, np.uint8)
    is_quote = text == ord('"')
    marks = np.flatnonzero(is_quote | (text == ord("\n")) | (text == ord(delimiter)))
    quotes = np.flatnonzero(is_quote[marks])
    gaps = np.diff(quotes)
    # The usual case: between two marks there is no quote, or two.
    if len(quotes) % 2 == 0 and (gaps[::2] == 1).all() and (gaps[1::2] > 1).all():
        return piece.replace(b'"', b"")
    plain = str.maketrans(dict.fromkeys((delimiter, "\n", "\r", '"'), " "))
    reader = csv.reader(StringIO(piece.decode(), newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [delimiter.join(cell.translate(plain) for cell in row) + "\n" for row in reader]
    except csv.Error as error:
        if "end of data" in str(error):
            return None
        raise Unreadable(f"{path}: a cell with quotation marks is damaged: {error}") from None
    return "".join(rows).encode()
