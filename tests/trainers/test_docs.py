"""The blocks of the docs that need a trainer, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.blocks import Block, each


@each("python", marked="trainers")
def test_a_python_block_runs(block: Block, tmp_path: Path) -> None:
    (tmp_path / "block.py").write_text(block.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "block.py"], cwd=tmp_path, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, f"{block.place}\n{done.stderr}"
