"""The scripts of examples/, each run in a process of its own where no warning is allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]
# What trains with packages of .venv-trainers; the rest runs in `make test`.
TRAINERS = {
    "with_lightning.py": "Lightning: 32 updates, last rate 0",
    "with_transformers.py": "transformers: 40 updates, last rate 0",
}
# Of Lightning itself: about a name that torch 2.13 has changed, and about the machine.
FOREIGN = (
    "`isinstance(treespec, LeafSpec)` is deprecated",
    "The 'train_dataloader' does not have many workers",
    "GPU available but not used",
)


def last_line(script: str, folder: Path, *arguments: str) -> str:
    """Runs a script, and gives the line that it ends with.

    Args:
        script: its path in examples/.
        folder: the current folder of the process.
        arguments: what else is typed.
    """
    filters = [word for start in FOREIGN for word in ("-W", f"ignore:{start}")]
    done = subprocess.run(
        [sys.executable, "-W", "error", *filters, str(ROOT / "examples" / script), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout.splitlines()[-1]
