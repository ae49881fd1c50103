"""Hovers: what a place says of its part, its value, its length; with and without a run."""

from __future__ import annotations

import pytest

import lrdsl
from lrdsl.resolve.run_arguments import RunArguments

TEXT = """\
param peak = 0.4
let floor = peak / 1000
## Up to the peak.
def up(n) = warmup(n, 0, peak)
lr: up(5ep) >> repeat(cosine(10ep, peak, base / 10), 2) >> const
momentum: const(value = 0.9)
"""
RUN: RunArguments = {"steps_per_epoch": 100}


def hover(mark: str, run: RunArguments | None = None, text: str = TEXT) -> str:
    """What is said at the character after the ``|`` in a piece of a text."""
    offset = text.index(mark.replace("|", "")) + mark.index("|")
    found = lrdsl.analyze(text, **(run or {})).hover(offset)
    return found.markdown if found is not None else ""


@pytest.mark.parametrize(
    ("mark", "run", "said"),
    [
        ("|cosine", RUN, "**cosine** steps 500 … 1,500 (1,000 steps, 10ep): 0.4 → base / 10"),
        ("|repeat", RUN, "**repeat** steps 500 … 2,500 (2,000 steps): 0.4 → base / 10"),
        ("|up(5", RUN, "**warmup** steps 0 … 500 (500 steps, 5ep): 0 → 0.4"),
        ("|warmup", RUN, "**warmup** steps 0 … 500 (500 steps, 5ep): 0 → 0.4"),
        ("> |const", RUN, "**const** from step 2,500 on: base / 10"),
        ("|cosine", None, "**cosine** 5ep … 15ep (10ep): 0.4 → base / 10"),
        ("> |const", None, "**const** from 25ep on: base / 10"),
        ("|up(5", None, "Up to the peak."),
        ("|cosine", None, "cosine(length = rest, start = prev, end = 0)"),
        ("|cosine", None, "Formula: `start * (1 + cos(pi * u)) / 2 + end * (1 - cos(pi * u)) / 2`"),
        ("|cosine", None, "Source: Loshchilov and Hutter 2017"),
        ("|floor", None, "= 4e-4"),
        ("|peak = 0.4", None, "param peak = 0.4"),
        ("|5ep", RUN, "`5ep` = 500 steps"),
        ("|5ep", None, "`5ep`: how many steps this is depends on the run"),
        ("|base", None, "`base`: The optimizer's own value for that parameter group."),
        ("|momentum", None, "`momentum`: Drives the momentum."),
        ("|value = 0.9", None, "`value = prev`: an argument of `const` (a number)"),
    ],
)
def test_what_is_said(mark: str, run: RunArguments | None, said: str) -> None:
    assert said in hover(mark, run)


@pytest.mark.parametrize(
    ("mark", "text"),
    [("| 0.4", TEXT), ("0.|4", TEXT), ("|>> repeat", TEXT), ("# |cosine", "# cosine\nconst")],
)
def test_nothing_is_said_where_there_is_nothing(mark: str, text: str) -> None:
    assert hover(mark, None, text) == ""


def test_a_shape_without_a_known_run_says_what_it_needs() -> None:
    text = "warmup(10) >> cosine"
    assert "**" not in hover("|cosine", None, text)
    assert "Its steps depend on the run: `total` is not known." in hover("|cosine", None, text)
    assert "steps 10 … 50 (40 steps): base → 0" in hover("|cosine", {"total": 50}, text)


def test_each_target_is_told_apart() -> None:
    text = "def down(n) = linear(n, base, 0)\nlr: down(5)\nmomentum: down(7)"
    said = hover("|linear", None, text)
    assert "lr: **linear** steps 0 … 5 (5 steps): base → 0" in said
    assert "momentum: **linear** steps 0 … 7 (7 steps): base → 0" in said


def test_a_definition_that_is_called_often_tells_some_of_its_parts() -> None:
    text = "def up(n) = warmup(n, 0, 1)\n" + " >> ".join(f"up({n})" for n in range(1, 8))
    said = hover("|warmup", None, text)
    assert said.count("**warmup**") == 4
    assert "… and 3 more parts" in said


@pytest.mark.parametrize(
    ("text", "run", "label"),
    [
        (
            "warmup(5) >> cosine(20, base, base / 10)",
            None,
            ["at 0: 0 → base", "at 5: base → base / 10"],
        ),
        ("warmup(5%) >> cosine", None, ["at 0: 0 → base", "at 5%: base → 0"]),
        ("warmup(5%) >> cosine", {"total": 2000}, ["at 0: 0 → base", "at 100: base → 0"]),
        ("warmup(10) >> cosine", None, []),
    ],
)
def test_hints(text: str, run: RunArguments | None, label: list[str]) -> None:
    hints = lrdsl.analyze(text, **(run or {})).hints
    assert [hint.label for hint in hints] == label
    ends = [text.index(")") + 1, len(text)] if label else []
    assert [hint.offset for hint in hints] == ends
