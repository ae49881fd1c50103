"""The runs of a project's files, in ``[[tool.lrdsl.runs]]`` of pyproject.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lrdsl import files
from lrdsl.configs.settings import RUNS, own_table
from lrdsl.configs.tables import loads
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import record
from lrdsl.resolve.run import described
from lrdsl.resolve.run_arguments import NAMES
from lrdsl.wording import did_you_mean, listed, option_of

if TYPE_CHECKING:
    from lrdsl.resolve.run_arguments import RunArguments

# What a run is like, as the options of a command name it: the arguments of `resolve` without the
# values of a program's `param`.
_SAID = {option_of(name).removeprefix("--"): name for name in NAMES if name != "params"}
_NAMES = ("files", *_SAID)


@record
class ProjectRun:
    """The run of some files.

    Attributes:
        folder: the folder of the settings.
        files: patterns of their paths, from there.
        run: the arguments of their run.
    """

    folder: Path
    files: tuple[re.Pattern[str], ...]
    run: RunArguments


def project_run(*names: str, folder: str = "") -> RunArguments:
    """What the project says of the run of a file.

    Args:
        names: the path of the file; then that of a config that names it, which counts before it.
        folder: where to look for ``pyproject.toml``, here and then above; by default the present
            folder.

    Raises:
        ValueError: it cannot be understood.
        OSError: it cannot be read.
        ModuleNotFoundError: Python 3.10 has nothing to read it with.
    """
    project = files.project_with_runs(folder)
    found: RunArguments = {}
    if project is not None:
        for name in names:
            found = {**found, **said_of(name, _loaded(*project))}
    return found


@lru_cache(1)
def _loaded(path: str, data: bytes) -> tuple[ProjectRun, ...]:
    """The runs of a file, which is parsed once for all programs."""
    return load(path, data)


def load(path: str, data: bytes) -> tuple[ProjectRun, ...]:
    """Reads the runs of a project.

    Args:
        path: the path of its ``pyproject.toml``.
        data: what that contains.

    Raises:
        ValueError: it cannot be understood.
    """
    if not files.is_utf8(data):
        raise ValueError(f"{path} is not TOML: it is not written in UTF-8")
    try:
        document = loads(files.decode(data))
    except ValueError as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None
    tables = own_table(document, path).get(RUNS, [])
    if not isinstance(tables, list):
        raise ValueError(f"{path}: a run of [tool.lrdsl] is written under [[tool.lrdsl.{RUNS}]]")
    return tuple(_run(table, path) for table in tables)


def _run(table: object, path: str) -> ProjectRun:
    where = f"{path}: [[tool.lrdsl.{RUNS}]]"
    if not isinstance(table, dict):
        raise ValueError(f"{where} is a table")
    for name in table:
        if name not in _NAMES:
            help = did_you_mean(name, _NAMES, f"it has {listed(_NAMES)}")
            raise ValueError(f"{where} has no `{name}`; {help}")
    globs = table.get("files", [])
    globs = [globs] if isinstance(globs, str) else globs
    if not isinstance(globs, list) or not globs or not all(isinstance(g, str) for g in globs):
        raise ValueError(f'{where} needs the `files` it is about, as in files = ["configs/*.lrs"]')
    said = {argument: table[name] for name, argument in _SAID.items() if name in table}
    run = cast("RunArguments", said)
    if wrong := problem(run):
        raise ValueError(f"{where}: {wrong}")
    folder = Path(path).resolve().parent
    return ProjectRun(folder, tuple(re.compile(_pattern(glob)) for glob in globs), run)


def problem(run: RunArguments) -> str:
    """What is wrong with the arguments of a run, in words; empty if nothing is.

    Args:
        run: the arguments.
    """
    try:
        described(run)
    except LrsError as error:
        return error.diagnostics[0].message
    return ""


def _pattern(glob: str) -> str:
    """A glob as a regular expression: ``**`` stands for any folders, ``*`` for part of a name."""
    parts = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob.removeprefix("./"))
    return "".join(parts.get(piece, re.escape(piece)) for piece in pieces)


def said_of(name: str, runs: Sequence[ProjectRun]) -> RunArguments:
    """What a project says of the run of a file; a later entry counts before an earlier one.

    Args:
        name: the path of the file.
        runs: what the project says.
    """
    found: RunArguments = {}
    for one in runs:
        path = os.path.relpath(Path(name).resolve(), one.folder).replace(os.sep, "/")
        if any(pattern.fullmatch(path) for pattern in one.files):
            found = {**found, **one.run}
    return found
