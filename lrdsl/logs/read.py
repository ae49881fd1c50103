"""Reads a log: recognizes its format, and gathers its readings into runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs import READERS
from lrdsl.logs.log import Block, Log, Run, Series
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted
from lrdsl.wording import listed

if TYPE_CHECKING:
    History = Sequence[Mapping[str, object]]


def readers() -> Iterator[Reader]:
    """Every reader, in the order in which they look at a log."""
    for name in READERS:
        yield import_module(f"lrdsl.logs.{name}").READER


def recognized(path: Path) -> tuple[Reader, Path]:
    """The reader of a log, and the file or folder that it reads.

    Raises:
        Unreadable: no reader recognizes it.
        OSError: it cannot be read.
    """
    source = Source(path)
    if not path.exists():
        raise Unreadable(f"{path}: there is no such file or folder")
    for reader in readers():
        if (found := reader.finds(source)) is not None:
            return reader, found
    known = listed([reader.system for reader in readers()], "or")
    raise Unreadable(f"{path}: this is no log of {known}")


def read(path: Path, wanted: Wanted | None = None) -> Log:
    """Reads a log.

    Args:
        path: a file or a folder.
        wanted: which of its columns and runs to read.

    Raises:
        Unreadable: no reader recognizes it, or it has no such column or no rates.
        OSError: it cannot be read.
    """
    reader, found = recognized(path)
    wanted = wanted or Wanted()
    runs = gathered(reader.blocks(found, wanted))
    if not any(run.rates for run in runs):
        raise Unreadable(f"{found}: there are no learning rates in this log of {reader.system}")
    return Log(str(found), reader.system, tuple(runs), reader.offsets, reader.axis)


def gathered(blocks: Iterator[Block]) -> list[Run]:
    """The runs of a log, from its readings."""
    rates: dict[str, dict[str, Series]] = {}
    metrics: dict[str, Series] = {}
    for block in blocks:
        of_run = rates.setdefault(block.run, {})
        if block.role == "metric":
            series = metrics.setdefault(block.run, Series(block.name, None, block.precision))
        else:
            fresh = Series(block.name, block.group, block.precision)
            series = of_run.setdefault(block.name, fresh)
        series.add(block)
    return [Run(name, tuple(of.values()), metrics.get(name)) for name, of in rates.items()]
