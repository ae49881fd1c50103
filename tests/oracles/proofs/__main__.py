"""Proves every stored setting by its package: ``python -m tests.oracles.proofs [SYSTEM …]``.

The importer itself runs the package here, in its own way: the stored curves were made in another.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lrdsl.importers.imports import Outcome, outcomes
from tests.oracles.moves.stored_moves import NAMES, entries
from tests.oracles.peers.timm import load


def imported(entry: dict[str, Any]) -> Outcome:
    """What becomes of a stored setting."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in entry["files"].items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        source = folder / next(iter(entry["files"]))
        (outcome,) = outcomes(str(source), folder, entry["given"], entry["as"])
        return outcome


def problems(names: list[str]) -> Iterator[str]:
    """Every setting that is not proven by its package, with the reason."""
    for system, entry in entries():
        if system not in names:
            continue
        one = imported(entry)
        if not one or one.proof is None:
            yield f"{system} {entry['name']}: {one.refused or one.proof}"
        elif not one.proof.witness.ran and _is_installed(entry["as"]):
            yield f"{system} {entry['name']}: {one.proof.witness}, and its package was not run"


def _is_installed(wanted: str) -> bool:
    """False for a version of a package that is not the installed one."""
    package, _, version = wanted.partition("==")
    return not wanted or metadata.version(package).partition("+")[0] == version


def main() -> int:
    """Checks the systems that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("systems", nargs="*", default=NAMES)
    names = list(parser.parse_args().systems)
    os.environ["KERAS_BACKEND"] = "torch"
    load()  # without timm's models, which need torchvision
    logging.disable(logging.WARNING)  # packages warn of settings that are drawn to be unusual
    found = list(problems(names))
    print("\n".join(found) or f"{len(names)} systems are proven by their packages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
