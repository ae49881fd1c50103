"""What a reader is: how it recognizes the logs of a system, and what it finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from lrdsl.logs.log import Axis, Block, Offset
from lrdsl.record import entity, record

# As much of a file is looked at to recognize it.
HEAD = 1 << 16


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
    """

    step: str | None = None
    rates: tuple[str, ...] = ()
    metric: str | None = None
    run: str | None = None


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
        """The first bytes of a file; none of a folder."""
        if self.is_folder:
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD)

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
        finds: the file or folder to read for a source; None if it is no log of this system. It
            looks at no more than a head and at names.
        blocks: the readings of what was found, in the order of the log.
        offsets: the offsets that the system has, likeliest first; empty where any program may have
            written such a log.
        axis: what the steps count.
    """

    system: str
    finds: Callable[[Source], Path | None]
    blocks: Callable[[Path, Wanted], Iterator[Block]]
    offsets: tuple[Offset, ...] = ()
    axis: Axis = "step"
