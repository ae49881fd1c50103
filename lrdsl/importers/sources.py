"""The files that importers read: text, and nothing outside of the folder that was given."""

from __future__ import annotations

from pathlib import Path

from lrdsl import files
from lrdsl.importers.refusal import Refused


def text_of(path: Path) -> str:
    """The text of a file.

    Args:
        path: the file.

    Raises:
        Refused: it cannot be read, or is no text.
    """
    try:
        data = files.read_bytes(path)
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {files.reason(error)}") from None
    if not files.is_utf8(data):
        raise Refused(f"{path.name} is no text in UTF-8")
    return files.decode(data)


def referred(path: Path, named: str, root: Path, above: tuple[Path, ...]) -> Path:
    """A file that another one is made of.

    Args:
        path: the file that refers to it.
        named: how it does.
        root: the folder that it has to be in.
        above: the files that led here, ``path`` the last.

    Raises:
        Refused: it is outside of ``root``, or one of those that led here.
    """
    found = (path.parent / named).resolve()
    if not files.is_inside(str(found), str(root)):
        raise Refused(f"{path.name} is made of {named}, which is outside of {root}")
    if found in (file.resolve() for file in above):
        circle = " > ".join(file.name for file in (*above, found))
        raise Refused(f"these files are made of each other: {circle}")
    return found
