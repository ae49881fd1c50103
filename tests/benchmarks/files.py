"""How long ``lrdsl check`` takes for many files, next to one process that only parses them.

Checking parses a text, expands it, lays it out, looks at its values step by step and runs the
lints. It is compared with the syntax alone, and with ``lrdsl.load``, which parses and expands.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.timing import (
    HEAD,
    Table,
    Target,
    compared,
    lrdsl_command,
    processes,
    ratio,
)  # fmt: skip

FILES = 1_000
LOAD = "import sys, lrdsl\nfor file in sys.argv[1:]: lrdsl.load(file)"
SYNTAX = """
import sys
from lrdsl import files
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
for file in sys.argv[1:]: parse_module(Source(file, files.read(file)))
"""


def tables(rounds: int) -> Iterator[Table]:
    """A thousand files of one line each, no two alike."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder))
        commands = {
            "syntax alone": [sys.executable, "-c", SYNTAX, *paths],
            "lrdsl.load": [sys.executable, "-c", LOAD, *paths],
            "lrdsl check": [*lrdsl_command(), "check", *paths],
        }
        found = processes(commands, max(3, rounds // 3))
    took = ratio(found, "lrdsl check", "lrdsl.load")
    target = Target("a check of them all, in times of one process that loads them", took, 5)
    rows = list(compared(found, "lrdsl.load"))
    yield Table(f"{FILES:,} files of one line", HEAD, rows, [target])


def _write(folder: Path) -> list[str]:
    """Files of one line each; what they say is drawn with a fixed seed."""
    drawn, paths = random.Random(5), []
    for i in range(FILES):
        up, down, peak = drawn.randint(2, 50), drawn.randint(20, 900), drawn.uniform(0.1, 1)
        path = folder / f"{i:05}.lrs"
        text = f"warmup({up}) >> cosine({down}, {peak:.6f}, 0.01) >> const\n"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths
