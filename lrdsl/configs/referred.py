"""Files that a config refers to: found inside a folder, and read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from lrdsl import files
from lrdsl.configs import config_file
from lrdsl.configs.config_file import Scalar, Table
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.limits import CHARACTERS
from lrdsl.record import record
from lrdsl.text.source import Source, Span, unmarked
from lrdsl.wording import count, visible

# Files that a config is made of, each as often as it is used: they could double at every level.
_USES = 1_000


class Unfollowed(Exception):
    """A file that is not followed; its text says why, after the name of the file."""


@record
class Loaded:
    """A file that was read.

    Attributes:
        path: where it is.
        source: its text.
        table: its outermost table; empty for an empty file.
    """

    path: Path
    source: Source
    table: Table


class Findings:
    """What was found out while the files of a config were followed.

    Args:
        root: the folder that they have to be in.
        choices: options of groups to take instead of what the config chooses.

    Attributes:
        parts: the files that were read, by the names that they are reported under.
        groups: the folders of the groups of which the config chooses an option.
        notes: what is not known of the config.
        faults: what is wrong with it.
    """

    def __init__(self, root: str, choices: Mapping[str, str]) -> None:
        self.root = root
        self.choices = choices
        self.groups: dict[str, str] = {}
        self.parts: dict[str, Loaded] = {}
        self.notes: dict[str, None] = {}
        self.faults: dict[Diagnostic, None] = {}
        self._uses = 0

    def note(self, span: Span, text: str) -> None:
        """Adds a note about a place."""
        line, column, *_ = span.place
        self.notes[f"{visible(span.source.name)}:{line}:{column} {text}"] = None

    def fault(self, span: Span, message: str, help: str) -> None:
        """Adds an error at a place."""
        self.faults[Diagnostic("bad-reference", message, help, span)] = None

    def load(self, path: Path) -> Loaded | None:
        """Reads a file, once; None where it cannot be read, which is then among the faults.

        Args:
            path: where it is; it is in the root folder, and there.

        Raises:
            Unfollowed: it is no file that may be read, or no mapping.
        """
        self._uses += 1
        if self._uses > _USES:
            raise Unfollowed(f"a config is made of at most {count(_USES)} others")
        name = files.plain(path)
        if name not in self.parts:
            source = _read(path, name)
            try:
                table = _parsed(source)
            except LrsError as error:
                self.faults |= dict.fromkeys(error.diagnostics)
                return None
            self.parts[name] = Loaded(path, source, table)
        return self.parts[name]


def _read(path: Path, name: str) -> Source:
    try:
        if files.is_endless(str(path)):
            raise Unfollowed("it is not a regular file")
        data = files.read_bytes(path)
    except OSError as error:
        raise Unfollowed(files.reason(error)) from None
    if not files.is_utf8(data):
        raise Unfollowed("it is not written in UTF-8")
    text = files.decode(data)
    if len(text) > CHARACTERS:
        raise Unfollowed(f"it has more than {count(CHARACTERS)} characters")
    return unmarked(name, text)


# A file may be a part of many configs, which make copies of its tables.
@lru_cache(maxsize=128)
def _parsed(source: Source) -> Table:
    roots = config_file.read(source)
    if len(roots) > 1:
        raise Unfollowed("it has several documents")
    if not roots or (isinstance(roots[0], Scalar) and roots[0].text in {"", "null", "~"}):
        return Table([])
    if isinstance(roots[0], Scalar) or roots[0].is_list:
        raise Unfollowed("it is no mapping")
    return roots[0]
