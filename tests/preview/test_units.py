from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.preview.units import Unit, assumed_size, in_unit, spoken
from lrdsl.resolve.run_arguments import RunArguments


@pytest.mark.parametrize(
    ("text", "run", "name"),
    [
        ("warmup(5ep) >> cosine(85ep, 0.4)", {"steps_per_epoch": 7}, "ep"),
        ("warmup(500) >> cosine(85ep, 0.4)", {"steps_per_epoch": 7}, "ep"),
        ("warmup(2%) >> cosine(rest, 0.4)", {"steps_per_epoch": 7, "total": "90ep"}, "ep"),
        ("param up = 5ep\nwarmup(up) >> const", {"steps_per_epoch": 7}, "ep"),
        ("warmup(2Mtok) >> cosine(9Btok)", {"per_step": {"tok": "4M"}}, "tok"),
        ("warmup(1ep) >> cosine(9Btok) >> const(1Btok)",
         {"per_step": {"tok": "4M"}, "steps_per_epoch": 7}, "tok"),
        ("warmup(500) >> cosine(100st)", {"steps_per_epoch": 7}, None),
        ("warmup(5ep) >> const", {}, None),
    ],
)  # fmt: skip
def test_the_unit_is_that_of_the_text(text: str, run: RunArguments, name: str | None) -> None:
    unit = spoken([lrdsl.parse(text)], run)
    assert (unit and unit.name) == name


@pytest.mark.parametrize(
    ("steps", "step", "label"),
    [
        (1251, 0, "0"),
        (1251, 6255, "5ep"),
        (1251, 6256, "5.001ep"),
        (1251, 500, "0.4ep"),
        (10, 1234, "123.4ep"),
        (1e-9, 2, "2Bep"),
        (1 / 3.2e6, 117, "375Mep"),
        (1 / 4e6, 375_000, "1500Bep"),
    ],
)
def test_a_step_is_written_in_a_unit(steps: float, step: int, label: str) -> None:
    assert Unit("ep", steps).label(step) == label


@given(st.integers(1, 10**7), st.integers(1, 10**5))
def test_a_label_in_epochs_is_near_its_step(step: int, steps: int) -> None:
    label = Unit("ep", steps).label(step).removesuffix("ep").replace(",", "")
    amount = (
        float(label[:-1]) * {"k": 1e3, "M": 1e6}[label[-1]] if label[-1] in "kM" else float(label)
    )
    assert abs(amount * steps - step) <= max(0.6, step / 1000) * (1 + 1e-9)


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
    program = lrdsl.parse(text)
    return in_unit(program, run, name, assumed_size([(program, run)], name))


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
    ("param up = 0tok\nwarmup(up) >> cosine(3Btok, 3e-4)", {"params": {"up": "7Mtok"}}),
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
