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

from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted

NAME = "trainer_state.json"
_RATE = "learning_rate"


def _finds(source: Source) -> Path | None:
    """The file itself, or the one of the last checkpoint in a folder."""
    if source.is_folder:
        if own := source.inside(NAME):
            return own[0]
        checkpoints = source.inside(f"checkpoint-*/{NAME}")
        return max(checkpoints, key=_updates, default=None)
    return source.path if source.head.lstrip().startswith(b"{") and _holds(source) else None


def _holds(source: Source) -> bool:
    """True for a file with what every state of the Trainer begins with."""
    return b'"best_metric"' in source.head or b'"log_history"' in source.head


def _updates(path: Path) -> int:
    """The number of updates that a checkpoint is named by."""
    found = re.fullmatch(r"checkpoint-(\d+)", path.parent.name)
    return int(found[1]) if found else -1


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    try:
        state = json.loads(path.read_bytes())
        history = state["log_history"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path}: this is no state of the Trainer: {error}") from None
    names = wanted.rates or (_RATE,)
    for name in (*names, *([wanted.metric] if wanted.metric else [])):
        rows = [row for row in history if name in row and (wanted.step or "step") in row]
        if rows:
            yield Block(
                name,
                [int(row[wanted.step or "step"]) for row in rows],
                [float(row[name]) for row in rows],
                FLOAT64,
                group=0 if name == _RATE else None,
                role="metric" if name == wanted.metric else "rate",
            )


READER = Reader(
    system="transformers",
    finds=_finds,
    blocks=_blocks,
    offsets=(Offset(-1, "4.51 and later"), Offset(0, "4.50 and earlier")),
)
