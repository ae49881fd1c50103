"""``metrics.json`` of detectron2: lines of JSON.

``lr`` is the rate of the largest parameter group at ``iteration``, put there before the scheduler
steps. Read in detectron2 (``engine/hooks.py``, ``LRScheduler.after_step``; ``utils/events.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.keyed import blocks_of, in_json, keys_in_json
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Wanted


def _finds(source: Source) -> list[Path]:
    if source.is_folder:
        return [path for path in source.inside("metrics.json") if _is_one(Source(path))]
    return [source.path] if _is_one(source) else []


def _is_one(source: Source) -> bool:
    """True for lines of JSON with the keys that each line of a training loop has."""
    head = source.head
    return head.startswith(b"{") and b'"iteration": ' in head and b'"data_time": ' in head


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    return blocks_of(path, wanted, "iteration", ["lr"], in_json, FLOAT64)


def _names(path: Path) -> list[str]:
    return keys_in_json(Source(path))


READER = Reader(
    system="detectron2", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(0),)
)
