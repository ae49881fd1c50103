"""What a reader is: how it recognizes the logs of a system, and what it finds in them."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

from lrdsl.logs.log import Block, Offset
from lrdsl.outside import as_whole, shown
from lrdsl.record import entity, record
from lrdsl.wording import did_you_mean, listed

# As much of a file is looked at to recognize it.
HEAD = 1 << 20
# Columns that a message names.
_NAMED = 30


class Unreadable(Exception):
    """A log that cannot be read, with the reason as a message."""


@record
class Wanted:
    """What is asked of a log.

    Attributes:
        step: the column with the steps; None for the one that its system has.
        rates: the columns with rates; empty for all that its system has.
        metric: the column with the metric that a schedule listens to; None if it listens to none.
        run: the run to read, as the log calls it; None for all.
        logging_steps: the updates from one reading to the next, for a log that does not tell.
    """

    step: str | None = None
    rates: tuple[str, ...] = ()
    metric: str | None = None
    run: str | None = None
    logging_steps: int | None = None

    def columns(self, usual: Iterable[str] = ()) -> list[str]:
        """The columns of numbers to read, each once: the rates, and the metric if there is one.

        Args:
            usual: the columns with rates, unless others are wanted.
        """
        metric = [] if self.metric is None else [self.metric]
        return list(dict.fromkeys([*(self.rates or usual), *metric]))


def wanted_of(
    step: object = None,
    rate: object = None,
    metric: object = None,
    run_name: object = None,
    logging_steps: object = None,
) -> Wanted:
    """What is asked of a log, from the arguments of a call.

    Args:
        step: the column with the steps, or None.
        rate: the column with the rate, a sequence of columns, or None.
        metric: the column with the metric, or None.
        run_name: the run to read, or None.
        logging_steps: the updates from one reading to the next, or None.

    Raises:
        TypeError: one has the wrong type.
        ValueError: ``logging_steps`` is below 1.
    """
    rates = rate if isinstance(rate, Sequence) and not isinstance(rate, str | bytes) else [rate]
    names = [_name(one, "rate", "column") for one in rates]
    every = None if logging_steps is None else as_whole(logging_steps, "logging_steps")
    if every is not None and every < 1:
        raise ValueError(f"logging_steps is 1 or more, not {shown(every)}")
    return Wanted(
        _name(step, "step", "column"),
        tuple(name for name in names if name is not None),
        _name(metric, "metric", "column"),
        _name(run_name, "run_name", "run"),
        every,
    )


def _name(value: object, argument: str, noun: str) -> str | None:
    """The name of something in a log, or None."""
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{argument} is the name of a {noun}, not {shown(value)}")


class Source:
    """A path that may be a log.

    Attributes:
        path: a file or a folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        """True for a folder."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first bytes of a file, without a mark of UTF-8; none of a folder."""
        if self.is_folder:
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD).removeprefix(BOM_UTF8)

    @cached_property
    def text(self) -> str:
        """The head as text."""
        return self.head.decode("utf-8", "replace")

    def inside(self, *patterns: str) -> list[Path]:
        """The files of a folder that match one of some patterns, those of the first one first."""
        if not self.is_folder:
            return []
        return [path for pattern in patterns for path in sorted(self.path.glob(pattern))]


@entity
class Reader:
    """How the logs of a system are read.

    Attributes:
        system: what wrote them, as messages call it.
        finds: the logs of this system at a source, the one to read first. It looks at no more than
            heads and names.
        blocks: the readings of what was found, in the order of the log. Readings that are asked
            for and are not there give none.
        offsets: the offsets that the system has, likeliest first; empty where any program may have
            written such a log, or the names of the rates tell.
        names: the columns of a log, for messages.
        has_steps: False if ``logging_steps`` has to be named.
    """

    system: str
    finds: Callable[[Source], Sequence[Path]]
    blocks: Callable[[Path, Wanted], Iterator[Block]]
    names: Callable[[Path], Iterable[str]]
    offsets: tuple[Offset, ...] = ()
    has_steps: bool = True


def missing(found: Path, name: str, columns: list[str]) -> Unreadable:
    """What says that a log has no column of a name.

    Args:
        found: the log.
        name: the column that was asked for.
        columns: those that there are.
    """
    near = did_you_mean(name, columns)
    known = f"its columns are {some(columns)}" if columns else "it has no columns"
    return Unreadable(f"{found}: there is no column `{name}`: {known}{f'; {near}' if near else ''}")


def some(names: Iterable[str]) -> str:
    """A list of names, the last ones left out where there are many."""
    quoted = [f"`{name}`" for name in islice(names, _NAMED + 1)]
    return listed([*quoted[:_NAMED], "others"] if len(quoted) > _NAMED else quoted)
