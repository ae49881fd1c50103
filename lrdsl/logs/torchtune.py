"""The lines that torchtune's DiskLogger writes: ``Step 1 | loss:2.5 lr:2e-05 …``.

The scheduler steps, the step is counted, and then both are logged. Read in torchtune 0.6.1
(``recipes/lora_finetune_single_device.py``, ``training/metric_logging.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.keyed import Key, blocks_of
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Wanted

_STEP = Key(b"Step ", b" ")
_LINE = re.compile(r"^Step \d+ \| \S+:\S", re.M)


def _finds(source: Source) -> list[Path]:
    found = source.inside("log_*.txt", "*.log") if source.is_folder else [source.path]
    return [path for path in found if _LINE.search(Source(path).text)]


def _key(name: str) -> Key:
    return Key(f" {name}:".encode(), b" \r\n", b"")


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    return blocks_of(path, wanted, "step", ["lr"], _key, FLOAT64, _STEP)


def _names(path: Path) -> list[str]:
    return list(dict.fromkeys(re.findall(r"(?<=[| ])([^\s:|]+):\S", Source(path).text)))


READER = Reader(
    system="torchtune", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(0),)
)
