"""Makes the logs of ``examples/logs/`` again: ``python -m tests.trainers.recording [--write]``.

Without ``--write`` nothing is changed, and everything that differs is listed. Needs the packages of
``constraints-trainers.txt``: ``make logs`` installs them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.auditing.stored import LOGS, MANIFEST, stored
from tests.trainers.recording import recorded
from tests.trainers.recording.readings import difference
from tests.trainers.recording.recorded import Recorded

_ENTRIES = {"README.md", "sft.lrs", MANIFEST.name}


def differences(runs: list[Recorded], folder: Path, *, write: bool) -> Iterator[str]:
    """What is not as it is stored, or is audited wrongly, each in a line.

    Args:
        runs: the runs to make.
        folder: an empty folder.
        write: whether to store what is made.
    """
    known = {one.log: one for one in stored()} if MANIFEST.exists() else {}
    for run in runs:
        path = folder / run.log
        path.parent.mkdir(parents=True, exist_ok=True)
        run.write(path)
        with TemporaryDirectory() as empty:
            if wrong := run.described().wrong(run.described().audit(Path(empty), folder)):
                yield wrong
        if write:
            (LOGS / run.log).parent.mkdir(exist_ok=True)
            shutil.copyfile(path, LOGS / run.log)
        elif run.log not in known:
            yield f"{run.log} is not stored"
        elif known[run.log] != run.described():
            yield f"{run.log}: {run.described()}, and {known[run.log]} is stored"
        elif differs := difference(LOGS / run.log, path, run.run):
            yield f"{run.log}: {differs}"


def surplus(runs: list[Recorded]) -> set[str]:
    """The files that no run leaves."""
    files = {path.relative_to(LOGS).as_posix() for path in LOGS.rglob("*") if path.is_file()}
    return files - {run.log for run in runs} - _ENTRIES


def main(arguments: list[str]) -> int:
    """Runs the command, and returns its exit status."""
    parser = argparse.ArgumentParser("python -m tests.trainers.recording", description=__doc__)
    parser.add_argument("log", nargs="*", help="some of the logs; all if none")
    parser.add_argument("--write", action="store_true", help="store the logs")
    given = parser.parse_args(arguments)
    write = given.write or os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
    runs = recorded()
    chosen = [run for run in runs if not given.log or run.log in given.log]
    with TemporaryDirectory() as folder:
        found = list(differences(chosen, Path(folder), write=write))
    found += [f"{name} belongs to no run" for name in sorted(surplus(runs))]
    if write:
        text = json.dumps([run.entry() for run in runs], indent=2, ensure_ascii=False)
        MANIFEST.write_text(f"{text}\n", encoding="utf-8")
    for line in found:
        print(line)
    if not found:
        print("logs: stored" if write else "logs: every run leaves the log that is stored")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
