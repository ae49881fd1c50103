"""Goes through a text file in pieces of whole lines, so that none has to fit into memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.reader import Unreadable

SIZE = 1 << 18
# What has a longer line is no log of lines.
_LONGEST = 1 << 26


def chunks(path: Path, *, printed: bool) -> Iterator[str]:
    """The text of a file, in pieces that end with a line.

    Args:
        path: the file.
        printed: True for what a program prints. Bytes that are not UTF-8 are replaced in it, and a
            last line without a line end is given, too: a run that goes on may be writing it, so
            its last number may lack digits.

    Raises:
        Unreadable: it is not UTF-8, or has no lines.
        OSError: it cannot be read.
    """
    rest, place = b"", 0
    with path.open("rb") as file:
        while piece := file.read(SIZE):
            whole, end, piece_rest = piece.rpartition(b"\n")
            if end:
                yield _decoded(path, rest + whole + end, place, printed)
                place += len(rest) + len(whole) + 1
                rest = piece_rest
            elif len(rest) > _LONGEST:
                raise Unreadable(f"{path}: a line is longer than 64 MB: this is no log of lines")
            else:
                rest += piece
    if printed and rest:
        yield _decoded(path, rest, place, printed)


def _decoded(path: Path, piece: bytes, place: int, printed: bool) -> str:
    encoding, errors = "utf-8" if place else "utf-8-sig", "replace" if printed else "strict"
    try:
        return piece.decode(encoding, errors).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"{path}: byte {place + error.start:,} is not UTF-8: save the log as UTF-8"
        ) from None


class Keyed:
    """Finds two numbers that stand in the same line, a step and a value.

    Args:
        step: a pattern for the step with one group.
        value: a pattern for the value with one group. What follows the number belongs to it, so
            that a line that is being written gives no number with half its digits.
    """

    def __init__(self, step: str, value: str) -> None:
        self._forward = re.compile(rf"{step}[^\n]*{value}")
        self._backward = re.compile(rf"{value}[^\n]*{step}")
        self._step, self._value = re.compile(step), re.compile(value)

    def pairs(self, chunk: str) -> tuple[list[str], list[str]]:
        r"""The steps and the values of some lines.

        >>> Keyed(r"step (\d+);", r"lr (\S+);").pairs("step 1; lr 0.5;\nlr 0.25; step 2;\n")
        (['1', '2'], ['0.5', '0.25'])
        """
        found = self._forward.findall(chunk)
        mirrored = [] if len(found) == chunk.count("\n") else self._backward.findall(chunk)
        if found and mirrored:
            found = list(self._in_lines(chunk))
        elif mirrored:
            found = [(step, value) for value, step in mirrored]
        return [step for step, _ in found], [value for _, value in found]

    def _in_lines(self, chunk: str) -> Iterator[tuple[str, str]]:
        for line in chunk.split("\n"):
            step, value = self._step.search(line), self._value.search(line)
            if step and value:
                yield step[1], value[1]
