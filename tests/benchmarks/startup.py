"""How long ``lrdsl check`` takes from start to end, next to the imports that nobody can avoid.

    python -m tests.benchmarks.startup [RUNS] [FILE]

Whole processes are timed, one of each kind in turn, so that whatever else the machine does falls on
both alike. The first run of each is not counted: it writes bytecode, as an installer does. The
number to look at is the ratio of the medians.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 15


def lrdsl_command() -> list[str]:
    """The console script of this environment, or where there is none the module."""
    script = Path(sys.executable).with_name("lrdsl")
    return [str(script)] if script.exists() else [sys.executable, "-m", "lrdsl"]


def seconds(command: list[str]) -> float:
    """How long a process takes; it has to end well."""
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env={**environment, "PYTHONPATH": path})
    return time.perf_counter() - start


def measure(commands: dict[str, list[str]], runs: int) -> dict[str, list[float]]:
    """The times of each command, taken in turn after one run of each that is not counted."""
    for command in commands.values():
        seconds(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    return times


def processor() -> str:
    """What the processor calls itself, where the system says so."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor())


def main(runs: int = RUNS, file: str = "examples/d2l_cosine.lrs") -> None:
    """Measures and prints."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import click, lark": [sys.executable, "-c", "import click, lark"],
        "lrdsl check": [*lrdsl_command(), "check", file],
    }
    times = measure(commands, runs)
    for name, found in times.items():
        low, _, high = statistics.quantiles(found, n=4)
        middle = statistics.median(found)
        print(
            f"{name:<20} median {1e3 * middle:6.1f} ms   quartiles {1e3 * low:.1f} to"
            f" {1e3 * high:.1f}   fastest {1e3 * min(found):.1f}"
        )
    ours, theirs = times["lrdsl check"], times["import click, lark"]
    pairs = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, _, high = statistics.quantiles(pairs, n=4)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"\nratio {ratio:.2f}   of neighbours: quartiles {low:.2f} to {high:.2f}")
    packages = ", ".join(f"{name} {version(name)}" for name in ("click", "lark"))
    print(f"{runs} runs each, {' '.join(lrdsl_command())}")
    print(f"Python {platform.python_version()}, {packages}")
    print(f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS, *sys.argv[2:3])
