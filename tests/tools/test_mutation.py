from __future__ import annotations

from tools.mutation import statuses, summary

LISTING = """
    lrdsl.check.tree.xǁGuardǁok__mutmut_1: survived
    lrdsl.check.tree.x__f__mutmut_2: killed
    lrdsl.check.tree.x_g__mutmut_1: caught by type check
    lrdsl.check.tree.x_f__mutmut_3: not checked
"""


def test_what_was_not_tried_does_not_count() -> None:
    assert list(statuses(LISTING).values()) == ["survived", "killed", "caught by type check"]
    assert summary(statuses(LISTING)) == "66.7% of 3 changes are noticed"
    assert summary({}) == "0.0% of 0 changes are noticed"
