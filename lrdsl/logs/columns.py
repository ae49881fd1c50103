"""Tables of delimited text: their header, and their columns in pieces."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from pathlib import Path

from lrdsl.logs.lines import chunks
from lrdsl.logs.log import Axis, Block
from lrdsl.logs.numbers import Number, whole
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Wanted, missing
from lrdsl.record import entity

DELIMITERS = ",;\t"


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
    line, end, rest = head.partition("\n")
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
    second, end, _ = rest.partition("\n")
    is_row = len(_cells(second.removesuffix("\r"), delimiter)) == len(names)
    return Table(tuple(names), delimiter, line) if is_row or not end else None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
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
        if "" in texts:
            others = [list(compress(cells, texts)) for cells in others]
            texts = list(filter(None, texts))
        steps: array[int] = whole(path, step, texts)
        for (_, number), cells in zip(columns, others, strict=True):
            if block := number.block(steps, cells):
                yield block


def _pieces(path: Path, table: Table, places: Sequence[int]) -> Iterator[list[list[str]]]:
    """Some columns of a table, many rows at a time."""
    header = table.line + "\n"
    for piece in chunks(path, printed=False):
        if piece.startswith(header):
            piece = piece[len(header) :]
        if f"\n{header}" in piece:
            piece = piece.replace(f"\n{header}", "\n")
        if piece:
            yield _cut(piece, table, places)


def _cut(piece: str, table: Table, places: Sequence[int]) -> list[list[str]]:
    mark, width = table.delimiter, len(table.names)
    if '"' not in piece:
        # Cut at once, with the line ends as cells: rows of equal length have them in one column.
        cells = piece.replace("\n", f"{mark}\n{mark}").split(mark)
        cells.pop()
        ends = cells[width :: width + 1]
        if len(ends) * (width + 1) == len(cells) and ends.count("\n") == piece.count("\n"):
            return [cells[column :: width + 1] for column in places]
    rows = [row for row in csv.reader(piece.splitlines(keepends=True), delimiter=mark) if row]
    return [[row[at] if at < len(row) else "" for row in rows] for at in places]
