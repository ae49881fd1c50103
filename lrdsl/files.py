"""Files: the data of the package, and the programs of users.

``pathlib`` takes 4 ms to import, a fifth of what ``lrdsl check`` may add to its libraries; what it
would be used for here is a few lines.
"""

from __future__ import annotations

import os
from pkgutil import get_data

from lrdsl.limits import CHARACTERS

# Of a schedule.
SUFFIX = ".lrs"
# The formats of configs that schedules are found in.
CONFIGS = (".json", ".toml", ".yaml", ".yml")

# A character takes up to four bytes in UTF-8.
MOST_BYTES = 4 * CHARACTERS + 4


def of_package(path: str) -> str:
    """The text of a file of the package, which may lie in a zip archive.

    Args:
        path: from the package's folder, with ``/`` between its parts.
    """
    data = get_data("lrdsl", path)
    if data is None:
        raise FileNotFoundError(path)
    return decode(data)


def may_hold_schedules(path: str) -> bool:
    """Whether a path is that of a folder, or of a config that schedules are found in."""
    return path.lower().endswith(CONFIGS) or os.path.isdir(path)


def walk(folder: str, *suffixes: str) -> list[str]:
    """The files with some suffix in a folder and in those inside it, sorted; no hidden ones."""
    found: list[str] = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            found += walk(entry.path, *suffixes)
        elif entry.name.endswith(suffixes):
            found.append(entry.path)
    return found


def read(path: str | os.PathLike[str]) -> str:
    """The text of a file; bytes that are not UTF-8 become characters that the parser reports.

    Of a file that is too long to be a program, only as much is read as shows that it is.
    """
    with open(path, "rb") as file:
        return decode(file.read(MOST_BYTES))


def decode(data: bytes) -> str:
    """The text of a file's bytes."""
    return data.decode("utf-8", errors="replace")
