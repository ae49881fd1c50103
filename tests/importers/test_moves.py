"""Settings of other systems, imported: the text gives the curve that their package gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.importers.imports import outcomes
from tests.oracles.moves.stored_moves import entries

ENTRIES = [pytest.param(entry, id=f"{system}:{entry['name']}") for system, entry in entries()]
# What a system computes in float32 differs by as much of the peak.
SINGLE = {"keras", "optax"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_text_gives_the_stored_curve(entry: dict[str, Any], tmp_path: Path) -> None:
    for name, text in entry["files"].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = tmp_path / next(iter(entry["files"]))
    (outcome,) = outcomes(str(source), tmp_path, entry["given"], entry["as"])
    assert outcome, (outcome.refused, str(outcome.proof))
    given = {k: v for k, v in entry["given"].items() if k in {"total", "steps_per_epoch"}}
    schedule = lrdsl.parse(outcome.text).resolve_all(**given)[entry.get("target", "lr")]
    tolerance = (2e-6 if outcome.system in SINGLE else 1e-12) * max(map(abs, entry["values"]))
    ours = [schedule(t, base=entry["base"]) for t in entry["steps"]]
    assert ours == pytest.approx(entry["values"], rel=0, abs=tolerance)
