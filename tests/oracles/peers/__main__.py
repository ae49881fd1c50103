"""Asks the installed packages again: ``python -m tests.oracles.peers [--write] [SYSTEM …]``.

Without ``--write`` nothing is changed, and everything that differs is listed. Needs the packages of
``constraints-peers.txt``: ``make oracles`` installs them.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module, metadata
from typing import Any

from tests.oracles import stored
from tests.oracles.peers import greedy
from tests.oracles.peers.case import Case, Draw, System, plain

NAMES = ("fvcore", "keras", "optax", "pytorch-ignite", "timm", "transformers")
MODULES = {"pytorch-ignite": "ignite"}


def system(name: str) -> System:
    """The system of a name."""
    found = import_module(f"tests.oracles.peers.{MODULES.get(name, name)}").SYSTEM
    assert isinstance(found, System)
    return found


def described(of: System) -> list[tuple[Case, dict[str, Any]]]:
    """The cases of a system, and what is stored of each besides its values."""
    found: list[tuple[Case, dict[str, Any]]] = []
    for case in of.cases(Draw(of.name)):
        entry = {
            "name": f"{case.call.rpartition('.')[2]}:{len(found)}",
            "program": case.text,
            "run": case.run,
            "base": case.base,
            "call": of.form.format(case.call),
            "arguments": plain(case.arguments),
            "steps": case.steps,
        }
        found.append((case, entry))
    return found


def curves(of: System) -> list[dict[str, Any]]:
    """The entries of a system, with the values that its installed package gives."""
    found = []
    for case, entry in described(of):
        entry["values"] = of.rates(case)
        wrong = _wrong_restarts(case, entry["values"])
        found.append(entry | ({"restarts": wrong} if wrong else {}))
    return found


def _wrong_restarts(case: Case, values: list[float]) -> dict[str, float]:
    """The restarts for which the system gives another value than the true one, and that one."""
    given = dict(zip(case.steps, values, strict=True))
    peak = max(values)
    return {
        str(step): true
        for step, true in case.restarts.items()
        if abs(given[step] - true) > stored.TOLERANCE * peak
    }


def check(name: str, *, write: bool) -> list[str]:
    """What differs between the file of a system and its installed package.

    Args:
        name: the system.
        write: whether to write the file anew instead.
    """
    now = {"system": name, "version": metadata.version(name), "curves": curves(system(name))}
    if write:
        stored.path(name).write_text(stored.dump(now), encoding="utf-8")
        return []
    if not stored.path(name).exists():
        return [f"{name}: {stored.path(name).name} is missing"]
    return stored.differences(stored.read(name), now)


def main(arguments: list[str]) -> int:
    """Runs the command, and returns its exit status."""
    parser = argparse.ArgumentParser("python -m tests.oracles.peers", description=__doc__)
    parser.add_argument("system", nargs="*", help=f"some of {', '.join(NAMES)}; all if none")
    parser.add_argument("--write", action="store_true", help="write the files anew")
    given = parser.parse_args(arguments)
    write = given.write or os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
    differences = [d for name in given.system or NAMES for d in check(name, write=write)]
    if not given.system or "transformers" in given.system:
        differences += greedy.check(write=write)
    differences += [
        f"{path.name} belongs to no system" for path in stored.paths() if path.stem not in NAMES
    ]
    for line in differences:
        print(line)
    if not differences:
        print("oracles: written" if write else "oracles: every stored value is what is computed")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
