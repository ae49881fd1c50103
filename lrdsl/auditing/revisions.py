"""Earlier revisions of a schedule's file, from the history that git keeps of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

# Revisions that are looked at.
_MOST = 200


class NoHistoryError(ValueError):
    """A file whose history git does not tell."""


def revisions(path: Path) -> Mapping[str, Program]:
    """The programs that a file held, the latest first, and each text once.

    Revisions that are no program, or that are what the file is now, are left out.

    Args:
        path: the file.

    Returns:
        The programs, by the short name and the day of their commits.

    Raises:
        NoHistoryError: the file is in no repository, or git is not installed.
    """
    top = Path(_git(path, "rev-parse", "--show-toplevel").strip())
    form = "--format=%x00%h %cs"
    log = _git(path, "log", "--follow", form, "--name-only", f"-n{_MOST}", "--", path.name)
    seen = {path.read_text("utf-8")} if path.exists() else set()
    found: dict[str, Program] = {}
    for entry in log.split("\0")[1:]:
        head, *names = entry.split("\n")
        commit, day = head.split(" ")
        name = next(filter(None, names), None)
        if name is None:
            continue
        try:
            text = _git(top, "show", f"{commit}:{name}")
            if text not in seen:
                found[f"{commit} of {day}"] = Program(text, f"{commit}:{name}")
        except (NoHistoryError, LrsError):
            continue
        seen.add(text)
    return found


def _git(path: Path, *arguments: str) -> str:
    """What git writes, in the folder of a file."""
    folder = path if path.is_dir() else path.absolute().parent
    command = ["git", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", check=True
        )
    except FileNotFoundError:
        raise NoHistoryError("git is not installed") from None
    except (subprocess.CalledProcessError, UnicodeDecodeError, NotADirectoryError) as error:
        said = getattr(error, "stderr", "") or str(error)
        reason = said.strip().splitlines()[-1:] or ["no word from git"]
        raise NoHistoryError(f"{path}: git does not tell its history: {reason[0]}") from None
    return done.stdout
