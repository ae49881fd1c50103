"""Asks the installed packages again: ``python -m tests.oracles.moves [--write] [SYSTEM …]``.

Without ``--write`` nothing is changed, and everything that differs is listed.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module, metadata
from typing import Any

from tests.oracles import stored
from tests.oracles.moves.move import Move, Moves
from tests.oracles.moves.stored_moves import FOLDER, NAMES
from tests.oracles.peers.case import Draw, steps


def asked(name: str) -> dict[str, Any]:
    """What is stored of a system, computed by its installed package."""
    module = import_module(f"tests.oracles.moves.{name.replace('-', '_')}")
    moves: Moves = module.MOVES
    curves = [_entry(i, move) for i, move in enumerate(moves.drawn(Draw(moves.system)))]
    version = metadata.version(moves.system).partition("+")[0]  # without a local one
    return {"system": moves.system, "version": version, "curves": curves}


def _entry(index: int, move: Move) -> dict[str, Any]:
    marks = (move.updates // 2, *move.marks)
    at = [t for t in steps(move.updates - 1, *marks) if t < move.updates]
    values = move.rates(move.updates)
    return {
        "name": f"{next(iter(move.files))}:{index}",
        "files": move.files,
        "updates": move.updates,
        "given": move.given,
        "base": move.base,
        "as": move.version,
        **({} if move.target == "lr" else {"target": move.target}),
        "steps": at,
        "values": [values[t] for t in at],
    }


def check(name: str, *, write: bool) -> list[str]:
    """What differs between what is stored of a system and its installed package.

    Args:
        name: the system.
        write: whether to write the file anew instead.
    """
    now, path = asked(name), FOLDER / f"{name}.json"
    if write:
        path.write_text(stored.dump(now), encoding="utf-8")
        return []
    if not path.exists():
        return [f"{name}: {path.name} is missing"]
    return stored.differences(stored.read_from(path), now)


def main() -> int:
    """Checks the systems that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("systems", nargs="*", default=NAMES)
    arguments = parser.parse_args()
    write = arguments.write or os.environ.get("LRDSL_UPDATE_GOLDENS") == "1"
    found = [line for name in arguments.systems for line in check(name, write=write)]
    print("\n".join(found) or f"{len(arguments.systems)} systems give what is stored")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
