"""A run that Weights & Biases wrote offline: ``run-ID.wandb`` in a folder of its own.

The file is a log of LevelDB's: blocks of 32 KiB with pieces of records, each with its length. A
record is a message of W&B's protocol, read here with the definitions in the package wandb. Numbers
are JSON. W&B's own ``_step`` counts calls of ``log``, so an axis that the trainer logs comes first.
Measured with wandb 0.31.0.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, is_wanted, whole
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted

if TYPE_CHECKING:
    from wandb.proto.wandb_internal_pb2 import HistoryRecord, Record

_MAGIC = b":W&B"
_BLOCK = 1 << 15
# Before a piece: its checksum, its length, and whether a record is whole, begins, goes on or ends.
_PIECE = struct.Struct("<IHB")
_WHOLE, _LAST = 1, 4
# Magic, a magic number and a version; longer in files of later versions of the container.
_HEADER = 7
# What the trainers count updates by; transformers, then Lightning.
_STEPS = ("train/global_step", "trainer/global_step")
_OWN_STEP = "_step"
_ROWS = 4096


def _finds(source: Source) -> list[Path]:
    """The file itself, or those of a folder, the latest first."""
    if not source.is_folder:
        return [source.path] if source.head.startswith(_MAGIC) else []
    found = source.inside("*.wandb", "*run-*/*.wandb", "wandb/*run-*/*.wandb")
    return sorted(found, key=lambda path: path.parent.name.split("run-")[-1], reverse=True)


def _payloads(path: Path) -> Iterator[bytes]:
    """The records of a file. A last one that is not whole is being written, and is left out."""
    with path.open("rb") as file:
        block, record = file.read(_BLOCK), b""
        at = _HEADER
        while block:
            while at + _PIECE.size <= len(block):
                _, length, kind = _PIECE.unpack_from(block, at)
                at += _PIECE.size
                if at + length > len(block):
                    return
                record += block[at : at + length]
                at += length
                if kind in (_WHOLE, _LAST):
                    yield record
                    record = b""
            block, at = file.read(_BLOCK), 0


def _records(path: Path) -> Iterator[Record]:
    try:
        from google.protobuf.message import DecodeError
        from wandb.proto.wandb_internal_pb2 import Record
    except ImportError:
        raise Unreadable(
            f"{path}: reading an offline run of W&B needs its package: run `pip install wandb`"
        ) from None
    for payload in _payloads(path):
        record = Record()
        try:
            record.ParseFromString(payload)
        except DecodeError as error:
            raise Unreadable(f"{path}: a record is damaged: {error}") from None
        yield record


def _row(history: HistoryRecord) -> dict[str, object]:
    """What one call of ``log`` has logged."""
    row: dict[str, object] = {_OWN_STEP: history.step.num}
    for item in history.item:
        row["/".join(item.nested_key) or item.key] = json.loads(item.value_json)
    return row


def _rows(path: Path) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """The rows of a run, many at a time, each time with its name."""
    name, rows = "", []
    for record in _records(path):
        if record.HasField("run"):
            name = record.run.display_name or record.run.run_id
        elif record.HasField("history"):
            rows.append(_row(record.history))
        if len(rows) == _ROWS:
            yield name, rows
            rows = []
    if rows:
        yield name, rows


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    numbers: dict[str, Number] = {}
    step = wanted.step
    for run, rows in _rows(path):
        keys = dict.fromkeys(key for row in rows for key in row)
        if step is None:
            step = next((name for name in _STEPS if name in keys), None)
        for name in keys:
            if not is_wanted(name, wanted):
                continue
            if name not in numbers:
                numbers[name] = Number(path, name, wanted, FLOAT64, run=run)
            counted = step or _OWN_STEP
            held = [row for row in rows if name in row and counted in row]
            steps = whole(path, counted, [row[counted] for row in held])
            if block := numbers[name].block(steps, [row[name] for row in held]):
                yield block


def _names(path: Path) -> Iterator[str]:
    for _, rows in _rows(path):
        for row in rows:
            yield from row


READER = Reader(system="W&B", finds=_finds, blocks=_blocks, names=_names)
