"""Blocks about a training loop: they run, and what a diff replaces trains alike."""

from __future__ import annotations

import warnings

import pytest

from tests.blocks import Block, each
from tests.docs.loop import BATCHES, EPOCHS, loop

MARKS = {"loop", "loop, other rates", "trainers", "timm"}


def side(text: str, sign: str) -> str:
    """The lines of a diff that one side has."""
    lines = text.splitlines()
    return "\n".join(line[1:] for line in lines if line[:1] in {" ", sign}) + "\n"


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
def test_a_block_in_a_loop(block: Block) -> None:
    assert rates(block.text)


@each("diff", marked="loop")
def test_what_is_replaced_trains_at_the_same_rates(block: Block) -> None:
    before, after = (rates(side(block.text, sign)) for sign in "-+")
    assert len(before) == len(after) == BATCHES * EPOCHS
    if "other rates" not in block.mark:
        assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))
    else:
        assert after != pytest.approx(before, rel=1e-3)
