"""What tests of importers share: sources, imported; what is printed; texts off by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import Outcome, outcomes
from tests.oracles.moves.stored_moves import entries

# Settings that are published, rebuilt from their values.
PUBLIC = Path(__file__).parent / "public"
# Lines of a text in front of its program: comments, the run, params and definitions.
_HEAD = re.compile(r"(?:(?:#|run|param|let|shape|def).*\n(?:  .*\n)*)*")
_WHOLE = re.compile(r"(?<![\w.])(?<!e-)\d+(?![\w.]*[.%])")
# The first length of a part, or the first milestone.
_LENGTH = re.compile(r"\b(?:warmup|skip|linear|cosine|step|multistep|cooldown|stairs)\(\[?(\d+)")


def found(
    folder: Path,
    name: str,
    text: str,
    given: Mapping[str, int] | None = None,
    version: str = "",
    **more: int,
) -> list[Outcome]:
    """What becomes of the schedules of a source.

    Args:
        folder: where it is written.
        name: its name.
        text: the source.
        given: what the caller says of the run.
        version: what ``--as`` says.
        more: as ``given``.
    """
    (folder / name).write_text(text, encoding="utf-8")
    return outcomes(str(folder / name), folder, {**(given or {}), **more}, version)


def imported(
    folder: Path,
    name: str,
    text: str,
    given: Mapping[str, int] | None = None,
    version: str = "",
    **more: int,
) -> Outcome:
    """What becomes of the only schedule of a source, likewise."""
    (outcome,) = found(folder, name, text, given, version, **more)
    return outcome


def program(outcome: Outcome) -> list[str]:
    """The lines of a text that is proven, without its comments."""
    assert outcome, (outcome.refused, str(outcome.proof))
    return [line for line in outcome.text.splitlines() if not line.startswith("#")]


def program_text(outcome: Outcome) -> str:
    """The same as one text."""
    return "".join(f"{line}\n" for line in program(outcome))


def words(outcome: Outcome) -> str:
    """A text, proven or not, without its comments and its layout."""
    lines = [line for line in outcome.text.splitlines() if not line.startswith("#")]
    text = " ".join(" ".join(lines).split())
    return text.replace("( ", "(").replace(" )", ")").replace("[ ", "[").replace(" ]", "]")


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


def wrong_by_one(text: str) -> Iterator[str]:
    """A text with one of its lengths, or a first milestone, one longer than it is."""
    for match in _LENGTH.finditer(text):
        start, end = match.span(1)
        yield f"{text[:start]}{int(match[1]) + 1}{text[end:]}"


def check_lengths(folder: Path, entry: dict[str, Any], tolerance: float) -> None:
    """Each of the texts that are `wrong_by_one` gives another curve than the stored one.

    Args:
        folder: where to write the source.
        entry: the stored curve.
        tolerance: what counts as another value, in the unit of the rates.
    """
    ((name, source),) = entry["files"].items()
    wrong = list(wrong_by_one(imported(folder, name, source).text))
    assert wrong
    for other in wrong:
        schedule = lrdsl.parse(other).resolve()
        ours = [schedule(t, base=entry["base"]) for t in entry["steps"]]
        assert ours != pytest.approx(entry["values"], rel=0, abs=tolerance)


def check_numbers(folder: Path, entry: dict[str, Any]) -> None:
    """The text gives the stored curve, and none of those that are `shifted` does.

    Args:
        folder: where to write the source.
        entry: the stored curve.
    """
    name, source = next(iter(entry["files"].items()))
    outcome = imported(folder, name, source, entry["given"])
    assert is_stored(outcome.text, entry)
    assert not [text for text in shifted(outcome.text) if is_stored(text, entry)]


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
