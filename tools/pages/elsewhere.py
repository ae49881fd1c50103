"""``docs/reference/elsewhere.md``: what ``lrdsl import`` prints for other systems' settings.

The settings are those of ``tests/oracles/moves/``, whose curves the packages themselves gave: for
each kind of schedule the shortest, and the longest.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lrdsl.importers import documents
from lrdsl.importers.imports import importers, outcomes
from lrdsl.importers.trial import Trial

_MOVES = Path(__file__).parents[2] / "tests" / "oracles" / "moves"
# Longer settings make a row that nobody reads: they are shown where there are no others.
_MOST_LINES = 12
INTRODUCTION = """\
# Coming from elsewhere

What [`lrdsl import`](../how-to/import.md) prints for settings of other systems. Of each kind of
schedule there are two rows, if it has options: one with as much as possible at its default, and one
with as little as possible. The packages themselves were run for every row, at the version under
their name, and the text has the same value at every update. Comments, and what the source says of
the run, are left out here.

Of a `LambdaLR` or `MultiplicativeLR` in a file, a `lambda` that is arithmetic of the step is read.
If you have the scheduler itself, [`lrdsl.from_torch`](python.md) reads more: functions of
transformers and diffusers, partials and closures.
"""
# What no text depends on.
_KNOWN = {"opt", "optimizer", "model", "loader"}


def page() -> str:
    """The page."""
    sections: dict[str, str] = {}
    for path in sorted(_MOVES.glob("*.json")):
        stored = json.loads(path.read_text(encoding="utf-8"))
        system, rows = _rows(stored["curves"])
        version = f"Compared with {stored['system']} {stored['version']}."
        sections[system] = f"## {system}\n\n{version}\n\n| {system} | lrdsl |\n|---|---|\n{rows}"
    order = [importer.system for importer in importers()]
    return "\n".join([INTRODUCTION, *(sections[s] for s in sorted(sections, key=order.index))])


def _rows(entries: list[dict[str, Any]]) -> tuple[str, str]:
    """The system of some stored curves, and the rows of its table."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    systems = set()
    for entry in entries:
        with _written(entry) as folder:
            system, kind = _found(entry, folder)
        systems.add(system)
        kinds.setdefault(kind, []).append(entry)
    (system,) = systems
    chosen = [entry for of_kind in kinds.values() for entry in _ends(of_kind)]
    return system, "".join(f"{_row(entry)}\n" for entry in chosen)


def _ends(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The settings of a kind with the shortest source, and with the longest."""
    ordered = sorted(entries, key=lambda entry: len(_source(entry)))
    yield ordered[0]
    ordered = [e for e in ordered if _source(e).count("\n") < _MOST_LINES] or ordered[:1]
    if len(_source(ordered[-1])) > len(_source(ordered[0])) + 3:  # more than other digits
        yield ordered[-1]


def _written(entry: dict[str, Any]) -> TemporaryDirectory[str]:
    """A folder with the files of an entry."""
    folder = TemporaryDirectory()
    for name, text in entry["files"].items():
        path = Path(folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _first(entry: dict[str, Any]) -> str:
    """The name of the file that is imported."""
    return str(next(iter(entry["files"])))


def _found(entry: dict[str, Any], folder: str) -> tuple[str, str]:
    """The system and the kind of an entry."""
    path = str(Path(folder, _first(entry)))
    document = documents.read(path, Path(folder), Trial(0, entry["given"]), entry["as"])
    for importer in importers():
        for setting in importer.find(document):
            return importer.system, setting.kind
    raise ValueError(f"{entry['name']} has no schedule")


def _source(entry: dict[str, Any]) -> str:
    """The files of an entry; of a script without imports, optimizer and the name of its result."""
    text = "\n".join(entry["files"].values())
    if not _first(entry).endswith(".py"):
        return text.strip()
    statements = [s for s in ast.parse(text).body if not isinstance(s, ast.Import | ast.ImportFrom)]
    shown = [s for s in statements if not _KNOWN & set(_names(s))]
    last = shown[-1]
    if isinstance(last, ast.Assign) and isinstance(last.value, ast.Call):
        shown[-1] = ast.Expr(last.value)
    return "\n".join(map(ast.unparse, shown))


def _names(statement: ast.stmt) -> list[str]:
    """The names that a statement gives a value to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _row(entry: dict[str, Any]) -> str:
    with _written(entry) as folder:
        path = str(Path(folder, _first(entry)))
        (outcome,) = outcomes(path, Path(folder), entry["given"], entry["as"])
    if not outcome:
        raise ValueError(f"{entry['name']} is not proven: {outcome.refused or outcome.proof}")
    lines = [line for line in outcome.text.splitlines() if not re.match(r"#|run ", line)]
    return f"| {_code(_source(entry))} | {_code(chr(10).join(lines))} |"


def _code(text: str) -> str:
    """A text of any number of lines in a cell of a table."""
    lines = (line.replace("  ", "\N{NO-BREAK SPACE} ") for line in text.strip().splitlines())
    shown = "<br>".join(f"<code>{escape(line, quote=False)}</code>" for line in lines)
    return shown.replace("|", "&#124;")
