"""A release: everything is built from a tag, and installed on every Python at hand.

``python -m tools.release TAG`` does it, as ``make release TAG=…`` does. ``building`` makes the
files in a fresh clone, and ``trying`` installs them. Nothing is published, and the checkout stays
as it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "release"
"""Where the files of the release go."""
SOURCE = FOLDER / "source"
"""The clone that they are built in."""


class ReleaseError(Exception):
    """Why there is no release."""


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command, and returns its end with all that it has printed as ``stdout``.

    Args:
        command: the program and its arguments.
        cwd: the folder to run it in.
        variables: what its environment has beside this one's.
    """
    # Neither this checkout nor the options of the make that runs this may reach it.
    own = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "LRDSL_ADDRESS"} and not name.startswith(("MAKE", "MFLAGS"))
    }
    return subprocess.run(
        [*map(str, command)], cwd=cwd, env=own | variables, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def good(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a command prints that ends well; its arguments are those of `run`.

    Raises:
        ReleaseError: it has failed.
    """
    done = run(*command, cwd=cwd, **variables)
    if done.returncode:
        called = " ".join(map(str, command[:4]))
        raise ReleaseError(f"{called} has failed in {cwd}:\n{done.stdout.strip()}")
    return done.stdout


def say(text: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
