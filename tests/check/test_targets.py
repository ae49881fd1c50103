"""How many schedules a program may have, and of how many parts."""

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


def parts(*counts: int) -> str:
    chains = [" >> ".join(["const(1)"] * count) for count in counts]
    return "\n".join(f"lr[{i}]: {chain}" for i, chain in enumerate(chains))


def test_as_many_parts_as_are_allowed_in_all() -> None:
    half = limits.PARTS // 2
    assert len(lrdsl.parse(parts(half, limits.PARTS - half)).targets) == 2


def test_one_part_more() -> None:
    half = limits.PARTS // 2
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(parts(half, half, 1))
    (found,) = caught.value.diagnostics
    assert (found.slug, found.line) == ("too-many-parts", 3)
    assert found.message == "the schedules of this program have more than 5,000 parts"
    assert found.help == 'a pattern selects many groups at once: `lr["layer.*"]:`'
