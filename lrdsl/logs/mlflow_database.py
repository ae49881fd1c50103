"""MLflow's database, ``mlflow.db``, read with SQLite of the standard library.

Each row of ``metrics`` has a key, a value, a run and a step, which is the caller's, or 0 if the
caller gave none. Read in mlflow 3.17 (``store/tracking/dbmodels/models.py``).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, is_wanted, whole
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted

_MAGIC = b"SQLite format 3\0"
_ROWS = 1 << 16


def _finds(source: Source) -> list[Path]:
    if source.is_folder:
        return source.inside("mlflow.db", "mlruns/mlflow.db")
    return [source.path] if source.head.startswith(_MAGIC) else []


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that is not written to."""
    try:
        uri = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: this is no database of MLflow: {error}") from None


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    names = [name for name in _names(path) if is_wanted(name, wanted)]
    with _opened(path) as connection:
        for run, shown in _runs(connection).items():
            for name in names:
                number = Number(path, name, wanted, FLOAT64, run=shown)
                yield from _readings(connection, path, number, run)


def _runs(connection: sqlite3.Connection) -> dict[str, str]:
    """What each run is called: its name, or its identifier if others have the same name."""
    rows = connection.execute("SELECT run_uuid, name FROM runs ORDER BY start_time").fetchall()
    amounts = Counter(name for _, name in rows)
    return {run: name if name and amounts[name] == 1 else run for run, name in rows}


def _readings(
    connection: sqlite3.Connection, path: Path, number: Number, run: str
) -> Iterator[Block]:
    """The readings of a number in a run, in the order in which they were logged."""
    cursor = connection.execute(
        "SELECT step, CASE WHEN is_nan THEN NULL ELSE value END FROM metrics"
        " WHERE run_uuid = ? AND key = ? ORDER BY rowid",
        (run, number.name),
    )
    while rows := cursor.fetchmany(_ROWS):
        steps = whole(path, "step", [step for step, _ in rows])
        if block := number.block(steps, [value for _, value in rows]):
            yield block


def _names(path: Path) -> list[str]:
    with _opened(path) as connection:
        return [name for (name,) in connection.execute("SELECT DISTINCT key FROM metrics")]


READER = Reader(system="MLflow", finds=_finds, blocks=_blocks, names=_names)
