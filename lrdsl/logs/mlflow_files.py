"""MLflow's older store: a file for each metric, ``mlruns/EXPERIMENT/RUN/metrics/KEY``.

Each line is a time in milliseconds, a value and a step. A ``/`` in a key makes folders. Measured
with mlflow 3.17.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lrdsl.logs.columns import cut
from lrdsl.logs.lines import chunks
from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, is_wanted, whole
from lrdsl.logs.precision import FLOAT64
from lrdsl.logs.reader import Reader, Source, Wanted

_LINE = re.compile(r"^\d{10,} (\S+) (-?\d+)$", re.M)
_LEVELS = ("", "*/", "*/*/", "mlruns/*/*/")


def _finds(source: Source) -> list[Path]:
    """One metric, or the folder itself if it has runs."""
    if source.is_folder:
        found = source.inside(*(f"{level}metrics" for level in _LEVELS))
        return [source.path] if any(_is_run(path.parent) for path in found) else []
    return [source.path] if _LINE.match(source.text) else []


def _is_run(folder: Path) -> bool:
    return (folder / "meta.yaml").is_file()


def _runs(path: Path) -> dict[str, dict[str, Path]]:
    """The files of each run, by the names of their metrics."""
    if path.is_file():
        return {"": {_key(path): path}}
    found = Source(path).inside(*(f"{level}metrics" for level in _LEVELS))
    folders = [one for one in found if _is_run(one.parent)]
    shown = {folder: _shown(folder.parent) for folder in folders}
    amounts = Counter(shown.values())
    return {
        name if amounts[name] == 1 else folder.parent.name: {
            _key(file): file for file in sorted(folder.rglob("*")) if file.is_file()
        }
        for folder, name in shown.items()
    }


def _shown(run: Path) -> str:
    """What a run is called."""
    name = run / "tags" / "mlflow.runName"
    return name.read_text("utf-8").strip() if name.is_file() else run.name


def _key(file: Path) -> str:
    """The name of a metric, by its file in the folder ``metrics``."""
    parts = file.resolve().parts
    if "metrics" not in parts:
        return file.name
    return "/".join(parts[len(parts) - parts[::-1].index("metrics") :])


def _blocks(path: Path, wanted: Wanted) -> Iterator[Block]:
    for run, files in _runs(path).items():
        for name, file in files.items():
            if not is_wanted(name, wanted) and file != path:
                continue
            number = Number(file, name, wanted, FLOAT64, run=run)
            for piece in chunks(file, printed=False):
                values, steps = cut(piece, " ", (1, 2))
                there = steps.is_filled
                if block := number.block(
                    whole(file, "step", steps.kept(there)), values.kept(there)
                ):
                    yield block


def _names(path: Path) -> list[str]:
    return [name for files in _runs(path).values() for name in files]


READER = Reader(system="MLflow", finds=_finds, blocks=_blocks, names=_names)
