"""How long ``lrdsl check`` takes for many files, next to one process that only parses them.

    python -m tests.benchmarks.files [FILES] [RUNS]

A thousand files of one line each by default, no two alike. Whole processes are timed as in
``tests.benchmarks.startup``. Checking parses a text, expands it, lays it out, looks at its values
step by step and runs the lints. It is compared with ``lrdsl.load``, which parses and expands, and
with the syntax alone.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.startup import lrdsl_command, measure, processor

FILES, RUNS = 1_000, 7
LOAD = "import sys, lrdsl\nfor file in sys.argv[1:]: lrdsl.load(file)"
SYNTAX = """
import sys
from lrdsl import files
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
for file in sys.argv[1:]: parse_module(Source(file, files.read(file)))
"""


def write(folder: Path, count: int) -> list[str]:
    """Files of one line each; what they say is drawn with a fixed seed."""
    drawn = random.Random(5)
    paths = []
    for i in range(count):
        up, down, peak = drawn.randint(2, 50), drawn.randint(20, 900), drawn.uniform(0.1, 1)
        path = folder / f"{i:05}.lrs"
        text = f"warmup({up}) >> cosine({down}, {peak:.6f}, 0.01) >> const\n"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


def main(count: int = FILES, runs: int = RUNS) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), count)
        commands = {
            "syntax alone": [sys.executable, "-c", SYNTAX, *paths],
            "lrdsl.load": [sys.executable, "-c", LOAD, *paths],
            "lrdsl check": [*lrdsl_command(), "check", *paths],
        }
        times = measure(commands, runs)
    middles = {name: statistics.median(found) for name, found in times.items()}
    for name, middle in middles.items():
        ratio = middles["lrdsl check"] / middle
        print(f"{name:<14} median {middle:6.2f} s   lrdsl check takes {ratio:4.2f} times as long")
    print(f"{count} files, {runs} runs each, Python {platform.python_version()}")
    print(f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
