"""The settings for a project's configs, in ``[tool.lrdsl]`` of pyproject.toml."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from lrdsl import files
from lrdsl.configs.runs import RunFrom, total_from
from lrdsl.record import record
from lrdsl.text.source import Said, Source, Span
from lrdsl.wording import did_you_mean, listed

FILE = "pyproject.toml"
_Table = dict[str, str | list[str]]
# The names of the table, which are those of the options of `lrdsl check`.
NAMES = ("key", "total-from", "steps-per-epoch-from")
# Runs by the files that they are of, which `lrdsl.configs.project_runs` reads.
RUNS = "runs"


@record
class Settings:
    """The places of schedules in a project's configs, and of the length of their runs.

    Attributes:
        keys: patterns for the keys that have schedules.
        run_from: the keys that say how long the run is.
        origins: where that is said, by the name of the option.
        places: where each of the keys is said.
    """

    keys: tuple[str, ...]
    run_from: RunFrom
    origins: Mapping[str, Span]
    places: Mapping[str, Span]


def load(folder: Path, keys: tuple[str, ...], total: str | None, steps: str | None) -> Settings:
    """The settings of a project, with what was given instead on the command line.

    Args:
        folder: where to look for ``pyproject.toml``, here and then above.
        keys: ``--key``; replaces those of the file where there are any.
        total: ``--total-from``, likewise.
        steps: ``--steps-per-epoch-from``, likewise.

    Raises:
        ValueError: the file cannot be understood.
        ModuleNotFoundError: Python 3.10 has nothing to read it with.
    """
    table, source = _table(folder)
    own = table.get("key", [])
    chosen = keys or tuple([own] if isinstance(own, str) else own)
    run_from = RunFrom(
        *total_from(_either(total, table, "total-from")),
        _either(steps, table, "steps-per-epoch-from"),
    )
    given = {"total-from": total, "steps-per-epoch-from": steps}
    origins = {
        option: _origin(option, given[option], source, named)
        for option, named in run_from.keys.items()
    }
    places = {key: _origin("key", key if keys else None, source, key) for key in chosen}
    return Settings(chosen, run_from, origins, places)


def _origin(option: str, given: str | None, source: Source, named: str) -> Span:
    """The place where keys are named: the command line, or the file."""
    if given is not None:
        source = Said(f"--{option}", given)
    start = max(0, source.text.find(named, max(0, source.text.find(option))))
    return Span(source, start, start + len(named))


def _either(option: str | None, table: _Table, name: str) -> str:
    """The value on the command line, or else in the file, or nothing."""
    value = table.get(name, "") if option is None else option
    assert isinstance(value, str)  # only `key` can be a list
    return value


def _table(folder: Path) -> tuple[_Table, Source]:
    files_above = (above / FILE for above in (folder, *folder.parents))
    path = next(filter(Path.is_file, files_above), None)
    data = b"" if path is None else files.read_bytes(path)
    if not files.is_utf8(data):  # which hides the table from whoever looks for it
        raise ValueError(f"{path} is not TOML: it is not written in UTF-8")
    text = files.decode(data)
    if path is None or "lrdsl" not in text:
        return {}, Source(str(path), "")
    from lrdsl.configs.tables import loads

    try:
        document = loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None
    return _checked(own_table(document, path), path), Source(os.path.relpath(path), text)


def own_table(document: Mapping[str, object], path: Path | str) -> dict[str, object]:
    """``[tool.lrdsl]``, empty where there is none.

    Args:
        document: the file.
        path: its path, for messages.

    Raises:
        ValueError: it is no table.
    """
    tool = document.get("tool", {})
    table = tool.get("lrdsl", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ValueError(f"{path}: tool.lrdsl is a table")
    return table


def _checked(table: dict[str, object], path: Path) -> _Table:
    for name in NAMES:
        value = table.get(name, "")
        texts = value if name == "key" and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            kind = "a text or a list of texts" if name == "key" else "a text"
            raise ValueError(f"{path}: {name} of [tool.lrdsl] is {kind}, not {value!r}")
    for name in table:
        if name not in (known := (*NAMES, RUNS)):
            help = did_you_mean(name, known, f"it has {listed(known)}")
            raise ValueError(f"{path}: [tool.lrdsl] has no `{name}`; {help}")
    return cast(_Table, {name: table[name] for name in NAMES if name in table})
