"""Any table of delimited text with a step and a rate; what wrote it is not known.

The columns are found by usual names, or named. Its steps may count anything, so it has no offsets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.columns import EPOCHS, Table, nameless, rates_of, table_of
from lrdsl.logs.log import Axis, Block
from lrdsl.logs.names import is_rate
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted
from lrdsl.wording import listed

# The likeliest ones first.
_STEPS = (
    "step", "global_step", "global step", "train_step", "trainer/global_step",
    "train/global_step", "iteration", "iterations", "iter", "update", "updates", "num_updates",
    "steps", "_step", "batch",
)  # fmt: skip


def _finds(source: Source) -> list[Path]:
    if source.is_folder:
        return [path for path in source.inside("*.csv", "*.tsv") if _is_log(path)]
    if table_of(source.text):
        return [source.path]
    if cells := nameless(source.text):
        names = ("step", "lr", *(f"other_{n}" for n in range(1, cells - 1)))
        raise Unreadable(
            f"{source.path}: the first line holds numbers, not the names of the {cells} columns. "
            f"Put a line above it that names them, such as `{','.join(names[:cells])}`"
        )
    return []


def _is_log(path: Path) -> bool:
    """True for a table with columns that look like steps and rates."""
    table = table_of(Source(path).text)
    return table is not None and _step(table) is not None and any(map(is_rate, table.names))


def _table(path: Path) -> Table:
    table = table_of(Source(path).text)
    if table is None:
        raise Unreadable(f"{path}: the first line does not name the columns")
    return table


def _step(table: Table) -> str | None:
    """The column with the steps."""
    by_lower = {name.lower(): name for name in reversed(table.names)}
    return next((by_lower[name] for name in (*_STEPS, *EPOCHS) if name in by_lower), None)


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    table = _table(path)
    step = wanted.step or _step(table)
    if step is None:
        columns = listed([f"`{name}`" for name in table.names])
        raise Unreadable(f"{path}: no column has a usual name of steps. Name one of {columns}")
    axis: Axis = "epoch" if step.lower() in EPOCHS else "step"
    yield from rates_of(path, table, wanted, step, filter(is_rate, table.names), axis=axis)


def _names(path: Path) -> tuple[str, ...]:
    return _table(path).names


READER = Reader(system="CSV", finds=_finds, blocks=_blocks, names=_names)
