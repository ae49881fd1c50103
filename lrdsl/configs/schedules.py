"""Schedules that were found in a config: what they are, and what the config says of the run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lrdsl import files
from lrdsl.configs import config_file, yaml_truncation
from lrdsl.configs.config_file import Scalar
from lrdsl.configs.find import Found, Keys, find
from lrdsl.configs.runs import RunFrom, arguments
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import record, replace
from lrdsl.text.source import Embedded, Source, unmarked

_INTERPOLATION = "${"


@record
class Hosted:
    """A schedule in a config, or what was found in the place of one.

    Attributes:
        name: the file that the text is in.
        scalar: its place in the config; None for what is wrong with the config itself.
        text: the text; None where there is none to check, as an error or a note says.
        run: what the config says about the run, as keyword arguments of ``Program.resolve``.
        errors: what was found wrong already.
        note: what kept the text from being checked, or what may be wrong with it; mostly empty.
    """

    name: str
    scalar: Scalar | None
    text: Source | None
    run: Mapping[str, Any]
    errors: tuple[Diagnostic, ...] = ()
    note: str = ""

    @property
    def is_reference(self) -> bool:
        """Whether the config names a file in which the text is."""
        return self.text is not None and not isinstance(self.text, Embedded)

    @property
    def place(self) -> str:
        """Where in the config it stands: file, line and column."""
        return self.name if self.scalar is None else place(self.scalar)

    def explained(self, errors: list[Diagnostic]) -> list[Diagnostic]:
        """The errors of the text, those that the config has caused put down to it.

        Args:
            errors: what is wrong with the text as it is, or with the run that it is laid out for.
        """
        scalar, text = self.scalar, self.text
        if scalar is None:
            return errors
        placed = [replace(e, span=scalar.span) if e.name == "run" else e for e in errors]
        return (
            yaml_truncation.explained(placed, text, scalar)
            if isinstance(text, Embedded)
            else placed
        )


def place(scalar: Scalar) -> str:
    """Where a value starts: file, line and column.

    Args:
        scalar: the value.
    """
    return "{}:{}:{}".format(scalar.source.name, *scalar.span.place[:2])


def read(path: str, text: str, keys: Keys, run_from: RunFrom) -> list[Hosted]:
    """Every schedule of a config.

    Args:
        path: the file.
        text: what it says.
        keys: which keys have schedules.
        run_from: where it says how long the run is.
    """
    source = unmarked(path, text)
    try:
        roots = config_file.read(source)
    except LrsError as error:
        return [Hosted(path, None, None, {}, error.diagnostics)]
    found = find(roots, keys)
    if not found:
        return []
    try:
        run = run_from.read(roots)
    except LrsError as error:
        run, broken = {}, [Hosted(path, None, None, {}, error.diagnostics)]
    else:
        broken = []
    left = {
        place
        for one in found
        if yaml_truncation.split(one)
        for place in yaml_truncation.leftovers(one)
    }
    whole = [one for one in found if (id(one.table), one.index) not in left]
    return [*broken, *(_hosted(path, one, run) for one in whole)]


def _hosted(path: str, found: Found, run: Mapping[str, Any]) -> Hosted:
    scalar = found.scalar
    if _INTERPOLATION in found.text:
        unknown = "holds an interpolation, so the schedule there is not known and not checked"
        note = f"{place(scalar)} {unknown}"
        return Hosted(path, scalar, None, run, note=note)
    if found.is_called and found.table is not None:
        try:
            run = {**run, **arguments(found.table)}
        except LrsError as error:
            return Hosted(path, scalar, None, run, error.diagnostics)
    if found.is_path:
        return _referenced(path, found, run)
    text = found.embedded()
    wrong = yaml_truncation.split(found) or yaml_truncation.swallowed(text, scalar)
    if wrong is not None:
        return Hosted(path, scalar, None, run, (wrong,))
    comment = yaml_truncation.comment_behind(scalar)
    note = ""
    if comment is not None and ">>" in comment.text:
        note = "{}:{}:{} is a comment of YAML; if its `>>` belongs to the schedule, quote the whole"
        note = note.format(path, *comment.place[:2])
    return Hosted(path, scalar, text, run, note=note)


def _referenced(path: str, found: Found, run: Mapping[str, Any]) -> Hosted:
    """The schedule in a file that a config names, relative to the config or to where we are."""
    scalar, folder = found.scalar, Path(path).parent
    beside, here = folder / found.text, Path(found.text)
    wanted = here if here.is_file() and not beside.is_file() else beside
    try:
        text = files.read(wanted)
    except OSError as error:
        message = f"there is no schedule to read at `{wanted}`: {error.strerror or error}"
        help = f"the path is relative to the folder of this file, `{folder}`, or to the current one"
        wrong = Diagnostic("missing-file", message, help, scalar.span)
        return Hosted(path, scalar, None, run, (wrong,))
    # `..` can be left out unless it leads out of a folder that a link led into.
    plain = Path(os.path.normpath(wanted))
    name = str(plain if plain.is_file() and plain.samefile(wanted) else wanted)
    return Hosted(name, scalar, unmarked(name, text), run)
