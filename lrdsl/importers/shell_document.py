"""A command in a shell script: its options as fields, and the variables of the script in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.sources import text_of

if TYPE_CHECKING:
    from lrdsl.importers.documents import Call
    from lrdsl.importers.trial import Trial

_ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)(?:(?::?-)([^}]*))?\}?")
_CONTINUED = re.compile(r"\\\r?\n")


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """The options of all commands of a script, under their names with ``_`` for ``-``.

    Args:
        path: the file.
        root: not needed: a script's own files are not followed.
        trial: the values for what it does not say.

    Raises:
        Refused: it cannot be read.
    """
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for name, option, line in _options(text_of(Path(path))):
        values[name], lines[name] = option, line
    return Fields(values, trial, lines), []


def _options(text: str) -> list[tuple[str, object, int]]:
    """Name, value and line of each option; the value of one that stands alone is True."""
    found: list[tuple[str, object, int]] = []
    variables: dict[str, str] = {}
    words: list[tuple[str, int]] = []
    for number, row in enumerate(text.splitlines(), 1):
        assigned = _ASSIGNED.match(row)
        if assigned and "(" not in assigned[2][:1]:
            variables[assigned[1]] = _VARIABLE.sub(
                lambda m: variables.get(m[1], m[0]), assigned[2].strip().strip("\"'")
            )
        words += [(word, number) for word in _words(row)]
    for i, (word, line) in enumerate(words):
        if not word.startswith("--"):
            continue
        name, has_value, value = word.removeprefix("--").partition("=")
        if not has_value:
            values = _following(words, i)
            value = " ".join(values)
        filled = _VARIABLE.sub(lambda m: variables.get(m[1], m[2] or m[0]), value)
        found.append((name.replace("-", "_"), filled or True, line))
    return found


def _following(words: list[tuple[str, int]], i: int) -> list[str]:
    """The words after an option that belong to it."""
    values = []
    for word, _ in words[i + 1 :]:
        if word.startswith("--") or word in {"\\", ")", "&&", "|", ";"}:
            break
        values.append(word.rstrip(")"))
    return values


def _words(line: str) -> list[str]:
    try:
        return shlex.split(_CONTINUED.sub(" ", line.rstrip("\\")), comments=True)
    except ValueError:  # a quote that goes on in the next line
        return line.split()
