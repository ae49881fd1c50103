"""Measures lrdsl next to what could be used instead, and writes down what came of it.

    python -m tests.benchmarks [--rounds N] [SECTION]...

All sides of a table are timed in turn, in one process or as whole processes, so that whatever else
the machine does falls on all of them alike; a ratio is the median over the rounds. Without a
section, all of them are measured and ``docs/explanation/benchmarks.md`` is written.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterator

import torch

from tests.benchmarks import curves, files, hostile, logs, memory, starts, steps, texts, traced
from tests.benchmarks.timing import ROOT, Table, machine

PAGE = ROOT / "docs" / "explanation" / "benchmarks.md"
SECTIONS: dict[str, Callable[[int], Iterator[Table]]] = {
    "steps": steps.tables,
    "curves": curves.tables,
    "traced": traced.tables,
    "starts": starts.tables,
    # Before those that lift the limits.
    "hostile": hostile.tables,
    "texts": texts.tables,
    "files": files.tables,
    "logs": logs.tables,
    "memory": memory.tables,
}
HEAD = """# Benchmarks

Written by `make bench`, never by hand. All alternatives of a table were measured in one run, in
turn; a ratio is the median over the rounds of what a row took, in times of the row whose ratio is
1. Times are medians, without the garbage collector. Trust the ratios: the times are those of one
machine.
"""


def main() -> None:
    """Measures and prints; the whole run is written down."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], metavar="section")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    torch.set_num_threads(1)
    measured = f"Measured on {datetime.date.today()}, in {given.rounds} rounds: {machine()}."
    print(measured)
    found = [HEAD, measured]
    chosen = [name for name in SECTIONS if name in (given.sections or SECTIONS)]  # in this order
    for name in chosen:
        found.append(f"## {name.capitalize()}")
        for table in SECTIONS[name](given.rounds):
            print(f"\n{table}", flush=True)
            found.append(str(table))
    if not given.sections:
        PAGE.write_text("\n\n".join(part.strip() for part in found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
