"""What tests of importers share: a source is written, and imported."""

from __future__ import annotations

from pathlib import Path

from lrdsl.importers.imports import Outcome, outcomes


def imported(folder: Path, name: str, text: str, *, version: str = "", **given: int) -> Outcome:
    """What becomes of the only schedule of a source.

    Args:
        folder: where to write it.
        name: the file.
        text: what is in it.
        version: what ``--as`` says.
        given: ``total``, ``steps_per_epoch``.
    """
    (folder / name).write_text(text, encoding="utf-8")
    (outcome,) = outcomes(str(folder / name), folder, given, version)
    return outcome


def program(outcome: Outcome) -> list[str]:
    """The lines of a translation without its comments; fails where it is not proven."""
    assert outcome, (outcome.refused, str(outcome.proof))
    return [line for line in outcome.text.splitlines() if not line.startswith("#")]
