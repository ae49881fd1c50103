"""The name that was probably meant."""

from __future__ import annotations

import pytest

from lrdsl.wording import closest

# Names of one length, all unlike those below.
OTHERS = [f"z{i:05}" for i in range(300)]


@pytest.mark.parametrize(
    ("word", "names", "wanted"),
    [
        ("cosin", ["sine", "cosine", "sin"], "cosine"),
        ("COSINE", ["sine", "cosine"], "cosine"),
        ("cosine_annealing", ["cosine", "cosine_annealing_warm"], "cosine_annealing_warm"),
        ("linear", ["cosine", "const"], None),
        ("u", [], None),
        ("", ["cosine"], None),
        ("ab", ["abcd", "abcde"], "abcd"),
    ],
)
def test_the_nearest_of_a_few(word: str, names: list[str], wanted: str | None) -> None:
    assert closest(word, names) == wanted


def test_of_hundreds_only_those_that_start_alike_and_are_as_long() -> None:
    """Nothing near is lost among hundreds of others, whatever their place."""
    few, many = ["cosine", *OTHERS[1:]], ["cosine", *OTHERS]
    assert closest("osine", few) == "cosine"
    assert closest("osine", many) is None
    for names in (many, many[::-1]):
        for word in ("cosime", "cxsine", "cosin"):
            assert closest(word, names) == "cosine"
        assert closest("cosi", names) is None


def test_those_of_another_length_take_no_place() -> None:
    names = [*(f"c{i:07}" for i in range(301)), "cosine"]
    assert closest("cosime", names) == "cosine"
