"""``trainer_state.json`` of transformers' Trainer: in a checkpoint, or in the folder of a run.

Its ``log_history`` has a ``learning_rate`` beside each ``step``, which counts finished updates.
Until 4.50 it is read after the scheduler has stepped, from 4.51 on before
(``transformers/trainer.py``, ``_maybe_log_save_evaluate``). The file does not tell the version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from lrdsl.logs.log import Block
from lrdsl.logs.names import TRAINERS
from lrdsl.logs.numbers import Number, whole
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted

NAME = "trainer_state.json"
_RATE = "learning_rate"
Row: TypeAlias = dict[str, object]


def _finds(source: Source) -> list[Path]:
    """The file itself, or the one of the last checkpoint in a folder."""
    if source.is_folder:
        checkpoints = sorted(source.inside(f"checkpoint-*/{NAME}"), key=_updates)
        return [*source.inside(NAME), *checkpoints[-1:]][:1]
    is_one = source.head.lstrip().startswith(b"{") and _holds(source)
    return [source.path] if is_one else []


def _holds(source: Source) -> bool:
    """True for a file with what every state of the Trainer begins with."""
    return b'"best_metric"' in source.head or b'"log_history"' in source.head


def _updates(path: Path) -> int:
    """The number of updates that a checkpoint is named by."""
    found = re.fullmatch(r"checkpoint-(\d+)", path.parent.name)
    return int(found[1]) if found else -1


def _history(path: Path) -> list[Row]:
    try:
        history = json.loads(path.read_bytes())["log_history"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path}: this is no whole state of the Trainer: {error}") from None
    if not isinstance(history, list) or not all(isinstance(row, dict) for row in history):
        raise Unreadable(f"{path}: `log_history` is no list of rows")
    return history


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    history = _history(path)
    step = wanted.step or "step"
    for name in wanted.columns([_RATE]):
        rows = [row for row in history if name in row and step in row]
        number = Number(path, name, wanted, FLOAT64, group=0 if name == _RATE else None)
        steps = whole(path, step, [row[step] for row in rows])
        if block := number.block(steps, [row[name] for row in rows]):
            yield block


def _names(path: Path) -> list[str]:
    return [name for row in _history(path) for name in row]


READER = Reader(system="transformers", finds=_finds, blocks=_blocks, names=_names, offsets=TRAINERS)
