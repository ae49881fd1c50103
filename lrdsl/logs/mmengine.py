"""``vis_data/scalars.json`` of mmengine: lines of JSON.

``lr`` is the rate of the first parameter group, read before an update and logged after it, at the
number of finished updates: ``step``. Read in mmengine 0.10.7 (``hooks/runtime_info_hook.py``,
``hooks/logger_hook.py``, ``runner/log_processor.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.keyed import blocks_of, in_json, keys_in_json
from lrdsl.logs.log import Block, Offset
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Wanted

_KEYS = (b'"data_time": ', b'"iter": ', b'"step": ', b'lr": ')


def _finds(source: Source) -> list[Path]:
    """The file itself, or those of a folder, the latest run first."""
    if not source.is_folder:
        return [source.path] if _is_one(source) else []
    found = source.inside("scalars.json", "vis_data/scalars.json", "*/vis_data/scalars.json")
    return [path for path in found[::-1] if _is_one(Source(path))]


def _is_one(source: Source) -> bool:
    return source.head.startswith(b"{") and all(key in source.head for key in _KEYS)


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    # A named optimizer has its name before the key.
    rates = [name for name in _names(path) if name == "lr" or name.endswith(".lr")]
    return blocks_of(path, wanted, "step", rates, in_json, FLOAT64)


def _names(path: Path) -> list[str]:
    return keys_in_json(Source(path))


READER = Reader(
    system="mmengine", finds=_finds, blocks=_blocks, names=_names, offsets=(Offset(-1),)
)
