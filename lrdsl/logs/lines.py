"""Goes through a text file in pieces of whole lines, so that none has to fit into memory."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.reader import Unreadable

SIZE = 1 << 20
# What has a longer line is no log of lines.
_LONGEST = 1 << 26


def chunks(path: Path, *, printed: bool) -> Iterator[bytes]:
    """The text of a file, in pieces that end with a line.

    Args:
        path: the file.
        printed: True for what a program prints. It may have bytes that are not UTF-8, and a last
            line without a line end is given, too: a run that goes on may be writing it, so its last
            number may lack digits.

    Raises:
        Unreadable: it is not UTF-8, or has no lines.
        OSError: it cannot be read.
    """
    rest, place = b"", 0
    with path.open("rb") as file:
        while piece := file.read(SIZE):
            whole, end, piece_rest = piece.rpartition(b"\n")
            if end:
                whole = rest + whole + end
                if not printed:
                    _check(path, whole, place)
                yield whole if place else whole.removeprefix(BOM_UTF8)
                place += len(whole)
                rest = piece_rest
            elif len(rest) > _LONGEST:
                raise Unreadable(f"{path}: a line is longer than 64 MB: this is no log of lines")
            else:
                rest += piece
    if printed and rest:
        yield rest if place else rest.removeprefix(BOM_UTF8)


def _check(path: Path, piece: bytes, place: int) -> None:
    """Refuses what is not UTF-8."""
    try:
        if not piece.isascii():
            piece.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{path}: byte {place + error.start:,} is not UTF-8: save the log as UTF-8"
        ) from None
