"""Blocks about a training loop: they run, and what a diff replaces trains alike."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from tests.blocks import Block, each
from tests.docs.loop import BATCHES, EPOCHS, loop, side

MARKS = {"loop", "trainers", "part of a module"}


def rates(text: str) -> list[float]:
    """The rate of each update of a loop."""
    found = loop()
    with warnings.catch_warnings():
        # torch's own schedulers warn of their own calls.
        warnings.filterwarnings("ignore", category=UserWarning, module="torch")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        exec(compile(text, "<block>", "exec"), found)
    return [float(rate) for rate in found["rates"]]


@each("diff")
def test_a_diff_says_how_it_is_tested(block: Block) -> None:
    assert block.mark in MARKS
    assert {line[:1] for line in block.text.splitlines()} <= {" ", "+", "-", ""}


@each("python", marked="loop")
def test_a_block_in_a_loop(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert rates(block.text)


@each("diff", marked="loop")
def test_what_is_replaced_trains_at_the_same_rates(block: Block) -> None:
    before, after = (rates(side(block.text, sign)) for sign in "-+")
    assert len(before) == len(after) == BATCHES * EPOCHS
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))
