"""Files: the data of the package, and the programs of users.

``pathlib`` takes 4 ms to import, a fifth of what ``lrdsl check`` may add to its libraries; what it
would be used for here is a few lines.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager, suppress
from errno import EACCES
from pkgutil import get_data
from typing import TYPE_CHECKING

from lrdsl.limits import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, BinaryIO

# Of a schedule.
SUFFIX = ".lrs"
# The formats of configs that schedules are found in.
CONFIGS = (".json", ".toml", ".yaml", ".yml")
# Where `FILE:KEYS` is divided, which names one schedule of a config.
_KEYS = re.compile(r"(?<=\.json|\.toml|\.yaml):(?=.)|(?<=\.yml):(?=.)", re.IGNORECASE | re.DOTALL)
# What a project says somewhere that has settings of runs.
_RUNS = re.compile(rb"lrdsl\s*\.\s*runs|^\s*runs\s*=", re.MULTILINE)

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


def beside_package(path: str) -> str:
    """The text of a file of the checkout that the package lies in, which may be in an archive too.

    Args:
        path: from the folder of the checkout, with ``/`` between its parts.
    """
    checkout = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # What loaded this module knows the archive, if there is one.
    loader: Any = getattr(__spec__, "loader", None)
    return decode(loader.get_data(os.path.join(checkout, *path.split("/"))))


def addressed(word: str) -> tuple[str, str]:
    """The file and the keys of ``train.yaml:optimizer.schedule``; any other word has no keys.

    A colon may be part of a name: a file that is there comes before one that is not, and the
    longest name first.

    Args:
        word: a path, or the address of a schedule in a config.
    """
    if os.path.exists(word):
        return word, ""
    pairs = [(word[: at.start()], word[at.end() :]) for at in _KEYS.finditer(word)]
    there = [pair for pair in pairs if os.path.isfile(pair[0])]
    return (there or pairs or [(word, "")])[-1]


def may_hold_schedules(word: str) -> bool:
    """True for a folder, a config that schedules are found in, or the address of one of them."""
    return addressed(word)[0].lower().endswith(CONFIGS) or os.path.isdir(word)


def walk(folder: str, suffixes: tuple[str, ...], failed: list[OSError]) -> list[str]:
    """The files with some suffix in a folder and in those inside it, sorted; no hidden ones.

    Links to folders are not followed: they may lead round in circles.

    Args:
        folder: its path.
        suffixes: what names end with, in whatever case.
        failed: takes why a folder cannot be read; the others are read all the same.
    """
    found: list[str] = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        failed.append(error)
        return []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            found += walk(entry.path, suffixes, failed)
        elif entry.name.lower().endswith(suffixes):
            found.append(entry.path)
    return found


def above(name: str, folder: str = "") -> str | None:
    """The path of the file of some name in a folder, or else above it; None without one.

    Args:
        name: the name.
        folder: the folder; by default the present one.
    """
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return None


def project_with_runs(folder: str = "") -> tuple[str, bytes] | None:
    """The path of the ``pyproject.toml`` above a folder, and its data, if it speaks of runs.

    Any other need not be understood, and what would read it need not be loaded.

    Args:
        folder: the folder; by default the present one.

    Raises:
        OSError: it cannot be read.
    """
    path = above("pyproject.toml", folder)
    data = b"" if path is None else read_bytes(path)
    return (path, data) if path is not None and _RUNS.search(data) else None


def root_of(source: str) -> str:
    """The folder that files may be in that a file refers to: the current one, or else its own.

    Args:
        source: the file.
    """
    path, here = os.path.realpath(source), os.getcwd()
    return here if is_inside(path, here) else os.path.dirname(path)


def is_inside(path: str, folder: str) -> bool:
    """True if a path leads into a folder, links followed; what cannot be a path does not.

    Args:
        path: the path.
        folder: the folder.
    """
    try:
        whole, outer = os.path.realpath(path), os.path.realpath(folder)
    except (OSError, ValueError):
        return False
    return whole == outer or whole.startswith(os.path.join(outer, ""))


def is_there(path: str | os.PathLike[str]) -> bool:
    """True if there is something at a path, which may be none of the system's."""
    return os.path.exists(path)


def plain(path: str | os.PathLike[str]) -> str:
    """A path without ``..``, unless that leads out of a folder that a link led into.

    Args:
        path: the path.
    """
    short, whole = os.path.normpath(path), os.fspath(path)
    is_same = os.path.exists(short) and os.path.samefile(short, whole)
    return short if is_same else whole


def is_endless(path: str) -> bool:
    """True if a path is that of a pipe, a device or a socket, of which reading may never end."""
    return os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))


def read(path: str | os.PathLike[str]) -> str:
    """The text of a file; bytes that are not UTF-8 become characters that the parser reports.

    Of a file that is too long to be a program, only as much is read as shows that it is.
    """
    return decode(read_bytes(path))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The contents of a file, likewise."""
    with open(path, "rb") as file:
        return file.read(MOST_BYTES)


def decode(data: bytes) -> str:
    """The text of a file's bytes."""
    return data.decode("utf-8", errors="replace")


def is_utf8(data: bytes) -> bool:
    """True if a file's bytes are text, and nothing had to be replaced in it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # What is too long is cut off, be it inside a character.
        return error.start >= MOST_BYTES - 4
    return b"\0" not in data


def reason(error: OSError) -> str:
    """The reason why a file cannot be read or written, in the words of the system.

    Args:
        error: the exception.
    """
    return error.strerror or str(error)


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens a file for writing that appears complete or not at all.

    It is written beside its place, and takes the place when all of it has reached the disk. Until
    then, and wherever that fails, the old file stays as it was. The new one has the mode of the old
    one and, as far as the system allows, its owner; a symbolic link still is one afterwards.
    Another name of the same file, a hard link, keeps the old text. What is no regular file, such
    as ``/dev/stdout``, holds nothing that could be lost, and is written as it is.

    Args:
        path: where the file is to be.

    Raises:
        OSError: it cannot be written.
    """
    target = os.path.realpath(path)
    old = _status(target)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with open(target, "wb") as stream:
            yield stream
        return
    # A file that must not be written could still be replaced, as that is a matter of its folder.
    if old is not None and not os.access(target, os.W_OK):
        raise PermissionError(EACCES, os.strerror(EACCES), target)
    folder, name = os.path.split(target)
    # A name may be as long as the system allows, and a longer one is refused.
    partial = os.path.join(folder, f".{name[:100]}.{os.urandom(4).hex()}.part")
    # Nobody may read what nobody may read of the old file, not even for a moment.
    mode = 0o666 if old is None else 0o600
    try:
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
        with open(number, "wb") as stream:
            yield stream
            stream.flush()
            if old is not None:
                _resemble(partial, old)
            os.fsync(number)
        os.replace(partial, target)
    finally:
        with suppress(OSError):
            os.unlink(partial)


# Windows would translate line ends otherwise.
_BINARY = getattr(os, "O_BINARY", 0)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _resemble(path: str, old: os.stat_result) -> None:
    """Gives a file the owner and the mode of another one."""
    new = os.stat(path)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        # Only some may give files away; this changes the mode, which is therefore set last.
        with suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))
