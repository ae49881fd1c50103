"""Files: the package's own, and the programs of users.

``pathlib`` takes 4 ms to import, a fifth of what ``lrdsl check`` may add to its libraries; what it
would be used for here is a few lines.
"""

from __future__ import annotations

import os

from lrdsl.limits import CHARACTERS

# Of a schedule.
SUFFIX = ".lrs"
# The formats of configs that schedules are found in.
HOSTS = (".json", ".toml", ".yaml", ".yml")

PACKAGE = os.path.dirname(os.path.abspath(__file__))

# A character takes up to four bytes in UTF-8.
MOST_BYTES = 4 * CHARACTERS + 4


def of_package(*names: str) -> str:
    """The path of a file or folder of the package."""
    return os.path.join(PACKAGE, *names)


def stems(folder: str, suffix: str) -> list[str]:
    """The names of the files with a suffix in a folder, without it, sorted."""
    names = (name for name in os.listdir(folder) if name.endswith(suffix))
    return sorted(name.removesuffix(suffix) for name in names if not name.startswith("_"))


def may_hold_schedules(path: str) -> bool:
    """Whether a path is that of a folder, or of a config that schedules are found in."""
    return path.lower().endswith(HOSTS) or os.path.isdir(path)


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
