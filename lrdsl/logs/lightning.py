"""``metrics.csv`` of Lightning's CSVLogger, with the columns of its LearningRateMonitor.

A rate is in a row of its own at the step it was used for: ``lr-AdamW``, or ``lr-AdamW/pg1`` and
``lr-AdamW/pg2`` of an optimizer with groups. When gradients accumulate there is a row for each
batch. Measured with Lightning 2.6.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.columns import Table, rates_of, table_of
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.names import is_rate
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Wanted

NAME = "metrics.csv"
_FOLDERS = ("version_*", "lightning_logs/version_*", "*/version_*", "lightning_logs")


def _finds(source: Source) -> list[Path]:
    """The file itself, or those of a folder, the latest version first."""
    if not source.is_folder:
        return [source.path] if _table(source) else []
    found = source.inside(NAME, *(f"{folder}/{NAME}" for folder in _FOLDERS))
    return sorted(filter(lambda path: _table(Source(path)), found), key=_version, reverse=True)


def _version(path: Path) -> tuple[int, float]:
    found = re.fullmatch(r"version_(\d+)", path.parent.name)
    return (int(found[1]) if found else 1 << 30), path.stat().st_mtime


def _table(source: Source) -> Table | None:
    """The header of a table with rates of the monitor."""
    table = table_of(source.text)
    if table is None or "step" not in table.names or table.delimiter != ",":
        return None
    return table if any(map(_is_monitored, table.names)) else None


def _is_monitored(name: str) -> bool:
    return re.match("lr-[A-Z]", name) is not None and is_rate(name)


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    table = _table(Source(path))
    assert table is not None, path
    rates = filter(_is_monitored, table.names)
    yield from rates_of(path, table, wanted, "step", rates, FLOAT64)


def _names(path: Path) -> tuple[str, ...]:
    table = _table(Source(path))
    return table.names if table else ()


READER = Reader(
    system="Lightning", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(0),)
)
