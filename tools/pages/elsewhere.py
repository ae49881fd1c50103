"""``docs/reference/elsewhere.md``: what ``lrdsl import`` prints for other systems' settings.

The settings are those of ``tests/oracles/moves/``, whose curves the packages themselves gave.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lrdsl.importers.imports import importers, outcomes

_MOVES = Path(__file__).parents[2] / "tests" / "oracles" / "moves"
INTRODUCTION = """\
# Coming from elsewhere

What [`lrdsl import`](../how-to/import.md) prints for settings of other systems: first with
everything at its default, then with nothing at its default. Each row was run by the package itself,
at the version under its name, and the text has the same value at every update. Comments, and what
the source says of the run, are left out here.
"""
_IMPORT = re.compile(r"^(?:from|import) .*\n+", re.MULTILINE)
_ASSIGNED = re.compile(r"^\w+ = (?=[\w.]+\()", re.MULTILINE)


def page() -> str:
    """The page."""
    sections = [_section(importer.system) for importer in importers()]
    return "\n".join([INTRODUCTION, *filter(None, sections)])


def _section(system: str) -> str:
    path = _MOVES / f"{system}.json"
    if not path.exists():
        return ""
    stored = json.loads(path.read_text(encoding="utf-8"))
    rows = [_row(entry) for entry in stored["curves"] if entry.get("row")]
    if not rows:
        return ""
    head = f"## {system}\n\nVersion {stored['version']}.\n\n| {system} | lrdsl |\n|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _row(entry: dict[str, Any]) -> str:
    with TemporaryDirectory() as folder:
        for name, text in entry["files"].items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        first = next(iter(entry["files"]))
        (outcome,) = outcomes(str(Path(folder, first)), Path(folder), entry["given"], entry["as"])
    if not outcome:
        raise ValueError(f"{entry['name']} is not proven: {outcome.refused or outcome.proof}")
    there = "\n".join(entry["files"].values())
    if first.endswith(".py"):
        there = _ASSIGNED.sub("", _IMPORT.sub("", there))
    lines = [line for line in outcome.text.splitlines() if not re.match(r"#|run ", line)]
    return f"| {_code(there)} | {_code(chr(10).join(lines))} |"


def _code(text: str) -> str:
    """A text of any number of lines in a cell of a table."""
    lines = (line.replace("  ", "\N{NO-BREAK SPACE} ") for line in text.strip().splitlines())
    shown = "<br>".join(f"<code>{escape(line, quote=False)}</code>" for line in lines)
    return shown.replace("|", "&#124;")
