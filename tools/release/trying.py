"""What was built, installed into clean environments of every Python at hand, and used."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tools.release import FOLDER, SOURCE, ReleaseError, good, run, say

OLDEST = (3, 10)
PINNED = (3, 11)
"""From here on constraints.txt says the versions."""
# The version of a Python that can make environments.
_PROBE = "import ensurepip, sys, venv; print(*sys.version_info[:3])"
# Compiling all that is installed takes longer than using some of it.
_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")

# What each installation has to do, in a folder without lrdsl.
USED = """
import sys
from pathlib import Path
import lrdsl
place = Path(lrdsl.__file__).parent
assert place.is_relative_to(sys.prefix), f"lrdsl comes from {place}"
assert lrdsl.__version__ == sys.argv[1], f"lrdsl is {lrdsl.__version__}"
for name in ("py.typed", "prelude.lrs", "grammar/lrs.lark", "text/lrs.parser"):
    assert (place / name).is_file(), f"{name} is missing"
value = lrdsl.parse("warmup(5) >> cosine(20, 0.3)").resolve()(15)
assert abs(value - 0.15) < 1e-12, f"the value is {value}"
"""
# With torch: the rates of two steps of warm-up and four of a cosine, by hand.
TRAINED = """
import lrdsl, torch
optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
scheduler = lrdsl.compile("warmup(2) >> cosine(4, 0.3)", optimizer)
half = 0.15 / 2**0.5
for wanted in (0, 0.15, 0.3, 0.15 + half, 0.15, 0.15 - half, 0):
    rate = optimizer.param_groups[0]["lr"]
    assert abs(rate - wanted) < 1e-12, f"the rate is {rate}, not {wanted}"
    optimizer.step()
    scheduler.step()
