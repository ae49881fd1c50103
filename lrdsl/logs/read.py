"""Reads a log: recognizes its format, and gathers its readings into runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from lrdsl.logs import READERS
from lrdsl.logs.log import Axis, Block, Log, Run, Series
from lrdsl.logs.names import offsets_of
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted, missing, some
from lrdsl.record import replace
from lrdsl.wording import listed

# How files begin that hold text in another form, and what to do with them.
_FORMS = (
    ((b"\xff\xfe", b"\xfe\xff"), "this is UTF-16: save the log as UTF-8"),
    (
        (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"),
        "this is compressed: unpack it first",
    ),
)


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
    source = _source(path)
    for reader in readers():
        for found in reader.finds(source):
            return reader, found
    known = listed(dict.fromkeys(reader.system for reader in readers()), "or")
    if source.is_folder:
        raise Unreadable(f"{path}: this folder has no log of {known}. Name the file")
    if b"\r" in source.head and not {*b"\n\0"} & {*source.head}:
        raise Unreadable(f"{path}: its lines end in carriage returns alone: write line feeds")
    raise Unreadable(f"{path}: this is no log of {known}")


def _source(path: Path) -> Source:
    """A path that may be a log."""
    if not path.exists():
        raise Unreadable(f"{path}: there is no such file or folder")
    source = Source(path)
    if not source.is_folder and not source.head:
        raise Unreadable(f"{path}: the file is empty")
    for beginnings, advice in _FORMS:
        if source.head.startswith(beginnings):
            raise Unreadable(f"{path}: {advice}")
    return source


def read(path: Path, wanted: Wanted | None = None) -> Log:
    """Reads a log.

    Args:
        path: a file or a folder.
        wanted: which of its columns and runs to read.

    Raises:
        Unreadable: no reader recognizes it, or it has no such column or run or no rates.
        OSError: it cannot be read.
    """
    reader, found = recognized(path)
    wanted = wanted or Wanted()
    runs = gathered(reader.blocks(found, wanted))
    return log_of(path, reader, found, runs, wanted)


def gathered(blocks: Iterable[Block]) -> list[Run]:
    """The runs of a log, from its readings."""
    rates: dict[str, dict[str, Series]] = {}
    metrics: dict[str, Series] = {}
    for block in blocks:
        of_run = rates.setdefault(block.run, {})
        fresh = Series(block.name, block.group, block.precision, block.axis)
        if block.role == "metric":
            series = metrics.setdefault(block.run, fresh)
        else:
            series = of_run.setdefault(block.name, fresh)
        series.add(block)
    return [Run(name, tuple(of.values()), metrics.get(name)) for name, of in rates.items()]


def log_of(path: Path, reader: Reader, found: Path, runs: list[Run], wanted: Wanted) -> Log:
    """The log that some runs make.

    Args:
        path: the file or folder that was asked for.
        reader: the reader of the log.
        found: what it has read.
        runs: the runs in it.
        wanted: which of its columns and runs to keep.

    Raises:
        Unreadable: there is no such column or run, or there are no rates.
    """
    if wanted.logging_steps is not None and reader.has_steps:
        raise Unreadable(f"{found}: logging_steps has no effect: this log has steps of its own")
    runs = _named(str(found), runs, wanted)
    series = [one for run in runs for one in run.rates]
    _check_columns(reader, found, runs, wanted)
    if not series:
        columns = some(dict.fromkeys(reader.names(found)))
        known = f"; its columns are {columns}" if columns else ""
        raise Unreadable(
            f"{found}: there are no learning rates in this log of {reader.system}{known}"
        )
    kept = tuple(run for run in runs if run.rates)
    offsets = reader.offsets or offsets_of(series[0].name) if reader.system != "CSV" else ()
    axis: Axis = series[0].axis
    return Log(str(found), reader.system, kept, offsets, axis, _beside(path, found))


def chosen(log: Log, wanted: Wanted) -> Log:
    """A log that was read, with the run and the rates that are wanted.

    Args:
        log: the log.
        wanted: which of its runs and rates to keep.

    Raises:
        ValueError: what is asked has no effect on a log that was read.
        Unreadable: there is no such run or rate.
    """
    for argument, value in (("step", wanted.step), ("logging_steps", wanted.logging_steps)):
        if value is not None:
            raise ValueError(f"{argument}= has no effect: the log was read, and has its steps")
    runs = _named(log.path, list(log.runs), wanted)
    if wanted.rates:
        kept = [[one for one in run.rates if one.name in wanted.rates] for run in runs]
        have = list(dict.fromkeys(one.name for run in runs for one in run.rates))
        for name in wanted.rates:
            if name not in have:
                raise missing(Path(log.path), name, have)
        runs = [
            replace(run, rates=tuple(rates)) for run, rates in zip(runs, kept, strict=True) if rates
        ]
    return replace(log, runs=tuple(runs))


def _named(path: str, runs: list[Run], wanted: Wanted) -> list[Run]:
    """The run of a log that is wanted, or all of them."""
    if wanted.run is None:
        return runs
    if not (named := [run for run in runs if run.name == wanted.run]):
        names = [run.name for run in runs if run.name]
        known = f"its runs are {some(names)}" if names else "its only run has no name"
        raise Unreadable(f"{path}: there is no run {wanted.run!r}: {known}")
    return named


def _check_columns(reader: Reader, found: Path, runs: list[Run], wanted: Wanted) -> None:
    """Raises Unreadable if a column that is wanted has no readings."""
    have = {one.name for run in runs for one in (*run.rates, run.metric) if one is not None}
    for name in wanted.columns():
        if name in have:
            continue
        columns = list(dict.fromkeys(reader.names(found)))
        if name in columns:
            raise Unreadable(f"{found}: the column `{name}` has no values")
        raise missing(found, name, columns)


def _beside(path: Path, found: Path) -> tuple[str, ...]:
    """The other logs of a folder."""
    if not path.is_dir():
        return ()
    source = Source(path)
    others = [str(other) for reader in readers() for other in reader.finds(source)]
    return tuple([other for other in dict.fromkeys(others) if other != str(found)])
