from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools import mutants
from tools.mutants import Mutant, change, page, tried
from tools.unnoticed import REASONS


def test_a_change_is_shown_with_what_is_around_it() -> None:
    old = ["def f(a):", "    x = 1", "    return a + x"]
    assert change(old, ["def f(a):", "    x = None", "    return a + x"]) == ("x = 1", "x = None")
    long = "y" * 100
    assert change([f"{long} + 1"], [f"{long} - 1"]) == ("y" * 39 + " + 1", "y" * 39 + " - 1")


def test_the_page_counts_and_lists() -> None:
    some = [
        Mutant("formula/kernel.py", "f", "killed", "", ""),
        Mutant("formula/kernel.py", "f", "caught by type check", "", ""),
        Mutant("formula/kernel.py", "f", "survived", "x = 1", "x = 2"),
        Mutant("check/tree.py", "g", "no tests", "zip(a, strict=True)", "zip(a, strict=False)"),
    ]
    text = page(some, 0, "3")
    assert "in 4 small ways" in text
    assert "tried yet" not in text
    assert "Another 1,000 changes have not been tried yet." in page(some, 1000, "3")
    assert "**50.0% are noticed.**" in text
    assert "| formula | 3 | 1 | 1 | 1 | 66.7% |\n| check | 1 | 0 | 0 | 1 | 0.0% |" in text
    assert "| all | 4 | 1 | 1 | 2 | 50.0% |" in text
    assert f"## {mutants.UNKNOWN}\n\n```diff\n@@ formula/kernel.py: f @@\n-x = 1\n+x = 2" in text
    reason = next(iter(REASONS))
    assert f"## {reason}\n\n```diff\n@@ check/tree.py: g @@\n-zip(a, strict=True)" in text


@pytest.mark.parametrize("pattern", [p for patterns in REASONS.values() for p in patterns])
def test_every_pattern_is_one(pattern: str) -> None:
    re.compile(pattern)


def test_results_are_read_with_the_code_they_are_about(tmp_path: Path) -> None:
    (tmp_path / "mutants/lrdsl/check").mkdir(parents=True)
    (tmp_path / "mutants/lrdsl/check/tree.py").write_text(
        "class Guard:\n"
        "    def xǁGuardǁok__mutmut_orig(self): return 1\n"
        "    def xǁGuardǁok__mutmut_1(self): return 2\n",
        encoding="utf-8",
    )
    listing = """
    lrdsl.check.tree.xǁGuardǁok__mutmut_1: survived
    lrdsl.check.tree.x__f__mutmut_2: killed
    lrdsl.check.tree.x_f__mutmut_3: not checked
    """
    assert list(tried(listing.strip(), tmp_path)) == [
        Mutant("check/tree.py", "Guard.ok", "survived", "return 1", "return 2"),
        Mutant("check/tree.py", "_f", "killed", "", ""),
    ]
