"""A source with one schedule, imported; and texts that are wrong by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lrdsl.importers.imports import Outcome, outcomes

PUBLIC = Path(__file__).parent / "public"
# The first length of a part, or the first milestone.
_LENGTH = re.compile(r"\b(?:warmup|skip|linear|cosine|step|multistep|cooldown|stairs)\(\[?(\d+)")


def imported(
    folder: Path, name: str, text: str, given: Mapping[str, int] | None = None, version: str = ""
) -> Outcome:
    """What becomes of the only schedule of a source.

    Args:
        folder: where to write it.
        name: its file name.
        text: what is in it.
        given: what the caller says of the run.
        version: what the caller says of the system.
    """
    (outcome,) = found(folder, name, text, given, version)
    return outcome


def found(
    folder: Path, name: str, text: str, given: Mapping[str, int] | None = None, version: str = ""
) -> list[Outcome]:
    """What becomes of each schedule of a source, likewise."""
    (folder / name).write_text(text, encoding="utf-8")
    return outcomes(str(folder / name), folder, given, version)


def program(outcome: Outcome) -> str:
    """The text of a translation without its comments and its layout."""
    lines = [line for line in outcome.text.splitlines() if not line.startswith("#")]
    words = " ".join(" ".join(lines).split())
    return words.replace("( ", "(").replace(" )", ")").replace("[ ", "[").replace(" ]", "]")


def wrong_by_one(text: str) -> Iterator[str]:
    """The text with one of its lengths, or a milestone, one longer than it is."""
    for match in _LENGTH.finditer(text):
        start, end = match.span(1)
        yield f"{text[:start]}{int(match[1]) + 1}{text[end:]}"
