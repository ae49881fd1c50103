"""The table of trainers: what is claimed to run has a test, and what was read has a version."""

from __future__ import annotations

import re

import pytest

from tests.blocks import ROOT

PAGE = ROOT / "docs" / "how-to" / "trainers.md"
# A line of the table: the trainer, what to add, and how that is known.
ROWS = re.findall(r"^\| (?!your|---)(.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text("utf-8"), re.M)
RUN = re.compile(r"run: \[(\w+\.py)\]\((\.\./\.\./tests/\w+/\w+\.py)\)")


def test_the_page_starts_with_the_table() -> None:
    assert PAGE.read_text("utf-8").startswith(
        "# Use a trainer\n\n| your trainer | add | tested |\n"
    )
    assert len(ROWS) > 10


@pytest.mark.parametrize(("trainer", "add", "grade"), ROWS)
def test_each_row_has_a_grade(trainer: str, add: str, grade: str) -> None:
    if run := RUN.fullmatch(grade):
        text = (PAGE.parent / run[2]).read_text("utf-8")
        assert run[2].endswith(f"/{run[1]}")
        assert "def test_" in text
        assert "lrdsl" in text
    else:
        assert re.fullmatch(r"read: [A-Za-z][\w-]+ [0-9]+(\.[0-9]+)+", grade), trainer
