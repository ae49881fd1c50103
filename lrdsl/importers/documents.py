"""Sources as importers see them: a config's tables, a script's calls, a command's options."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.importers.trial import Trial

# What reads a file, by its suffix: `read` in the file of this name. One line for each format.
READERS = {
    ".yaml": "config_document",
    ".yml": "config_document",
    ".toml": "config_document",
    ".json": "config_document",
    ".py": "python_document",
    ".sh": "shell_document",
    ".bash": "shell_document",
    ".slurm": "shell_document",
}

# Among the fields of a call that has arguments that are not read: the reason to refuse it.
UNREAD = "unread arguments"


@entity
class Call:
    """A call in a script or a config: what is called, and with which arguments.

    Attributes:
        name: what is called, with the modules it is written with: ``torch.optim.SGD``.
        arguments: the positional ones, in their order.
        fields: those with a name.
        line: the line that it stands on.
    """

    name: str
    arguments: tuple[object, ...]
    fields: Fields
    line: int

    @property
    def function(self) -> str:
        """The last of its names: ``SGD``."""
        return self.name.rpartition(".")[2]

    def __str__(self) -> str:
        return f"{self.name}(…)"

    def bound(self, *parameters: str) -> Fields:
        """The arguments by the names of the parameters.

        Args:
            parameters: the names of the first parameters, in their order.

        Raises:
            Refused: there are more arguments than parameters, or some that are not known.
        """
        fields = self.found(*parameters)
        if UNREAD in fields:
            raise Refused(str(fields[UNREAD]))
        return fields

    def found(self, *parameters: str) -> Fields:
        """The arguments likewise, for a setting: one with others is refused by itself.

        Args:
            parameters: the names of the first parameters, in their order.
        """
        values = dict(zip(parameters, self.arguments, strict=False)) | self.fields.plain()
        if len(self.arguments) > len(parameters):
            values[UNREAD] = f"`{self.function}` is called with {len(self.arguments)} arguments"
        return Fields(values, self.fields.trial, dict.fromkeys(values, self.line))


@entity
class Document:
    """A source that was read.

    Attributes:
        path: the file, as it was given.
        fields: its tables: those of a config, the names that a script gives values to, or the
            options of a command.
        calls: the calls of a script, from first to last.
        trial: the values for what it does not say.
        version: what the caller says of the system, as in ``torchtitan==0.3.0``; empty if nothing.
    """

    path: str
    fields: Fields
    calls: tuple[Call, ...]
    trial: Trial
    version: str = ""

    def tables(self) -> Iterator[Fields]:
        """Every table, the outermost first."""
        pending: list[object] = [self.fields]
        while pending:
            value = pending.pop(0)
            if isinstance(value, Fields):
                yield value
                pending += value.plain().values()
            elif isinstance(value, list | tuple):
                pending += value

    def version_of(self, system: str) -> str:
        """The version of a system that the caller named; empty if it named none.

        Args:
            system: the name of its package.
        """
        name, _, version = self.version.partition("==")
        return version if name == system else ""


def read(path: str, root: Path, trial: Trial, version: str = "") -> Document:
    """Reads a source.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.
        version: what the caller says of the system.

    Raises:
        Refused: it cannot be read.
    """
    reader = READERS.get(Path(path).suffix.lower())
    if reader is None:
        known = ", ".join(READERS)
        raise Refused(f"schedules are imported from files that end in {known}")
    module = import_module(f"lrdsl.importers.{reader}")
    fields, calls = module.read(path, root, trial)
    return Document(path, fields, tuple(calls), trial, version)
