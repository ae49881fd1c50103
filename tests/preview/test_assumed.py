"""Runs of which only the unit is shown: which programs need not be told how long it is."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.preview.assumed import assumed as assumed_runs
from lrdsl.preview.units import Unit
from lrdsl.resolve.run_arguments import RunArguments

EPOCHS_ALONE = [
    ("warmup(5ep) >> cosine(85ep, 0.4, 4e-4) >> const", {}),
    ("warmup(5ep) >> cosine(rest, 0.4)", {"total": "90ep"}),
    ("multistep([30ep, 60ep], 0.1, length = 90ep)", {}),
    ("repeat(cosine(10ep, 0.1), 3)", {}),
    ("const(90ep) * plateau(0.5, 3)", {}),
]
STEPS_TOO = [
    ("warmup(500) >> cosine(85ep, 0.4)", {}),
    ("warmup(5ep) >> exponential(0.9)", {}),
    ("warmup(5ep) >> cosine(rest, 0.4)", {"total": 1000}),
    ("multistep([30, 60], 0.1, length = 90ep)", {}),
    ("warmup(2tok) >> cosine(85ep, 0.4)", {}),
]


def assumed(text: str, run: RunArguments, name: str) -> RunArguments | None:
    runs, unit = assumed_runs([(lrdsl.parse(text), run)])
    return runs[0] if unit is not None and unit.name == name else None


@pytest.mark.parametrize(("text", "run"), EPOCHS_ALONE)
def test_a_schedule_in_epochs_alone_needs_no_length_of_one(text: str, run: RunArguments) -> None:
    assert assumed(text, run, "ep") is not None
    assert assumed(text, {**run, "steps_per_epoch": 3}, "ep") is None


@pytest.mark.parametrize(("text", "run"), STEPS_TOO)
def test_a_schedule_that_speaks_of_steps_too_needs_it(text: str, run: RunArguments) -> None:
    assert assumed(text, run, "ep") is None


TOKENS_ALONE = [
    ("warmup(2Btok) >> cosine(300Btok, 3e-4) >> const", {}),
    ("warmup(375Mtok) >> cosine(rest, 3e-4)", {"total": "300.0001Btok"}),
    ("warmup(2%) >> cosine(rest, 3e-4)", {"total": "300Btok"}),
    ("warmup(1tok) >> cosine(300Btok, 3e-4)", {}),
    ("warmup(0.5tok) >> cosine(0.75tok, 3e-4)", {}),
    ("param up = 7Mtok\nwarmup(up) >> cosine(3Btok, 3e-4)", {}),
    ("multistep([30Btok, 60Btok], 0.1, length = 90Btok)", {}),
]
MORE_THAN_TOKENS = [
    ("warmup(2Btok) >> cosine(5ep, 3e-4)", {}),
    ("warmup(2Btok) >> cosine(5ep, 3e-4)", {"steps_per_epoch": 7}),
    ("warmup(2Btok) >> cosine(5img, 3e-4)", {}),
    ("warmup(500) >> cosine(300Btok, 3e-4)", {}),
    ("warmup(2Btok) >> exponential(0.9)", {}),
    # When a metric is measured is not known in tokens.
    ("const(300Btok, 3e-4) * plateau(0.5, 3)", {}),
]


@pytest.mark.parametrize(("text", "run"), TOKENS_ALONE)
def test_a_schedule_in_tokens_alone_needs_no_number_of_them(text: str, run: RunArguments) -> None:
    assert assumed(text, run, "tok") is not None
    assert assumed(text, {**run, "per_step": {"tok": "4M"}}, "tok") is None


@pytest.mark.parametrize(("text", "run"), MORE_THAN_TOKENS)
def test_a_schedule_that_speaks_of_more_than_tokens_needs_it(text: str, run: RunArguments) -> None:
    assert assumed(text, run, "tok") is None


@pytest.mark.parametrize("text", [text for text, run in TOKENS_ALONE if not run])
def test_an_assumed_run_has_each_length_exactly(text: str) -> None:
    run = assumed(text, {}, "tok")
    assert run is not None
    per_step = (run["per_step"] or {})["tok"]
    assert isinstance(per_step, float)
    for part in lrdsl.parse(text).resolve(**run).parts:
        if part.written_length:
            unit = Unit("tok", 1 / per_step, is_assumed=True)
            assert unit.label(int(part.length)) == part.written_length


SHARES_ALONE = ["cosine", "warmup(5%) >> cosine", "warmup(5%) >> const >> linear(20%)"]
MORE_THAN_SHARES = ["warmup(10) >> cosine", "warmup(5%) >> exponential(0.9)"]


@pytest.mark.parametrize("text", SHARES_ALONE)
def test_a_schedule_in_shares_of_the_run_alone_needs_no_total(text: str) -> None:
    known = assumed(text, {}, "%")
    assert known is not None
    schedule = lrdsl.parse(text).resolve(**known)
    assert schedule.length == known["total"]
    assert assumed(text, {"total": 300}, "%") is None


@pytest.mark.parametrize("text", MORE_THAN_SHARES)
def test_a_schedule_that_speaks_of_more_than_shares_needs_the_total(text: str) -> None:
    assert assumed(text, {}, "%") is None
