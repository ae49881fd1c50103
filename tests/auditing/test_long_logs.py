"""Logs that are longer than what is kept of them are read twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lrdsl
from lrdsl.auditing.tally import Tally
from lrdsl.logs import log as logs
from tests.auditing.runs import TEXT, rows, torchs

SCHEDULE = lrdsl.parse(TEXT).resolve()


def saved(folder: Path, rates: list[float]) -> Path:
    history = [{"step": s, "epoch": 1.0, "learning_rate": x} for s, x in rows(rates, -1)]
    path = folder / "trainer_state.json"
    path.write_text(json.dumps({"best_metric": None, "log_history": history}))
    return path


def test_what_is_not_kept_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST", 50)
    (found,) = lrdsl.audit(saved(tmp_path, torchs(200)), SCHEDULE).verdicts
    assert (found.status, found.readings, found.agreeing) == ("follows", 200, 200)
    rates = torchs(200)
    rates[77] = 1e-5  # the reading of step 78, which is not kept
    (found,) = lrdsl.audit(saved(tmp_path, rates), SCHEDULE).verdicts
    assert (found.status, found.agreeing) == ("leaves", 199)
    assert found.first is not None and found.first.step == 78
    assert found.ranges == ((1, 77), (79, 200))


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_blocks_of_any_size_give_the_same_tally(size: int) -> None:
    import numpy as np

    from lrdsl.auditing.offsets import Search
    from lrdsl.auditing.subject import Subject
    from lrdsl.logs.precision import FLOAT64

    rates = torchs(200)
    for t in (0, 1, 50, 51, 52, 120, 199):
        rates[t] += 1e-4 + t * 1e-6
    readings = [*rows(rates)[:150], *rows(rates)[100:], rows(rates)[-1]]
    steps = np.array([step for step, _ in readings])
    values = np.array([x for _, x in readings])
    subject = Subject(lrdsl.parse(TEXT), {}, "lr", SCHEDULE)
    tally = Tally(subject, Search(()), 0, FLOAT64, 3e-4)
    for start in range(0, len(steps), size):
        tally.add(steps[start : start + size], values[start : start + size])
    assert (tally.readings, tally.agreeing, tally.resumed) == (250, 242, [100])
    assert tally.ranges == [(2, 49), (53, 119), (121, 119), (121, 198)]
    assert tally.first is not None and tally.first.step == 0
    assert tally.worst is not None and tally.worst.step == 199
    assert tally.steps == (0, 199)
