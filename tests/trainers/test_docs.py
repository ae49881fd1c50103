"""The blocks of the docs that need a trainer, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

from tests.blocks import Block, each
from tests.docs.loop import side


@each("python", marked="trainers")
def test_a_python_block_runs(block: Block, tmp_path: Path) -> None:
    run(block.text, block, tmp_path)


@each("python", marked="tools")
def test_a_python_block_with_other_tools_runs(block: Block, tmp_path: Path) -> None:
    run(block.text, block, tmp_path)


@each("diff", marked="trainers")
def test_what_is_replaced_trains_at_the_same_rates(block: Block, tmp_path: Path) -> None:
    texts = [side(block.text, sign) + "print(rates)\n" for sign in "-+"]
    before, after = (literal_eval(run(text, block, tmp_path)) for text in texts)
    assert len(before) > 100
    assert after == pytest.approx(before, rel=0, abs=1e-12 * max(before))


def run(text: str, block: Block, folder: Path) -> str:
    """What a script prints last."""
    (folder / "block.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "block.py"], cwd=folder, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, f"{block.place}\n{done.stderr}"
    return done.stdout.strip().rpartition("\n")[2]
