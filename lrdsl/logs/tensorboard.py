"""Event files of TensorBoard, and folders of them.

Every event is read: TensorBoard's own accumulator keeps 10,000 of a tag, chosen at random. A
number is a scalar of float32, or a tensor. As in TensorBoard a folder is a run, and all its event
files belong to it. ``add_scalars`` makes folders too, ``TAG_NAME``, which are read as the numbers
``TAG/NAME`` of the run they lie in. A damaged record ends a file, as it does in TensorBoard.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, is_wanted
from lrdsl.logs.precision import FLOAT32, FLOAT64, Precision
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted
from lrdsl.wording import installing

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary

_PATTERNS = tuple(f"{'*/' * depth}*tfevents*" for depth in range(5))
_ROWS = 4096
# The types of a tensor that a rate may have, by TensorFlow's numbers: their forms in bytes.
_TYPES = {1: ("<f", FLOAT32), 2: ("<d", FLOAT64)}


def _finds(source: Source) -> list[Path]:
    """The file itself, or the folder in which all event files lie."""
    if not source.is_folder:
        return [source.path] if b"brain.Event:" in source.head[:64] else []
    folders = [str(path.parent) for path in source.inside(*_PATTERNS)]
    return [Path(os.path.commonpath(folders))] if folders else []


def _files(path: Path) -> dict[Path, list[Path]]:
    """The event files by their folders, in the order in which they were begun."""
    if path.is_file():
        return {path.parent: [path]}
    folders: dict[Path, list[Path]] = {}
    for file in Source(path).inside(*_PATTERNS):
        folders.setdefault(file.parent, []).append(file)
    return {folder: sorted(folders[folder], key=lambda file: file.name) for folder in folders}


def _values(file: Path) -> Iterator[tuple[int, Summary.Value]]:
    """Each value of a file with its step."""
    try:
        from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    except ImportError:
        raise Unreadable(
            f"{file}: reading event files needs tensorboard: {installing('logs')}"
        ) from None
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            yield event.step, value


def _number(value: Summary.Value) -> tuple[float, Precision] | None:
    """A value as a number, and how exactly it is held; None for an image, a text or several."""
    if value.HasField("simple_value"):
        return value.simple_value, FLOAT32
    if not value.HasField("tensor") or value.tensor.dtype not in _TYPES:
        return None
    tensor = value.tensor
    form, precision = _TYPES[tensor.dtype]
    held = [*tensor.float_val, *tensor.double_val]
    if tensor.tensor_content:
        held = [one for (one,) in struct.iter_unpack(form, tensor.tensor_content)]
    return (held[0], precision) if len(held) == 1 else None


class _Readings:
    """The readings of a number that are not yet in a block."""

    def __init__(self, number: Number) -> None:
        self.number = number
        self.steps: list[int] = []
        self.values: list[float] = []

    def add(self, step: int, value: float) -> Iterator[Block]:
        self.steps.append(step)
        self.values.append(value)
        if len(self.steps) == _ROWS:
            yield from self.rest()

    def rest(self) -> Iterator[Block]:
        import numpy as np

        if block := self.number.block(np.array(self.steps, np.int64), self.values):
            yield block
        self.steps, self.values = [], []


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    folders = _files(path)
    for folder, files in folders.items():
        # None for what is not asked for.
        of_tag: dict[str, _Readings | None] = {}
        for step, value in (one for file in files for one in _values(file)):
            tag = value.tag
            if tag in of_tag and of_tag[tag] is None:
                continue
            found = _number(value)
            if tag not in of_tag:
                run, name = _place(path, folder, tag, folder.parent in folders)
                is_one = found is not None and is_wanted(name, wanted)
                precision = found[1] if found else None
                number = Number(path, name, wanted, precision, run=run)
                of_tag[tag] = _Readings(number) if is_one else None
            readings = of_tag[tag]
            if readings is not None and found is not None:
                yield from readings.add(step, found[0])
        for rest in filter(None, of_tag.values()):
            yield from rest.rest()


def _place(path: Path, folder: Path, tag: str, is_inside: bool) -> tuple[str, str]:
    """The run and the name of a number, by its folder and its tag.

    Args:
        path: what was asked for.
        folder: the folder of the event file.
        tag: what the file calls the number.
        is_inside: whether the folder lies in that of another run.
    """
    beginning = tag.replace("/", "_") + "_"
    if is_inside and folder.name.startswith(beginning):
        tag = f"{tag}/{folder.name.removeprefix(beginning)}"
        folder = folder.parent
    if path.is_file() or folder == path:
        return "", tag
    return folder.relative_to(path).as_posix(), tag


def _names(path: Path) -> Iterator[str]:
    folders = _files(path)
    for folder, files in folders.items():
        for file in files:
            for _, value in _values(file):
                yield _place(path, folder, value.tag, folder.parent in folders)[1]


READER = Reader(system="TensorBoard", finds=_finds, blocks=_blocks, names=_names)
