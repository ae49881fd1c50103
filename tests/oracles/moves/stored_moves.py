"""The stored curves of the settings: ``tests/oracles/moves/*.json``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracles import stored

FOLDER = Path(__file__).parent
# One file of settings, and one of curves, for each.
NAMES = ("transformers", "deepspeed", "megatron", "nemo", "fairseq")


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every stored curve with the name of its system."""
    for name in NAMES:
        for entry in stored.read_from(FOLDER / f"{name}.json")["curves"]:
            yield name, entry
