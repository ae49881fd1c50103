from __future__ import annotations

import re
from pathlib import Path

import lrdsl
from lrdsl.diagnostics import catalogue
from lrdsl.lints import engine

PAGE = Path(lrdsl.__file__).parents[1] / "docs" / "checking.md"
FOLDERS = {"text": "text", "schedule": "curve", "run": "run", "compile": "groups"}


def test_the_table_of_lints_is_complete() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| (LRS\d+) \| `([a-z-]+)` \| .+ \| `?(\w+)`? \|$", text, re.MULTILINE)
    lints = {(code, slug) for slug, code in catalogue.lints().items()}
    assert [(code, slug) for code, slug, _ in rows] == sorted(lints)
    for _, slug, needs in rows:
        if needs in FOLDERS and slug != "useless-ignore":
            assert slug in engine.LINTS[FOLDERS[needs]]
