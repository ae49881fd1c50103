"""The lines that Megatron prints while it trains.

``iteration 20/ 1000 | … | learning rate: 1.500000E-04 | …``: the number of finished updates, and
the rate that the scheduler gave after the update. An update that is skipped does not step it. Read
in Megatron-LM (``training/training.py``, ``train_step`` and ``training_log``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.keyed import Key, blocks_of
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Reader, Source, Wanted

_STEP = Key(b"iteration ", b"/")
_LINE = re.compile(r"iteration +\d+/[^\n]*\| learning rate: ")


def _finds(source: Source) -> list[Path]:
    found = source.inside("*.log", "*.txt", "*.out") if source.is_folder else [source.path]
    return [path for path in found if _LINE.search(Source(path).text)]


def _key(name: str) -> Key:
    return Key(f"| {name}: ".encode(), b" ")


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    seven = Precision("digits", 7)
    return blocks_of(path, wanted, "iteration", ["learning rate"], _key, seven, _STEP)


def _names(path: Path) -> list[str]:
    return list(dict.fromkeys(re.findall(r"\| ([^|:\n]+): ", Source(path).text)))


READER = Reader(system="Megatron", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(0),))
