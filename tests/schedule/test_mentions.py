"""Which arguments a shape mentions at its ends: the table of docs/reference/language.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import lrdsl
from lrdsl.cli import main
from tests.library import DEFINITIONS

PAGE = Path(lrdsl.__file__).parents[1] / "docs" / "reference" / "language.md"
ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \| (`\w+`|all) \| (`\w+`|all) \|$", re.MULTILINE)
TABLE = {
    name: (start.strip("`"), end.strip("`"))
    for names, start, end in ROW.findall(PAGE.read_text(encoding="utf-8"))
    for name in re.findall(r"\w+", names)
}
SHAPES = [name for name, found in DEFINITIONS.items() if found.keyword == "shape"]


def test_the_table_has_every_shape() -> None:
    assert sorted(TABLE) == sorted(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_the_command_says_what_the_table_says(name: str) -> None:
    start, end = (
        "what all arguments decide" if word == "all" else f"`{word}`" for word in TABLE[name]
    )
    shown = CliRunner().invoke(main, ["shapes", name]).output
    assert f"\nStarts at {start}, ends at {end}.\n" in shown


# Both parts of a circle are the base, 8; otherwise `const` is what comes before it.
ENDS = {
    "linear(2, 4, 2)": 2,
    "linear(2, next, 2)": 2,
    "linear(2, 4, next)": 8,
    "tanh_decay(2, next, 2)": 2,
    "rex(2, next, 2, beta = 0.3)": 2,
    "cosine_waves(2, 4, 2)": 2,
    "cosine_waves(2, next, 2)": 8,
    "shape own(length: steps, start, high) = start * v + high * u\nown(2, next, 2)": 8,
    "shape own(length: steps, low, end) = low * v + end * u\nown(2, next, 2)": 2,
    "shape own(length: steps, value, high) = value * v + high * u\nown(2, next, 2)": 8,
    "shape own(length: steps, high, value) = high * v + value * u\nown(2, next, 2)": 2,
    "shape own(length: steps, start, end) = start + end * u - end * v\nown(2, 2, next / 2)": 8,
    "over(2, linear(rest, next, 2))": 2,
    "over(3, points([0, 2], [next, 2]))": 8,
    "repeat(linear(2, next, 2), 3)": 2,
    "max(linear(2, next, 2), points([0, 2], [1, 1]))": 2,
    "max(linear(2, next, 2), points([0, 2], [1, next]))": 8,
}


@pytest.mark.parametrize("text", ENDS)
def test_what_follows_asks_for_what_is_mentioned_at_the_end(text: str) -> None:
    schedule = lrdsl.parse(f"{text} >> const").resolve()
    assert schedule(100, base=8.0) == ENDS[text]


def test_a_part_that_is_cut_mentions_all_its_words() -> None:
    """The last cycle of 4 is cut after 2, where its value is made of both ends."""
    text = "over(6, repeat(linear(4, next, 2))) >> const"
    assert lrdsl.parse(text).resolve()(100, base=8.0) == 8
    whole = text.replace("6", "8")
    assert lrdsl.parse(whole).resolve()(100, base=8.0) == 2
