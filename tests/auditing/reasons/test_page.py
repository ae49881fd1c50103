"""The page on mistakes names every reason, in order, with a run that shows it."""

from __future__ import annotations

import re
from importlib import import_module

from lrdsl.auditing.reasons import REASONS
from tests.blocks import ROOT

PAGE = (ROOT / "docs" / "reference" / "departures.md").read_text("utf-8")
ROWS = [
    line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `") and "test_" in line
]


def test_it_has_a_row_for_each_reason() -> None:
    assert [row[0].strip("| `") for row in ROWS] == list(REASONS)


def test_each_reason_is_named_as_its_file() -> None:
    names = [import_module(f"lrdsl.auditing.reasons.{name}").REASON.name for name in REASONS]
    assert names == list(REASONS)


def test_each_row_names_runs_that_find_it() -> None:
    """The test that it names speaks of the reason."""
    files = sorted((ROOT / "tests" / "trainers").glob("test_audit_*.py"))
    source = "\n".join(file.read_text("utf-8") for file in files)
    tests = dict(re.findall(r"^def (test_\w+)\((.*?)(?=^\S|\Z)", source, re.MULTILINE | re.DOTALL))
    for row in ROWS:
        named = re.findall(r"`(test_\w+)`", row[-1])
        assert named
        for test in named:
            assert f'"{row[0].strip("| `")}"' in tests[test], (row[0], test)
