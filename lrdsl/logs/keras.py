"""The table of Keras' CSVLogger: a row for each epoch.

It has a rate only under LearningRateScheduler or ReduceLROnPlateau: ``learning_rate`` in Keras 3,
``lr`` in Keras 2, which is the rate of that epoch. Measured with Keras 3.15.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.columns import Table, rates_of, table_of
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import FLOAT32
from lrdsl.logs.reader import Reader, Source, Wanted

_RATES = ("learning_rate", "lr")


def _finds(source: Source) -> list[Path]:
    found = source.inside("*.csv", "*.log") if source.is_folder else [source.path]
    return [path for path in found if _table(Source(path) if source.is_folder else source)]


def _table(source: Source) -> Table | None:
    """The header, which is ``epoch`` and the other names in their order, as Python writes it."""
    table = table_of(source.text)
    if table is None or table.names[0] != "epoch" or b"\r\n" not in source.head:
        return None
    others = table.names[1:]
    is_one = list(others) == sorted(others) and "loss" in others and _rates(table)
    return table if is_one else None


def _rates(table: Table) -> list[str]:
    return [name for name in _RATES if name in table.names]


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    table = _table(Source(path))
    assert table is not None, path
    yield from rates_of(path, table, wanted, "epoch", _rates(table), FLOAT32, "epoch")


def _names(path: Path) -> tuple[str, ...]:
    table = _table(Source(path))
    return table.names if table else ()


READER = Reader(system="Keras", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(0),))
