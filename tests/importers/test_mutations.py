"""A translation that is off by one is noticed: each whole number of it, moved, fails the proof."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from lrdsl.importers import documents
from lrdsl.importers.importer import Importer, Setting, Translation
from lrdsl.importers.imports import importers
from lrdsl.importers.proof import prove
from lrdsl.importers.refusal import Refused
from lrdsl.importers.trial import Trial
from lrdsl.record import replace
from tests.oracles.moves.stored_moves import entries

# A number that is no part of a word, an exponent or a fraction.
WHOLE = re.compile(r"(?<![\w.])(?<!e-)\d+(?![\w.%])(?!\.\d)")
# What a text defines before its program: a formula has numbers that are no lengths.
DEFINITIONS = re.compile(r"(?:(?:shape|def|let|param|run) .*\n(?:  .*\n)*)*")
# A decay of Noam's does not depend on the warm-up once that is over, a cycle that only rises has no
# end to fall to, and of a cycle that is longer than the run the second half never comes.
IDLE = ("noam(", "pct_start = 1,", "linear(2500, 0, base)")
# Long ones take long, and show no more.
SHORT = 600


def _sampled() -> list[Any]:
    """Every ninth of the short settings of each system."""
    found = []
    for system, group in groupby(entries(), key=lambda pair: pair[0]):
        short = [entry for _, entry in group if entry["updates"] <= SHORT]
        found += [pytest.param(e, id=f"{system}:{e['name']}") for e in short[::9]]
    return found


def _translated(
    entry: dict[str, Any], folder: Path
) -> tuple[Importer, Setting, Translation, Trial]:
    for name, text in entry["files"].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    trial = Trial(0, entry["given"])
    path = str(folder / next(iter(entry["files"])))
    document = documents.read(path, folder, trial, entry["as"])
    for importer in importers():
        for setting in importer.find(document):
            return importer, setting, importer.translate(setting), trial
    raise AssertionError(path)


@pytest.mark.parametrize("entry", _sampled())
def test_a_number_that_is_one_off_fails(entry: dict[str, Any], tmp_path: Path) -> None:
    importer, setting, translation, trial = _translated(entry, tmp_path)
    right = prove(importer, setting, translation, trial)
    assert right.is_equal
    text = translation.text
    if any(idle in text for idle in IDLE):
        return
    defined = DEFINITIONS.match(text)
    assert defined is not None
    for number in WHOLE.finditer(text, defined.end()):
        if int(number[0]) > entry["updates"]:
            continue  # it is beyond the run
        moved = f"{text[: number.start()]}{int(number[0]) + 1}{text[number.end() :]}"
        wrong = replace(translation, text=moved)
        try:
            proof = prove(importer, setting, wrong, trial)
        except Refused:
            continue  # it cannot be laid out
        # Of a number of cycles that ends with the run, what comes after it is different.
        assert not proof.is_equal or proof.after != right.after, moved
