"""What transformers' Trainer prints: ``{'loss': '2.5', 'learning_rate': '3.784e-05', …}``.

A line has no step. It is written each ``logging_steps`` updates, so that number has to be named.
Version 5 writes 4 digits between quotes; earlier ones write the number as Python does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.logs.cells import Cells, as_floats
from lrdsl.logs.keyed import Key, Lines, shared
from lrdsl.logs.lines import chunks
from lrdsl.logs.log import Block
from lrdsl.logs.names import TRAINERS
from lrdsl.logs.numbers import Number
from lrdsl.logs.precision import FLOAT64, Precision
from lrdsl.logs.reader import Reader, Source, Unreadable, Wanted

if TYPE_CHECKING:
    from lrdsl.logs.decimals import Floats

_RATE = "learning_rate"
_LINE = re.compile(r"\{[^{}\n]*'learning_rate': ('?)([^',}\n]+)'?[,}][^{}\n]*\}")
_RATES = Key(b"'learning_rate': ", b"',}", b" '")
_EPOCHS = Key(b"'epoch': ", b"',}", b" '")
# With logging_first_step there is a line after the first update: the second one is as many times
# further as updates lie between lines. Epochs are rounded.
_FIRST = 2.5


def _finds(source: Source) -> list[Path]:
    found = source.inside("*.log", "*.txt", "*.out") if source.is_folder else [source.path]
    return [path for path in found if _LINE.search(Source(path).text)]


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    import numpy as np

    _check(path, wanted)
    every = wanted.logging_steps
    if every is None or every < 1:
        raise Unreadable(
            f"{path}: what transformers prints has no steps. Read the trainer_state.json of the "
            "run, or name its logging_steps"
        )
    line = _LINE.search(Source(path).text)
    precision = Precision("digits", 4) if line and line[1] else FLOAT64
    number = Number(path, _RATE, wanted, precision, group=0)
    # The readings so far; less one if the first is of the first update.
    read, last = 0, 0.0
    for piece in chunks(path, printed=True):
        values, epochs = _marked(piece)
        if (epochs[1:] < epochs[:-1]).any() or (len(epochs) and epochs[0] < last):
            raise Unreadable(
                f"{path}: the epoch falls back, so this run was resumed, and what transformers "
                "prints does not tell at which step. Read its trainer_state.json"
            )
        last = epochs[-1] if len(epochs) else last
        has_first = not read and every > 1 and _starts_at_one(epochs)
        if has_first:
            read = -1
        steps = np.arange(read + 1, read + len(values) + 1) * every
        if has_first:
            steps[0] = 1
        read += len(values)
        if block := number.block(steps, values):
            yield block


def _marked(piece: bytes) -> tuple[Cells, Floats]:
    """The rates in some lines, and the epochs beside them.

    A line without an epoch is none of the training's: arguments that were printed have a rate too.
    """
    lines = Lines(piece)
    values, epochs = shared(lines.marked(_RATES), lines.marked(_EPOCHS))
    numbers, is_known = as_floats(epochs)
    return values, numbers[is_known]


def _check(path: Path, wanted: Wanted) -> None:
    """Refuses columns: only the rates have a place that is known."""
    others = [name for name in (*wanted.rates, wanted.metric, wanted.step) if name]
    if any(name != _RATE for name in others):
        raise Unreadable(
            f"{path}: of what transformers prints only `{_RATE}` is read. "
            "Read the trainer_state.json of the run for the others"
        )


def _starts_at_one(epochs: Floats) -> bool:
    return len(epochs) > 1 and bool(0 < epochs[0] * _FIRST < epochs[1])


def _names(path: Path) -> list[str]:
    return list(dict.fromkeys(re.findall(r"[{ ]'(\w+)': ", Source(path).text)))


READER = Reader(
    system="transformers",
    finds=_finds,
    blocks=_blocks,
    names=_names,
    offsets=TRAINERS,
    has_steps=False,
)
