"""What every benchmark shares: timing things in turn, and the table that comes of it."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGES = ("torch", "numpy", "transformers", "pytorch-ignite", "optax", "jax", "lark", "click")

Act = Callable[[], Any]
# A name and the seconds that it took in each round.
Times = dict[str, list[float]]


class Target(NamedTuple):
    """What a ratio has to reach.

    Attributes:
        what: what is compared with what, in words.
        found: what was measured.
        bound: the most it may be.
        why: the reason where it is more.
        faster: say how many times faster it is, not how many times as long it takes.
    """

    what: str
    found: float
    bound: float
    why: str = ""
    faster: bool = False

    def __str__(self) -> str:
        missed = self.found > self.bound
        least, found, bound = "at most", self.found, self.bound
        if self.faster:
            least, found, bound = "at least", 1 / found, 1 / bound
        said = f"{self.what}: {least} {bound:.3g}. Measured {found:.3g}."
        return (
            f"{said} **Missed by {abs(found - bound):.2g}.** {self.why}".strip() if missed else said
        )


class Table(NamedTuple):
    """One table of results.

    Attributes:
        title: what was measured.
        head: the columns.
        rows: the cells.
        targets: what it was to reach.
        note: how it was measured.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()
    note: str = ""

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [
            _line(self.head, widths),
            "|" + "|".join(":" + "-" * (w + 1) if i == 0 else "-" * (w + 1) + ":"
                           for i, w in enumerate(widths)) + "|",
            *(_line(row, widths) for row in self.rows),
        ]  # fmt: skip
        parts = [f"### {self.title}", self.note, "\n".join(lines)]
        parts.append("\n".join(f"* {target}" for target in self.targets))
        return "\n\n".join(part for part in parts if part)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cells[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join(padded)} |"


def seconds(act: Act, times: int) -> float:
    """How long an act takes, as the mean of so many in a row, without the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(times):
            act()
        return (time.perf_counter() - start) / times
    finally:
        gc.enable()


def interleaved(makers: Mapping[str, Callable[[], Act]], times: int, rounds: int) -> Times:
    """The times of acts taken in turn, each made anew, after a round that is not counted.

    Whatever else the machine does falls on all of them alike.

    Args:
        makers: makes each act, by name.
        times: how many of an act are timed in a row.
        rounds: how many turns.
    """
    found: Times = {name: [] for name in makers}
    for counted in range(-1, rounds):
        for name, maker in makers.items():
            took = seconds(maker(), times)
            if counted >= 0:
                found[name].append(took)
    return found


def ratio(times: Times, name: str, floor: str) -> float:
    """How many times as long one takes as another: the median over the rounds."""
    pairs = zip(times[name], times[floor], strict=True)
    return statistics.median(a / b for a, b in pairs)


def compared(times: Times, floor: str) -> Iterator[list[str]]:
    """A row for each name: median, quartiles, and how many times the floor it is."""
    for name, found in times.items():
        low, middle, high = statistics.quantiles(found, n=4) if len(found) > 1 else found * 3
        spread = f"{duration(low)} to {duration(high)}" if len(found) > 1 else "once"
        yield [name, duration(middle), spread, f"{ratio(times, name, floor):.2f}"]


HEAD = ("", "median", "quartiles", "ratio")


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 1000 * size else f"{seconds:.0f} s"
    return f"{seconds / 1e-9:.3g} ns"


def processes(commands: Mapping[str, Sequence[str]], runs: int) -> Times:
    """The times of whole processes, in turn, after a run of each that writes bytecode."""
    found: Times = {name: [] for name in commands}
    for counted in range(-1, runs):
        for name, command in commands.items():
            start = time.perf_counter()
            process(command)
            if counted >= 0:
                found[name].append(time.perf_counter() - start)
    return found


def process(command: Sequence[str]) -> str:
    """What a process prints; it has to end well."""
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    done = subprocess.run(
        command, check=True, cwd=ROOT, env={**environment, "PYTHONPATH": path},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout


def lrdsl_command() -> list[str]:
    """The console script of this environment, or where there is none the module."""
    script = Path(sys.executable).with_name("lrdsl")
    return [str(script)] if script.exists() else [sys.executable, "-m", "lrdsl"]


def machine() -> str:
    """What was measured on, in a line."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        processor = next(models, platform.processor())
    except OSError:
        processor = platform.processor()
    versions = ", ".join(f"{name} {found}" for name, found in _versions(PACKAGES))
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {versions}"
    )


def _versions(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
