"""The stored curves of other systems, as curves to compare with."""

from __future__ import annotations

from tests.oracles import stored
from tests.oracles.curve import Curve


def curves() -> list[Curve]:
    """The curves of all files."""
    return [
        Curve(
            name=f"{file.stem}:{entry['name']}",
            text=entry["program"],
            steps=entry["steps"],
            wanted=entry["values"].copy,
            base=entry["base"],
            run=entry["run"],
            restarts={int(step): value for step, value in entry.get("restarts", {}).items()},
        )
        for file in stored.paths()
        for entry in stored.read(file.stem)["curves"]
    ]
