"""How long processes take from start to end, next to the imports of libraries."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.benchmarks.timing import (
    HEAD,
    Table,
    Target,
    Times,
    compared,
    lrdsl_command,
    process,
    processes,
    ratio,
)  # fmt: skip

FILE = "examples/d2l_cosine.lrs"
LIBRARIES = "import click, lark"
CHECK = "lrdsl check"
IN_A_RUN = "lrdsl check, in a run"
RUN = ["--total", "90ep", "--steps-per-epoch", "100"]
COMPILE = """
import time, torch
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
start = time.perf_counter()
import lrdsl
lrdsl.compile("warmup(5) >> cosine(20, 0.3, 0.01) >> const", optimizer)
print(time.perf_counter() - start)
"""


def tables(rounds: int) -> Iterator[Table]:
    """Whole processes, and the first use in a process that has torch."""
    python, lrdsl = [sys.executable, "-c"], lrdsl_command()
    found = processes(
        {
            "python -c pass": [*python, "pass"],
            LIBRARIES: [*python, LIBRARIES],
            "import lrdsl": [*python, "import lrdsl"],
            CHECK: [*lrdsl, "check", FILE],
            IN_A_RUN: [*lrdsl, "check", FILE, *RUN],
            "lrdsl fmt --check": [*lrdsl, "fmt", "--check", FILE],
            "lrdsl preview": [*lrdsl, "preview", FILE],
        },
        rounds,
    )
    targets = [
        Target(f"a whole {row}, in times of {LIBRARIES}", ratio(found, row, LIBRARIES), most)
        for row, most in ((CHECK, 1.55), (IN_A_RUN, 1.6))
    ]
    yield Table("From start to end", HEAD, list(compared(found, LIBRARIES)), targets)
    first: Times = {"import lrdsl and compile": []}
    for _ in range(max(3, rounds // 3)):
        first["import lrdsl and compile"].append(float(process([*python, COMPILE])))
    rows = [row[:3] for row in compared(first, "import lrdsl and compile")]
    yield Table("The first schedule in a process that has imported torch", HEAD[:3], rows)