"""


class Python(NamedTuple):
    """A Python to install into."""

    path: Path
    version: tuple[int, int, int]

    def __str__(self) -> str:
        """Its version."""
        return ".".join(map(str, self.version))


class NotTried(Exception):
    """Why something was not tried."""


def pythons() -> list[Python]:
    """The Pythons at hand that can make environments, one of each minor version, oldest first."""
    found: dict[tuple[int, int], Python] = {}
    with tempfile.TemporaryDirectory() as empty:
        for path in _candidates():
            done = run(path, "-c", _PROBE, cwd=Path(empty))
            if done.returncode == 0 and re.fullmatch(r"\d+ \d+ \d+\n", done.stdout):
                major, minor, micro = map(int, done.stdout.split())
                if (major, minor) >= OLDEST:
                    found.setdefault((major, minor), Python(path, (major, minor, micro)))
    return [python for _, python in sorted(found.items())]


def _candidates() -> Iterator[Path]:
    """Whatever may be a Python: on the path, and from pyenv."""
    for folder in os.get_exec_path():
        yield from (
            path
            for path in sorted(Path(folder).glob("python3.*"))
            if re.fullmatch(r"python3\.\d+", path.name) and os.access(path, os.X_OK)
        )
    yield from sorted(Path.home().glob(".pyenv/versions/3.*/bin/python"))


class Environment:
    """A clean environment of a Python, and an empty folder to use it from."""

    def __init__(self, python: Python, folder: Path) -> None:
        self.python, self.bin = python, folder / "venv" / "bin"
        self.empty = folder / "empty"
        self.empty.mkdir()
        good(python.path, "-m", "venv", folder / "venv", cwd=self.empty)

    def install(self, *wanted: str) -> None:
        """Installs with pip.

        Raises:
            ReleaseError: pip cannot.
        """
        good(self.bin / "python", *_INSTALL, *wanted, cwd=self.empty)

    def use(self, program: str, *arguments: str) -> None:
        """Runs the text of a program.

        Raises:
            ReleaseError: it fails.
        """
        done = run(self.bin / "python", "-c", program, *arguments, cwd=self.empty)
        if done.returncode:
            raise ReleaseError(done.stdout.strip())

    def lrdsl(self, *arguments: str, prints: str, status: int = 0) -> None:
        """Runs the command.

        Args:
            arguments: its arguments.
            prints: what has to be in its output.
            status: the status that it has to end with.

        Raises:
            ReleaseError: it does something else.
        """
        done = run(self.bin / "lrdsl", *arguments, cwd=self.empty)
        if done.returncode != status or prints not in done.stdout:
            raise ReleaseError(
                f"lrdsl {arguments[0]} ends with {done.returncode}, not {status} and "
                f"{prints!r}:\n{done.stdout.strip()}"
            )


def alone(environment: Environment, file: Path, version: str) -> None:
    """Installs a wheel or an sdist, as its users do, and uses it without any extra.

    Raises:
        ReleaseError: something fails.
    """
    environment.install(str(file))
    environment.use(USED, version)
    environment.lrdsl("--version", prints=version)
    environment.lrdsl("check", "-e", "warmup(5) >> cosine(20, 0.3)", prints="")
    environment.lrdsl("check", "-e", "cosin(20)", prints="LRS201", status=1)
    environment.lrdsl("shapes", prints="cosine(")


def with_extras(environment: Environment, wheel: Path) -> None:
    """Installs the wheel with what draws and what reads configs, and does both.

    Raises:
        ReleaseError: something fails.
    """
    environment.install(f"{wheel}[preview,configs]", *_pins(environment.python))
    environment.lrdsl("preview", "-e", "warmup(5%) >> cosine", "--total", "100", prints="cosine")
    config = environment.empty / "config.yaml"
    config.write_text('schedule: "warmup(5) >> cosine(20"\n', encoding="utf-8")
    prints = "--> config.yaml:1:34"
    environment.lrdsl("check", "config.yaml", "--key", "schedule", prints=prints, status=1)


def with_torch(environment: Environment, wheel: Path) -> None:
    """Installs torch beside the extras, and drives an optimizer.

    It is the build for the CPU at the version of constraints.txt: others take gigabytes.

    Raises:
        NotTried: pip is offered no such build.
        ReleaseError: something fails.
    """
    (pin,) = re.findall(r"^torch==(\S+)$", (SOURCE / "constraints.txt").read_text("utf-8"), re.M)
    torch = f"torch=={pin}+cpu"
    python, ask = environment.bin / "python", ("--dry-run", "--no-deps", torch)
    asked = run(python, *_INSTALL, *ask, cwd=environment.empty)
    # pip says the second where other constraints name torch too.
    if re.search("No matching distribution found|ResolutionImpossible", asked.stdout):
        raise NotTried(f"no {torch} for it")
    environment.install(f"{wheel}[torch,preview,configs]", torch, *_pins(environment.python))
    environment.use(TRAINED)


def _pins(python: Python) -> tuple[str, ...]:
    """Options of pip for the versions that the tests run with."""
    return ("-c", str(SOURCE / "constraints.txt")) if python.version >= PINNED else ()


COLUMNS = ("Python", "wheel", "sdist", "preview, configs", "torch")
FAILED = "failed"


def row(python: Python, wheel: Path, sdist: Path, version: str, *, torch: bool) -> list[str]:
    """Installs everything on a Python, and returns what came of it, by `COLUMNS`.

    Args:
        python: the Python.
        wheel: the wheel.
        sdist: the sdist.
        version: what both have to be.
        torch: whether to try with torch too.
    """
    say(f"Python {python}: {python.path}")
    with tempfile.TemporaryDirectory(dir=FOLDER) as first:
        one = Environment(python, Path(first))
        of_wheel = outcome(one, "the wheel", lambda: alone(one, wheel, version))
        extras = outcome(one, "the extras", lambda: with_extras(one, wheel))
        trained = outcome(one, "torch", lambda: with_torch(one, wheel)) if torch else "left out"
    with tempfile.TemporaryDirectory(dir=FOLDER) as second:
        other = Environment(python, Path(second))
        of_sdist = outcome(other, "the sdist", lambda: alone(other, sdist, version))
    return [str(python), of_wheel, of_sdist, extras, trained]


def outcome(environment: Environment, what: str, attempt: Callable[[], None]) -> str:
    """What came of an attempt, in a few words, and printed at once.

    Args:
        environment: where it is made.
        what: what is tried, for what is printed.
        attempt: it.
    """
    words, detail = "ok", ""
    try:
        attempt()
    except NotTried as reason:
        words = f"not tried: {reason}"
    except ReleaseError as error:
        words, detail = FAILED, f"\n{error}"
    say(f"Python {environment.python}, {what}: {words}{detail}")
    return words


def table(rows: list[list[str]]) -> str:
    """The rows below `COLUMNS`, as a table of Markdown."""
    lines = [[*COLUMNS], *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(COLUMNS))]
    lines.insert(1, ["-" * width for width in widths])
    cells = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
