"""How many schedules a program may have."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl import limits


def program(count: int) -> str:
    return "".join(f"lr[{i}]: const\n" for i in range(count))


def test_as_many_as_are_allowed() -> None:
    assert len(lrdsl.parse(program(limits.TARGETS)).targets) == limits.TARGETS


def test_one_more() -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(program(limits.TARGETS + 1))
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line) == ("too-many-parts", limits.TARGETS + 1)
    assert found.message == "the program drives more than 1,000 things"
    assert found.help == 'a pattern selects many groups at once: `lr["layer.*"]:`'
