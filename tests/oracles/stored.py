"""The curves of other systems, stored: ``tests/oracles/*.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracles.closeness import TOLERANCE

_FOLDER = Path(__file__).parent
# Two machines may differ in the last digit of a power or a cosine; four units of it are no change.
_LAST_DIGIT = 1e-15

__all__ = ["TOLERANCE", "differences", "dump", "path", "paths", "read", "read_from"]


def path(system: str) -> Path:
    """Where the curves of a system are."""
    return _FOLDER / f"{system}.json"


def paths() -> list[Path]:
    """All files of curves."""
    return sorted(_FOLDER.glob("*.json"))


def read(system: str) -> dict[str, Any]:
    """The curves of a system: its name and version, and a list of entries."""
    return read_from(path(system))


def read_from(file: Path) -> dict[str, Any]:
    """The curves of a file, likewise."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def dump(file: dict[str, Any]) -> str:
    """A file of curves as text: each field of an entry on a line of its own, floats exact."""
    head = "".join(f"{_json(n)}: {_json(v)},\n" for n, v in file.items() if n != "curves")
    entries = (
        "{\n" + ",\n".join(f"  {_json(n)}: {_json(v)}" for n, v in entry.items()) + "\n}"
        for entry in file["curves"]
    )
    return "{\n" + head + '"curves": [\n' + ",\n".join(entries) + "\n]\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What is stored and not computed, or computed and not stored, each in a line.

    Args:
        old: what is stored.
        new: what is computed.
    """
    system = new["system"]
    found = [
        f"{system}: {field} is {new[field]}, and {old[field]} is stored"
        for field in ("system", "version")
        if old[field] != new[field]
    ]
    before, now = ({entry["name"]: entry for entry in file["curves"]} for file in (old, new))
    found += [f"{system} {name}: stored, and no longer made" for name in before if name not in now]
    for name, entry in now.items():
        if name not in before:
            found.append(f"{system} {name}: not stored")
        else:
            found += [f"{system} {name}: {line}" for line in _changes(before[name], entry)]
    return found


def _changes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    fields = [f for f in {**old, **new} if f != "values" and old.get(f) != new.get(f)]
    yield from (f"{f} is {new.get(f)}, and {old.get(f)} is stored" for f in fields)
    if "steps" in fields or len(old["values"]) != len(new["values"]):
        yield "the values are those of other steps"
        return
    peak = max(map(abs, new["values"]))
    for step, was, value in zip(new["steps"], old["values"], new["values"], strict=True):
        # Written so that a value that is not a number differs.
        if not abs(was - value) <= _LAST_DIGIT * peak:
            yield f"step {step} gives {value!r}, and {was!r} is stored"
