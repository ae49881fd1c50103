"""How much memory a check of a long file takes, and a schedule of many parts."""

from __future__ import annotations

import sys
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import lrdsl
from tests.benchmarks.starts import LIBRARIES
from tests.benchmarks.texts import corpus, lift_limits, long_program
from tests.benchmarks.timing import Table, lrdsl_command, process

PARTS = 100_000
# Runs a process and prints the most memory that it had, in KiB on Linux.
WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def tables(rounds: int) -> Iterator[Table]:
    """What processes had at most, and what a schedule holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.lrs"
        path.write_text(megabyte(), encoding="utf-8")
        rows = [
            [LIBRARIES, _watched([sys.executable, "-c", LIBRARIES])],
            ["lrdsl check, one line", _watched([*lrdsl_command(), "check", "-e", "const"])],
            ["lrdsl check, a file of 1 MB", _watched([*lrdsl_command(), "check", str(path)])],
        ]
    lift_limits()
    tracemalloc.start()
    schedule = lrdsl.parse(long_program(PARTS)).resolve()
    schedule(0)
    held, peak = (found / 2**20 for found in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    rows.append([f"a schedule of {PARTS:,} parts, with its program", f"{held:.0f} MiB"])
    rows.append(["making it", f"{peak:.0f} MiB"])
    yield Table("Memory, at most", ("", "memory"), rows)


def megabyte() -> str:
    """A clean program of 1 MB: a thousand lines, and many comments."""
    lines = "\n".join(corpus()[:1]).splitlines()
    comment = "# " + "a word and another " * 550 + "\n"
    return "".join(f"{comment}{line}\n" for line in lines) + "const(10)\n"


def _watched(command: Sequence[str]) -> str:
    kilobytes = int(process([sys.executable, "-c", WATCH, *command]).split()[-1])
    return f"{kilobytes / 1024:.0f} MiB"
