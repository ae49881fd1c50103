"""The language as plain data: texts, and the boundaries, values and errors they have.

A file of ``conformance/`` is a list of cases that another implementation could run. Their numbers
were worked out by hand. ``values`` hold within 1e-12 of the largest number of the case, ``exact``
to the last bit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import lrdsl
from lrdsl.schedule.schedule import Schedule
from tests.diagnostics.examples import refusal
from tests.oracles.closeness import assert_close

FOLDER = Path(__file__).parent / "conformance"


def cases(*, errors: bool) -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}:{case['name'].replace(' ', '-')}")
        for path in sorted(FOLDER.glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
        if ("errors" in case) == errors
    ]


def resolved(case: dict[str, Any]) -> Schedule:
    """The schedule of a case, once its events have happened."""
    schedule = lrdsl.parse(case["text"]).resolve(**case.get("run", {}))
    return schedule.after(case.get("events", {}))


@pytest.mark.parametrize("case", cases(errors=False))
def test_boundaries_and_values(case: dict[str, Any]) -> None:
    schedule = resolved(case)
    ends = [] if case["length"] is None else [case["length"]]
    assert [part.start_step for part in schedule.parts] + ends == case["boundaries"]
    assert schedule.length == (case["length"] if ends else float("inf"))
    compare(case, schedule)


def compare(case: dict[str, Any], schedule: Schedule) -> None:
    """The values of a case are those of the schedule."""
    base = case.get("base", 1.0)
    close = {int(step): value for step, value in case.get("values", {}).items()}
    exact = {int(step): value for step, value in case["exact"].items()}
    assert {step: schedule(step, base=base) for step in exact} == exact
    peak = max(map(abs, [*close.values(), *exact.values()]))
    assert_close([schedule(step, base=base) for step in close], close.values(), peak=peak)


@pytest.mark.parametrize("case", cases(errors=True))
def test_errors(case: dict[str, Any]) -> None:
    error = refusal(case["text"], case.get("run", {}))
    assert error is not None
    assert [[d.code, d.line, d.column] for d in error.diagnostics] == case["errors"]


def test_no_two_cases_of_a_file_have_one_name() -> None:
    names = [case.id for case in [*cases(errors=False), *cases(errors=True)]]
    assert sorted(names) == sorted(set(names))


def test_boundaries_and_values_are_compared() -> None:
    """A wrong number in a file is noticed."""
    right = {
        "text": "const(5, 0.5) >> const(3)",
        "boundaries": [0, 5, 8],
        "length": 8,
        "values": {"0": 0.5},
        "exact": {"1": 0.5},
    }
    test_boundaries_and_values(right)
    for wrong in (
        {"values": {"0": 0.5 + 1e-9}},
        {"exact": {"1": 0.25}},
        {"boundaries": [0, 4, 8]},
        {"length": 9},
    ):
        with pytest.raises(AssertionError):
            test_boundaries_and_values({**right, **wrong})
