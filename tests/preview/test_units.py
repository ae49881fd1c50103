from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.preview.units import Unit, spoken
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
