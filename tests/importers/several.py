"""Sources in a folder, imported, and texts that are wrong by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lrdsl
from lrdsl.importers.imports import Outcome, outcomes
from tests.oracles.moves.stored_moves import entries

# Lines of a text in front of its program: comments, the run, params and definitions.
_HEAD = re.compile(r"(?:(?:#|run|param|let|shape|def).*\n(?:  .*\n)*)*")
_WHOLE = re.compile(r"(?<![\w.])(?<!e-)\d+(?![\w.]*[.%])")


def imported(folder: Path, name: str, text: str, version: str = "", **given: int) -> list[Outcome]:
    """What becomes of the schedules of a source.

    Args:
        folder: where it is written.
        name: its name.
        text: the source.
        version: what ``--as`` says.
        given: what the caller says of the run.
    """
    (folder / name).write_text(text, encoding="utf-8")
    return outcomes(str(folder / name), folder, given, version)


def program(outcome: Outcome) -> str:
    """The text of an outcome that is proven, without its comments."""
    assert outcome, (outcome.refused, str(outcome.proof))
    return "".join(line for line in outcome.text.splitlines(True) if not line.startswith("#"))


def notes(outcome: Outcome) -> list[str]:
    """The comments of an outcome but the first, which says where it is from."""
    lines = [line for line in outcome.text.splitlines() if line.startswith("#")]
    text = "\n".join(line.removeprefix("#") for line in lines)
    return text.replace("\n   ", " ").removeprefix(" ").split("\n ")[1:]


def stored(system: str) -> list[dict[str, Any]]:
    """The stored curves of a system."""
    return [entry for name, entry in entries() if name == system]


def shifted(text: str) -> Iterator[str]:
    """A text with one of the whole numbers of its program greater by one, each in turn."""
    head = _HEAD.match(text)
    assert head is not None
    for number in _WHOLE.finditer(text, head.end()):
        yield f"{text[: number.start()]}{int(number[0]) + 1}{text[number.end() :]}"


def is_stored(text: str, entry: dict[str, Any]) -> bool:
    """Whether a text gives a stored curve, to 1e-12 of its peak."""
    given = {k: v for k, v in entry["given"].items() if k in {"total", "steps_per_epoch"}}
    try:
        schedule = lrdsl.parse(text).resolve_all(**given)[entry.get("target", "lr")]
    except lrdsl.LrsError:
        return False
    tolerance = 1e-12 * max(map(abs, entry["values"]))
    ours = [schedule(t, base=entry["base"]) for t in entry["steps"]]
    return all(abs(a - b) <= tolerance for a, b in zip(ours, entry["values"], strict=True))
