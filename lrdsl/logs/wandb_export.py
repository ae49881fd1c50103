"""A chart of Weights & Biases, exported as CSV.

The first column is the chart's axis. The others are ``RUN - KEY``, each with ``__MIN`` and
``__MAX`` beside it. Of grouped runs, RUN is ``Group: NAME`` and a value is their mean. Beside an
axis that is no step there are columns ``RUN - _step``. This is the form of exports that lie in
public repositories.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.columns import EPOCHS, Table, blocks_of, table_of
from lrdsl.logs.log import Axis, Block
from lrdsl.logs.numbers import Number, is_wanted
from lrdsl.logs.reader import Reader, Source, Wanted

_COLUMN = re.compile(r"(?P<run>.+) - (?P<key>.+?)(?P<edge>__MIN|__MAX)?")


def _finds(source: Source) -> list[Path]:
    found = source.inside("*.csv") if source.is_folder else [source.path]
    return [path for path in found if _table(Source(path) if source.is_folder else source)]


def _table(source: Source) -> Table | None:
    """The header of a table in which a column stands beside its smallest values."""
    table = table_of(source.text)
    if table is None or table.delimiter != ",":
        return None
    names = set(table.names[1:])
    return table if any(f"{name}__MIN" in names and " - " in name for name in names) else None


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    table = _table(Source(path))
    assert table is not None, path
    step = wanted.step or table.names[0]
    axis: Axis = "epoch" if step.lower() in EPOCHS else "step"
    columns = []
    for at, name in enumerate(table.names):
        found = _COLUMN.fullmatch(name)
        if found is None or found["edge"] or at == 0:
            continue
        key = found["key"]
        if is_wanted(key, wanted):
            columns.append((at, Number(path, key, wanted, None, run=found["run"], axis=axis)))
    yield from blocks_of(path, table, step, columns)


def _names(path: Path) -> list[str]:
    table = _table(Source(path))
    found = map(_COLUMN.fullmatch, table.names if table else ())
    return [one["key"] for one in found if one]


READER = Reader(system="W&B", finds=_finds, blocks=_blocks, names=_names)
