"""The page on mistakes names every reason, in order."""

from __future__ import annotations

import re
from importlib import import_module

from lrdsl.auditing.reasons import REASONS
from tests.blocks import ROOT

PAGE = (ROOT / "docs" / "reference" / "departures.md").read_text("utf-8")
_, _, TABLE = PAGE.partition("## The mistakes\n")
ROWS = re.findall(r"^\| `(\w+)` ", TABLE.partition("## ")[0], re.MULTILINE)


def test_it_has_a_row_for_each_reason() -> None:
    assert tuple(ROWS) == REASONS


def test_each_reason_is_named_as_its_file() -> None:
    names = [import_module(f"lrdsl.auditing.reasons.{name}").REASON.name for name in REASONS]
    assert names == list(REASONS)
