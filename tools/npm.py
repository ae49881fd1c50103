"""Packages from npm, at the versions of a ``package-lock.json``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

_LISTS = ("package.json", "package-lock.json")


class NpmError(Exception):
    """Why packages could not be installed."""


def install(lists: Path, folder: Path) -> Path:
    """Installs packages into a folder, unless they are there; returns where they are.

    Several processes may do it at a time: the folder is made apart, and put in its place whole.

    Args:
        lists: the folder of ``package.json`` and ``package-lock.json``.
        folder: where to install them.

    Raises:
        NpmError: npm is missing, or failed.
    """
    modules, wanted = folder / "node_modules", (lists / _LISTS[1]).read_bytes()
    if _is(folder, wanted):
        return modules
    npm = shutil.which("npm")
    if npm is None:
        raise NpmError("this needs Node.js with npm; install it, and run this again")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as apart:
        made = Path(apart, "made")
        made.mkdir()
        for name in _LISTS:
            shutil.copy(lists / name, made)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=made).returncode:
            raise NpmError("npm has installed nothing; what it found is above")
        if not _is(folder, wanted):
            shutil.rmtree(folder, ignore_errors=True)
            with suppress(OSError):  # another process was faster
                made.rename(folder)
    return modules


def _is(folder: Path, wanted: bytes) -> bool:
    """True if the packages of a list are installed in a folder."""
    kept = folder / _LISTS[1]
    return kept.exists() and kept.read_bytes() == wanted
